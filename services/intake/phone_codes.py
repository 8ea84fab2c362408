"""Asking for a one-time code: the same answer for every number that can be one."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from commentdesk.domain.errors import ErrorCode
from commentdesk.phones import read_phone
from commentdesk.web import SETTINGS, FieldError, Problem, language_of, read_body
from services.intake import keys
from services.intake.code_dispatch import Wanted
from services.intake.forms import read_form
from services.intake.judging import Judged, judge, judge_kept
from services.intake.proof import session_of
from services.intake.submit import (
    address_hash,
    invalid,
    limit,
    limit_again,
    submission_of,
)

_NO_STORE = {"Cache-Control": "no-store"}


async def create_phone_code(request: web.Request) -> web.Response:
    """202 with the session to send along with the code, whatever becomes of it; 404 while off."""
    if not request.app[SETTINGS].asks_for_codes:
        raise Problem(404, "not_found")
    body = await read_body(request)
    article = body.get("article")
    if not isinstance(article, str):
        raise Problem(422, "invalid", errors=[FieldError("article", ErrorCode.REQUIRED)])
    session = await ask_for_code(request, article, body)
    seconds = request.app[SETTINGS].phone_code_seconds
    answer = {"phone_code_session": session, "seconds": seconds}
    return web.json_response(answer, status=202, headers=_NO_STORE)


async def ask_for_code(request: web.Request, article: str, body: Mapping[str, Any]) -> str:
    """Have a code sent to the form's phone, if there is one to be sent; the session it is for.

    A text message costs the site money, so it costs the sender a captcha solved: the form's own,
    looked at and not spent, which buys one code and stays good for the comment. What becomes of
    the number is found out after the answer (code_dispatch.py).

    Raises:
        Problem: 404, 409, 422 (no number, captcha not right or used for a code), 429.
    """
    settings = request.app[SETTINGS]
    await limit(request, "phone_codes", settings.submissions_limit)
    await request.app[keys.ARTICLES].find_open(article)
    await limit_again(request, article, "phone_codes", settings.submissions_limit)
    form = read_form(body, settings)
    if errors := [error for error in form.errors if error.field == "phone"]:
        raise await invalid(request, article, errors, None)
    if not form["phone"]:
        missing = FieldError("phone", ErrorCode.REQUIRED)
        raise await invalid(request, article, [missing], None)
    submission = submission_of(request, article, form)
    judged = await judge_kept(request, await judge(request, form, submission), submission)
    if judged.captcha is None or judged.error:
        error = judged.error or FieldError(judged.field, ErrorCode.CAPTCHA_SPENT)
        raise await invalid(request, article, [error], judged)
    if not await request.app[keys.CODE_STORE].buys_one(judged.captcha.nonce):
        used = FieldError(judged.field, ErrorCode.CAPTCHA_BOUGHT_CODE)
        raise await invalid(request, article, [used], Judged(judged.field))
    wait = await request.app[keys.CODE_BUDGET].wait_of_address(address_hash(request))
    if wait is not None:
        raise Problem(429, "too_many_requests", retry_after=wait)
    session = session_of(form)
    number = read_phone(form["phone"], settings.phone_region)
    request.app[keys.CODE_DISPATCH].want(Wanted(number, session, language_of(request)))
    return session
