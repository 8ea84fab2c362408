"""The site's list of reasons for rejecting: its page, and for programs."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from commentdesk.domain.moments import stamp
from commentdesk.domain.text import has_control_character, normalize_line
from commentdesk.languages import TAG_PATTERN
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
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE
from services.moderation.reasons import reason_words
from services.moderation.rules.frame import rules_page

_CODE_LENGTH = 40
_PLACE_DIGITS = 3


_Language = Annotated[str, StringConstraints(pattern=f"^{TAG_PATTERN}$")]
_Words = Annotated[str, StringConstraints(max_length=REASON_TEXT_LENGTH)]
_Sentence = Annotated[str, StringConstraints(max_length=READER_TEXT_LENGTH)]
_MOST_LANGUAGES = 40
# The form has a field of each a language: words.vi, reader_words.vi
_LENGTHS = {"words": REASON_TEXT_LENGTH, "reader_words": READER_TEXT_LENGTH}


class ReasonBody(BaseModel):
    """The body of PUT /v1/reasons/{code}.

    Words, and those for readers, are by language; an empty text takes them away, and languages not
    named keep theirs. Without any the product says its own.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    words: dict[_Language, _Words] = Field(default_factory=dict, max_length=_MOST_LANGUAGES)
    reader_words: dict[_Language, _Sentence] = Field(
        default_factory=dict, max_length=_MOST_LANGUAGES
    )
    spam: bool = False
    place: int | None = Field(None, ge=0, lt=MOST_REASONS)


async def show_reasons(request: web.Request) -> web.Response:
    """The reasons in their order, those retired below."""
    return await _page(request)


async def set_form(request: web.Request) -> web.Response:
    """Add a reason, write one anew, or bring a retired one back."""
    body = request[BODY]
    try:
        languages = request.app[CONSOLE].texts.languages
        typed = {
            name: {tag: body[f"{name}.{tag}"] for tag in languages if f"{name}.{tag}" in body}
            for name in _LENGTHS
        }
        said = ReasonBody(**_clean(typed), spam=body.get("spam") == "yes")
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
    clean = _clean({name: getattr(said, name) for name in _LENGTHS})
    await _set(request, code, said.model_copy(update=clean))
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
    if not console.texts.find(console.language(request), f"why.{code}"):
        known = await list_reasons(request.app[LEDGER])
        kept = next((reason.words for reason in known if reason.code == code), {})
        if not any({**kept, **said.words}.values()):
            raise invalid("words", "required")
    actor = session_of(request).account.login
    try:
        told = said.model_dump(include={*_LENGTHS, "spam"})
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
        longest=_LENGTHS,
    )


def _clean(typed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Words and words for readers, by language."""
    return {
        name: {tag: _text(f"{name}.{tag}", text, _LENGTHS[name]) for tag, text in said.items()}
        for name, said in typed.items()
    }


def _text(name: str, typed: Any, length: int) -> str:
    text = normalize_line(text_field({name: typed}, name, length))
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def _item(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "words": reason.words,
        "reader_words": reason.reader_words,
        "place": reason.place,
        "spam": reason.spam,
        "retired_at": stamp(reason.retired_at) if reason.retired_at else None,
    }
