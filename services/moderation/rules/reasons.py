"""The site's list of reasons for rejecting: its page, and for programs."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.domain.text import has_control_character, normalize_line
from commentdesk.ledger.reasons import (
    MOST_REASONS,
    READER_TEXT_LENGTH,
    REASON_TEXT_LENGTH,
    Reason,
    TooManyReasons,
    list_reasons,
    place_reason,
    retire_reason,
    set_reason,
)
from commentdesk.log import log
from commentdesk.web import Problem
from commentdesk.web.times import stamp
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE
from services.moderation.reasons import reason_words
from services.moderation.rules.frame import rules_page

_CODE_LENGTH = 40
_PLACE_DIGITS = 3
_TEXTS = {
    **dict.fromkeys(("vi", "en"), REASON_TEXT_LENGTH),
    **dict.fromkeys(("reader_vi", "reader_en"), READER_TEXT_LENGTH),
}


class ReasonBody(BaseModel):
    """The body of PUT /v1/reasons/{code}; a text left empty is the product's own."""

    model_config = ConfigDict(strict=True, extra="forbid")

    vi: str = Field("", max_length=REASON_TEXT_LENGTH)
    en: str = Field("", max_length=REASON_TEXT_LENGTH)
    spam: bool = False
    reader_vi: str = Field("", max_length=READER_TEXT_LENGTH)
    reader_en: str = Field("", max_length=READER_TEXT_LENGTH)
    place: int | None = Field(None, ge=0, lt=MOST_REASONS)


async def show_reasons(request: web.Request) -> web.Response:
    """The reasons in their order, those retired below."""
    return await _page(request)


async def set_form(request: web.Request) -> web.Response:
    """Add a reason, write one anew, or bring a retired one back."""
    body = request[BODY]
    try:
        told = {**_texts(body), "spam": body.get("spam") == "yes"}
        said = ReasonBody.model_validate(told)
        await _set(request, text_field(body, "code", _CODE_LENGTH), said)
    except Problem as problem:
        return await _page(request, problem)
    return redirect("/rules/reasons?done=rules_saved")


async def place_form(request: web.Request) -> web.Response:
    """Move a reason up or down."""
    code, place = text_field(request[BODY], "code", _CODE_LENGTH), request[BODY].get("place")
    text = str(place)
    if not (text.isascii() and text.isdecimal() and len(text) < _PLACE_DIGITS):
        raise invalid("place", "wrong_type")
    await place_reason(request.app[LEDGER], code, int(text), session_of(request).account.login)
    return redirect("/rules/reasons")


async def retire_form(request: web.Request) -> web.Response:
    """Offer a reason no more; what was decided for it still says it."""
    code = text_field(request[BODY], "code", _CODE_LENGTH)
    await retire_reason(request.app[LEDGER], code, session_of(request).account.login)
    return redirect("/rules/reasons?done=rules_saved")


async def get_reasons(request: web.Request) -> web.Response:
    """All of them, those in use first and in their order."""
    found = await list_reasons(request.app[LEDGER])
    return web.json_response({"items": [_item(reason) for reason in found], "next": None})


async def put_reason(request: web.Request) -> web.Response:
    """Add it, or write it anew; written to the audit."""
    try:
        said = ReasonBody.model_validate(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None
    code = request.match_info["code"]
    await _set(request, code, said.model_copy(update=_texts(request[BODY])))
    if said.place is not None:
        actor = session_of(request).account.login
        await place_reason(request.app[LEDGER], code, said.place, actor)
    return await _answer(request, code)


async def delete_reason(request: web.Request) -> web.Response:
    """Retire it; doing it twice changes nothing."""
    code = request.match_info["code"]
    await retire_reason(request.app[LEDGER], code, session_of(request).account.login)
    return await _answer(request, code)


async def _set(request: web.Request, code: str, said: ReasonBody) -> None:
    console = request.app[CONSOLE]
    own = console.texts.find(console.language(request), f"why.{code}")
    if not (said.vi or said.en or own):
        raise invalid("vi", "required")
    actor = session_of(request).account.login
    try:
        told = said.model_dump(include={*_TEXTS, "spam"})
        await set_reason(request.app[LEDGER], code, **told, actor=actor)
    except TooManyReasons:
        raise invalid("code", "too_many_reasons", most=MOST_REASONS) from None
    except ValueError:
        raise invalid("code", "not_a_code") from None
    log.info("reason_set", reason=code)


async def _answer(request: web.Request, code: str) -> web.Response:
    found = await list_reasons(request.app[LEDGER])
    for reason in found:
        if reason.code == code:
            return web.json_response(_item(reason))
    raise Problem(404, "not_found")


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    found = await list_reasons(request.app[LEDGER])
    return await rules_page(
        request,
        "rules_reasons.html",
        "reasons",
        problem,
        in_use=[reason for reason in found if reason.retired_at is None],
        retired=[reason for reason in found if reason.retired_at is not None],
        words=(await reason_words(request)).known,
        longest=_TEXTS,
    )


def _texts(body: dict[str, Any]) -> dict[str, str]:
    return {name: _text(body, name, length) for name, length in _TEXTS.items()}


def _text(body: dict[str, Any], name: str, length: int) -> str:
    text = normalize_line(text_field(body, name, length))
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def _item(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "vi": reason.vi,
        "en": reason.en,
        "reader_vi": reason.reader_vi,
        "reader_en": reason.reader_en,
        "place": reason.place,
        "spam": reason.spam,
        "retired_at": stamp(reason.retired_at) if reason.retired_at else None,
    }
