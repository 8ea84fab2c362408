"""One form on its way in: limit, fields, captcha, commit. The views only read and render."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import uuid_utils
from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.addresses import address_bucket, neighbourhood_of
from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.state import State
from commentdesk.domain.submission import Submission
from commentdesk.ledger.admit import Admission, Admitted, Receipt, find_admitted, form_hash
from commentdesk.ledger.desk import state_of
from commentdesk.limits import allows_one
from commentdesk.phones import read_phone
from commentdesk.web import SETTINGS, FieldError, Problem, client_address, language_of
from services.intake import keys
from services.intake.admission import CaptchaBurnt
from services.intake.captcha import Captcha, CaptchaUnknown
from services.intake.facts import client_facts
from services.intake.forms import Form, read_form
from services.intake.proof import brings_code, missing_proof, try_code

_FIELD = "captcha_answer"
_BROWSER_HEADERS = ("User-Agent", "Accept-Language")
_HEADER_LENGTH = 300


@dataclass(frozen=True)
class Judged:
    """The captcha if its answer counts, else what is wrong, else an earlier receipt."""

    captcha: Captcha | None = None
    error: str | None = None
    receipt: Receipt | None = None


async def submit(request: web.Request, article: str, body: Mapping[str, Any]) -> Receipt:
    """Take one form in; the receipt of the submission that is now in the ledger.

    Raises:
        Problem: 404, 409, 422 with a code per field (and a fresh captcha), 429, 503.
    """
    await request.app[keys.ARTICLES].find_open(article)
    settings = request.app[SETTINGS]
    await limit_again(request, article, "submissions", settings.submissions_limit)
    form = read_form(body, settings)
    submission = submission_of(request, article, form)
    judged = await judge(request, form, submission)
    errors = list(form.errors)
    wrong = {error.field for error in errors}
    # A parent that is wrong already is not asked for: PostgreSQL refuses a NUL even in a question.
    if "parent_id" not in wrong and not await _parent_stands(request, submission):
        errors.append(FieldError("parent_id", ErrorCode.PARENT_UNKNOWN))
    if form["phone"] and "phone" not in wrong:
        errors += await _unused_phone(request, article, form)
    if unproven := missing_proof(request, form):
        errors.append(unproven)
    proves = brings_code(request, form)
    # A code is not given for a captcha that is lost: it would be lost with it.
    if (errors or proves) and judged.captcha:
        judged = await judge_kept(request, judged.captcha, submission)
    if judged.receipt:
        return judged.receipt
    if judged.error and _FIELD not in wrong:
        errors.append(FieldError(_FIELD, judged.error))
    if proves:
        taker = judged.captcha.nonce if judged.captcha and not errors else ""
        unproven = await try_code(request, form, taker)
        errors += [unproven] if unproven else []
    if errors or judged.captcha is None:
        raise invalid(request, article, errors, fresh=judged.captcha is None)
    client = client_facts(request.app[keys.FACTS], article, body)
    submission = replace(submission, phone_proven=proves, client=client)
    return await _commit(request, submission, judged.captcha)


async def limit_submissions(request: web.Request) -> None:
    """Count one try of this address.

    Raises:
        Problem: 429 with Retry-After.
    """
    settings = request.app[SETTINGS]
    await limit(request, "submissions", settings.submissions_limit)


async def limit_again(request: web.Request, article: str, name: str, rate: str) -> None:
    """Count a second time what is about a breaking story, so that half as many are let pass.

    Raises:
        Problem: 429 with Retry-After.
    """
    if (await request.app[keys.NEWSROOM].on(article)).tight and not allows_one(rate):
        await limit(request, name, rate)


async def limit(request: web.Request, name: str, rate: str) -> None:
    """Count one use of `name` by the request's address.

    Raises:
        Problem: 429 with Retry-After.
    """
    if not request.app[SETTINGS].limits:
        return
    wait = await request.app[keys.LIMITS].hit(name, address_hash(request), rate)
    if wait is not None:
        raise Problem(429, "too_many_requests", retry_after=wait)


def address_hash(request: web.Request) -> str:
    """The sender, as limits count it; hashed, for an address is personal and Redis is no place."""
    address = client_address(request, request.app[SETTINGS].trusted_proxies)
    return request.app[keys.LEDGER].personal.keyed_hash(address_bucket(address)).hex()


def captcha_document(request: web.Request, captcha: Captcha) -> dict[str, str]:
    """A captcha as a client sees it."""
    base = f"{request.app[SETTINGS].intake_url}/v1/captchas/{captcha.id}"
    return {
        "id": captcha.id,
        "image_url": f"{base}/image",
        "audio_url": f"{base}/audio",
        "expires_at": captcha.expires_at.isoformat().replace("+00:00", "Z"),
    }


def submission_of(request: web.Request, article: str, form: Form) -> Submission:
    address = client_address(request, request.app[SETTINGS].trusted_proxies)
    return Submission(
        id=str(uuid_utils.uuid7()),
        article=article,
        name=form["name"],
        title=form["title"],
        content=form["content"],
        language=language_of(request),
        received_at=now(),
        phone=form["phone"],
        address=address,
        browser=_browser(request, address),
        parent=form["parent_id"] or None,
        consent=form.consent_version is not None,
        consent_version=form.consent_version,
    )


def _browser(request: web.Request, address: str) -> str:
    """What tells one browser from another without a cookie; of it a keyed hash alone is kept."""
    shown = (request.headers.get(name, "")[:_HEADER_LENGTH] for name in _BROWSER_HEADERS)
    return "\n".join([neighbourhood_of(address), *shown])


async def judge(request: web.Request, form: Form, submission: Submission) -> Judged:
    """Tell a right answer from wrong, expired, spent and forged; a wrong one burns the captcha."""
    if not form["captcha_id"] or not form["captcha_answer"]:
        return Judged(error=ErrorCode.REQUIRED)
    try:
        captcha = request.app[keys.CAPTCHAS].open(form["captcha_id"])
    except CaptchaUnknown:
        return Judged(error=ErrorCode.CAPTCHA_INVALID)
    if captcha.article != submission.article:
        return Judged(error=ErrorCode.CAPTCHA_INVALID)
    right = captcha.accepts(form["captcha_answer"])
    if captcha.expired(now()):
        return await _judge_lost(request, captcha, submission, right, ErrorCode.CAPTCHA_EXPIRED)
    if right:
        return Judged(captcha=captcha)
    # Burnt before anything is waited for: guesses sent all at once come after the first.
    first = await request.app[keys.BURNT].burn(captcha.nonce)
    error = ErrorCode.CAPTCHA_WRONG if first else ErrorCode.CAPTCHA_BURNT
    return await _judge_lost(request, captcha, submission, right, error)


async def _judge_lost(
    request: web.Request, captcha: Captcha, submission: Submission, right: bool, error: ErrorCode
) -> Judged:
    earlier = await _earlier(request, captcha, submission)
    if earlier and right and earlier.result is Admitted.REPEATED:
        return Judged(receipt=earlier)
    return Judged(error=ErrorCode.CAPTCHA_SPENT if earlier else error)


async def judge_kept(request: web.Request, captcha: Captcha, submission: Submission) -> Judged:
    """A right answer beside other mistakes is said to be right only while the captcha is good.

    Else a form with a mistake in it would tell, guess by guess, what a burnt captcha's answer was.
    """
    burnt = await request.app[keys.BURNT].among([captcha.nonce])
    lost = await _judge_lost(request, captcha, submission, True, ErrorCode.CAPTCHA_BURNT)
    still_good = not burnt and lost.error is ErrorCode.CAPTCHA_BURNT
    return Judged(captcha=captcha) if still_good else lost


async def _earlier(
    request: web.Request, captcha: Captcha, submission: Submission
) -> Receipt | None:
    """The receipt of the submission that spent this captcha, if one did."""
    ledger = request.app[keys.LEDGER]
    found = await find_admitted(ledger, bytes.fromhex(captcha.nonce))
    if found is None:
        return None
    return found.receipt(form_hash(ledger, submission))


async def _unused_phone(request: web.Request, article: str, form: Form) -> list[FieldError]:
    """On a breaking story a phone is one that is in use, or is left out."""
    if not (await request.app[keys.NEWSROOM].on(article)).tight:
        return []
    number = read_phone(form["phone"], request.app[SETTINGS].phone_region)
    return [] if number.valid else [FieldError("phone", ErrorCode.PHONE_UNUSED)]


async def _parent_stands(request: web.Request, submission: Submission) -> bool:
    if submission.parent is None:
        return True
    found = await state_of(request.app[keys.LEDGER], submission.parent)
    return found == (State.PUBLISHED, submission.article)


async def _commit(request: web.Request, submission: Submission, captcha: Captcha) -> Receipt:
    admission = Admission(submission, bytes.fromhex(captcha.nonce))
    try:
        receipt = await request.app[keys.COMMITS].submit(admission, captcha.nonce)
    except CaptchaBurnt as error:
        # A wrong answer after the captcha was spent takes nothing from the comment that stands.
        earlier = await _earlier(request, captcha, submission)
        if earlier is None:
            burnt = FieldError(_FIELD, ErrorCode.CAPTCHA_BURNT)
            raise invalid(request, submission.article, [burnt], fresh=True) from error
        receipt = earlier
    if receipt.result is Admitted.SPENT:
        spent = FieldError(_FIELD, ErrorCode.CAPTCHA_SPENT)
        raise invalid(request, submission.article, [spent], fresh=True)
    return receipt


def invalid(
    request: web.Request, article: str, errors: list[FieldError], *, fresh: bool
) -> Problem:
    """422; with a fresh captcha where the old one is of no more use."""
    extra = {}
    if fresh:
        captcha = request.app[keys.CAPTCHAS].mint(article)
        extra = {"captcha": captcha_document(request, captcha)}
    return Problem(422, "invalid", errors=errors, extra=extra)
