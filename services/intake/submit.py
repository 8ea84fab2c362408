"""One form on its way in: limit, fields, captcha, commit. The views only read and render."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import uuid_utils
from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.addresses import address_bucket, neighbourhood_of
from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.state import State
from commentdesk.domain.submission import Submission
from commentdesk.ledger.admit import Admission, Admitted, Receipt
from commentdesk.ledger.desk import state_of
from commentdesk.limits import allows_one
from commentdesk.phones import read_phone
from commentdesk.web import SETTINGS, FieldError, Problem, client_address, language_of
from commentdesk.web.language import TEXTS
from services.intake import keys
from services.intake.admission import CaptchaBurnt
from services.intake.asking import PLAIN, captcha_document
from services.intake.captcha.minting import Captcha
from services.intake.captcha.surge import Seen
from services.intake.consent import agreement, what_is_kept
from services.intake.facts import client_facts
from services.intake.forms import Form, read_form
from services.intake.judging import ANSWER, Judged, earlier_receipt, judge, judge_kept
from services.intake.proof import brings_code, missing_proof, try_code

_BROWSER_HEADERS = ("User-Agent", "Accept-Language")
_HEADER_LENGTH = 300


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
    await _limit_plain(request, article)
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
    if errors or judged.error or proves:
        judged = await judge_kept(request, judged, submission)
    if judged.receipt:
        return judged.receipt
    if judged.error and judged.error.field not in wrong:
        errors.append(judged.error)
    if proves:
        taker = judged.captcha.nonce if judged.captcha and not errors else ""
        unproven = await try_code(request, form, taker)
        errors += [unproven] if unproven else []
    if errors or judged.captcha is None:
        raise await invalid(request, article, errors, judged)
    await _limit_heard(request, form, judged.captcha)
    client = client_facts(request.app[keys.FACTS], article, body)
    submission = replace(submission, phone_proven=proves, client=client)
    return await _commit(request, submission, judged, judged.captcha)


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


async def _commit(
    request: web.Request, submission: Submission, judged: Judged, captcha: Captcha
) -> Receipt:
    admission = Admission(submission, bytes.fromhex(captcha.nonce))
    lost: ErrorCode | None = None
    try:
        receipt = await request.app[keys.COMMITS].submit(admission, captcha.nonce)
    except CaptchaBurnt:
        # A wrong answer after the captcha was spent takes nothing from the comment that stands.
        earlier = await earlier_receipt(request, captcha, submission)
        lost = None if earlier else ErrorCode.CAPTCHA_BURNT
        receipt = earlier or Receipt(submission.id, Admitted.SPENT, submission.received_at)
    if receipt.result is Admitted.SPENT:
        error = FieldError(judged.field, lost or ErrorCode.CAPTCHA_SPENT)
        raise await invalid(request, submission.article, [error], Judged(judged.field))
    if receipt.result is Admitted.ACCEPTED:
        request.app[keys.SURGE].count(Seen.COMMENT, submission.article)
    return receipt


async def invalid(
    request: web.Request, article: str, errors: list[FieldError], judged: Judged | None
) -> Problem:
    """422, with what there is to be solved now, a fresh captcha or more work for the same, and with
    what there is to be agreed to, if that was not.

    `judged` is None where the captcha was not looked at.
    """
    extra: dict[str, Any] = {}
    if judged and judged.captcha is None:
        fresh = request.app[keys.CAPTCHAS].mint(article)
        extra = {"captcha": await captcha_document(request, fresh)}
    elif judged and judged.captcha and judged.error:
        extra = {"captcha": await captcha_document(request, judged.captcha, judged.ask)}
    if any(error.field == "consent" for error in errors):
        extra["consent"] = _to_be_agreed_to(request)
    return Problem(422, "invalid", errors=errors, extra=extra)


def _to_be_agreed_to(request: web.Request) -> dict[str, str]:
    texts, settings = request.app[TEXTS], request.app[SETTINGS]
    words = what_is_kept(texts, settings, language_of(request))
    return {**agreement(settings), "words": words}


async def _limit_plain(request: web.Request, article: str) -> None:
    """In a surge the form without script, which can do no work, has a limit of its own."""
    if request.get(PLAIN) and request.app[keys.SURGE].step(article):
        await limit(request, "plain", request.app[SETTINGS].surge_plain_limit)


async def _limit_heard(request: web.Request, form: Form, captcha: Captcha) -> None:
    """The same where it brings what was heard; in a surge that was counted already."""
    surges = request.app[keys.SURGE].step(captcha.article)
    if request.get(PLAIN) and not surges and captcha.heard(form[ANSWER]):
        await limit(request, "plain", request.app[SETTINGS].surge_plain_limit)
