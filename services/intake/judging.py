"""What a form brings to show that it may be taken: a right answer, work done, or what is wrong."""

from dataclasses import dataclass

from aiohttp import web
from prometheus_client import Counter

from commentdesk.database import now
from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.submission import Submission
from commentdesk.ledger.admit import Admitted, Receipt, find_admitted, form_hash
from commentdesk.web import FieldError
from services.intake import keys
from services.intake.asking import Ask, asked_of, tries_for, with_answer
from services.intake.captcha.minting import Captcha, CaptchaUnknown
from services.intake.captcha.surge import Seen
from services.intake.captcha.work import Worked
from services.intake.forms import Form

ANSWER, WORK = "captcha_answer", "captcha_work"
JUDGED = Counter("commentdesk_captcha_answers_total", "Captchas judged", ["result"])


@dataclass(frozen=True)
class Judged:
    """The captcha if it is still good, else an earlier receipt; and what is wrong.

    `field` is where a lost captcha is told, `proven` whether the form brought what was asked for,
    or did when that was less; `ask` is what is asked of who gave this answer.
    """

    field: str
    captcha: Captcha | None = None
    error: FieldError | None = None
    receipt: Receipt | None = None
    proven: bool = False
    ask: Ask | None = None


async def judge(request: web.Request, form: Form, submission: Submission) -> Judged:
    """Tell right from wrong, expired, spent and forged; a wrong answer burns the captcha.

    Work that is missing, too little or wrong costs nothing but more work.
    """
    judged = await _judge(request, form, submission)
    JUDGED.labels(judged.error.code if judged.error else "right").inc()
    return judged


async def judge_kept(request: web.Request, judged: Judged, submission: Submission) -> Judged:
    """A right answer beside other mistakes is said to be right only while the captcha is good.

    Else a form with a mistake in it would tell, guess by guess, what a burnt captcha's answer was.
    """
    if judged.captcha is None:
        return judged
    nonce = judged.captcha.nonce
    lost = _Lost(request, judged.captcha, submission, judged.field)
    found = await lost.as_(ErrorCode.CAPTCHA_BURNT, proven=judged.proven)
    burnt = await request.app[keys.BURNT].among([nonce])
    still_good = not burnt and found.error and found.error.code == ErrorCode.CAPTCHA_BURNT
    return judged if still_good else found


async def earlier_receipt(
    request: web.Request, captcha: Captcha, submission: Submission
) -> Receipt | None:
    """The receipt of the submission that spent this captcha, if one did."""
    ledger = request.app[keys.LEDGER]
    found = await find_admitted(ledger, bytes.fromhex(captcha.nonce))
    return None if found is None else found.receipt(form_hash(ledger, submission))


async def _judge(request: web.Request, form: Form, submission: Submission) -> Judged:
    ask = asked_of(request, submission.article)
    answers = _is_answered(form, ask)
    field = ANSWER if answers else WORK
    if not form["captcha_id"] or (answers and not form[ANSWER]):
        return Judged(field, error=FieldError(field, ErrorCode.REQUIRED))
    captcha = _opened(request, form, submission)
    if captcha is None:
        return Judged(field, error=FieldError(field, ErrorCode.CAPTCHA_INVALID))
    ask = with_answer(request, ask, captcha, form[ANSWER])
    worked = Worked.DONE
    if ask.has_work and not (answers and ask is Ask.EITHER):
        tries = tries_for(request, captcha.article)
        worked = request.app[keys.WORKS].judge(captcha, form[WORK], tries)
    right = captcha.accepts(form[ANSWER]) if answers else worked.is_of_this_captcha
    lost = _Lost(request, captcha, submission, field)
    if captcha.expired(now()):
        return await lost.as_(ErrorCode.CAPTCHA_EXPIRED, proven=right)
    if answers and not right:
        return await _burn(lost)
    error = None if worked is Worked.DONE else FieldError(WORK, _unworked(worked, ask))
    return Judged(field, captcha, error, proven=right, ask=ask)


def _opened(request: web.Request, form: Form, submission: Submission) -> Captcha | None:
    """The form's captcha, if it is one of ours for this article."""
    try:
        captcha = request.app[keys.CAPTCHAS].open(form["captcha_id"])
    except CaptchaUnknown:
        return None
    return captcha if captcha.article == submission.article else None


async def _burn(lost: "_Lost") -> Judged:
    # Burnt before anything is waited for: guesses sent all at once come after the first.
    request, captcha = lost.request, lost.captcha
    first = await request.app[keys.BURNT].burn(captcha.nonce)
    if first:
        request.app[keys.SURGE].count(Seen.WRONG, captcha.article)
    error = ErrorCode.CAPTCHA_WRONG if first else ErrorCode.CAPTCHA_BURNT
    return await lost.as_(error, proven=False)


def _is_answered(form: Form, ask: Ask) -> bool:
    """Whether it is the answer that counts; where there is a choice, it is the form's."""
    if ask is Ask.EITHER:
        return bool(form[ANSWER]) or not form[WORK]
    return ask.has_picture


def _unworked(worked: Worked, ask: Ask) -> ErrorCode:
    if worked is Worked.WRONG:
        return ErrorCode.CAPTCHA_WORK_WRONG
    missing = worked is Worked.MISSING and ask is Ask.WORK
    return ErrorCode.REQUIRED if missing else ErrorCode.CAPTCHA_WORK_REQUIRED


@dataclass(frozen=True)
class _Lost:
    """A captcha that is of no more use, but for the form that has spent it."""

    request: web.Request
    captcha: Captcha
    submission: Submission
    field: str

    async def as_(self, error: ErrorCode, *, proven: bool) -> Judged:
        earlier = await earlier_receipt(self.request, self.captcha, self.submission)
        if earlier and proven and earlier.result is Admitted.REPEATED:
            return Judged(self.field, receipt=earlier, proven=True)
        code = ErrorCode.CAPTCHA_SPENT if earlier else error
        return Judged(self.field, error=FieldError(self.field, code))
