"""Whether the reader of a form has shown, by a one-time code, that its phone is theirs."""

import re
import secrets

from aiohttp import web
from prometheus_client import Counter

from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.phone import digits_of
from commentdesk.phones import read_phone
from commentdesk.web import SETTINGS, FieldError
from services.intake import keys
from services.intake.code_store import Tried
from services.intake.forms import Form

FIELD = "phone_code"
TRIES = Counter("commentdesk_phone_code_tries_total", "Codes typed into forms", ["result"])
_SESSION = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
_SESSION_BYTES = 24
_ERRORS = {
    Tried.WRONG: ErrorCode.PHONE_CODE_WRONG,
    Tried.BURNT: ErrorCode.PHONE_CODE_BURNT,
    Tried.SPENT: ErrorCode.PHONE_CODE_SPENT,
    Tried.EXPIRED: ErrorCode.PHONE_CODE_EXPIRED,
    Tried.UNKNOWN: ErrorCode.PHONE_CODE_UNKNOWN,
}


def session_of(form: Form) -> str:
    """What tells the form a code was asked for in from every other; no cookie, nothing kept."""
    given = form["phone_code_session"]
    return given if _SESSION.fullmatch(given) else new_session()


def new_session() -> str:
    return secrets.token_urlsafe(_SESSION_BYTES)


def brings_code(request: web.Request, form: Form) -> bool:
    """Whether there is a code to be looked at, and a phone it may be of."""
    asked = request.app[SETTINGS].asks_for_codes
    return asked and _sound(form, "phone") and _sound(form, FIELD)


def missing_proof(request: web.Request, form: Form) -> FieldError | None:
    """Where codes are required: a phone without one."""
    required = request.app[SETTINGS].phone_codes == "required"
    if required and _sound(form, "phone") and not form[FIELD]:
        return FieldError(FIELD, ErrorCode.PHONE_CODE_REQUIRED)
    return None


async def try_code(request: web.Request, form: Form, taker: str) -> FieldError | None:
    """None if the code is right. `taker`, the captcha of a form with nothing else wrong, takes it:
    one code, one comment. "" leaves it for the form put right.
    """
    number = read_phone(form["phone"], request.app[SETTINGS].phone_region)
    tried = await request.app[keys.CODE_STORE].attempt(
        form["phone_code_session"], number.e164, digits_of(form[FIELD]), taker
    )
    TRIES.labels(tried).inc()
    return None if tried is Tried.RIGHT else FieldError(FIELD, _ERRORS[tried])


def _sound(form: Form, field: str) -> bool:
    """Whether it is filled in, and rightly."""
    return bool(form[field]) and all(error.field != field for error in form.errors)
