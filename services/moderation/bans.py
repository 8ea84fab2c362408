"""Bans of phones, addresses and names, for programs: by submission, so that no number is told."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.ledger.bans import Ban, NothingToBan, ban, lift_ban, list_bans
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.api import refused_body
from services.moderation.asked import cursor_of
from services.moderation.auth import session_of
from services.moderation.decisions import NOTE_LENGTH
from services.moderation.fields import invalid, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.showing import plain

BAN: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "submission", "until", "actor", "at", "note"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "submission", "actor", "note")},
        "kind": {"enum": [str(kind) for kind in BanKind]},
        "until": {"type": ["string", "null"], "format": "date-time"},
        "at": {"type": "string", "format": "date-time"},
    },
}
_PAGE_SIZE = 50
_MOST_DAYS = 3_650


class BanBody(BaseModel):
    """The body of POST /v1/bans; without `days` the ban has no end."""

    model_config = ConfigDict(strict=True, extra="forbid")

    submission: str = Field(pattern=r"^[0-9a-f-]{36}$")
    kind: Literal["phone", "address", "name"]
    days: int | None = Field(None, ge=1, le=_MOST_DAYS)
    note: str = Field("", max_length=NOTE_LENGTH)


async def get_bans(request: web.Request) -> web.Response:
    """The newest first, those that have ended too."""
    found = await list_bans(request.app[LEDGER], cursor_of(request), _PAGE_SIZE)
    following = found[-1].id if len(found) == _PAGE_SIZE else None
    return web.json_response({"items": [_item(each) for each in found], "next": following})


async def post_ban(request: web.Request) -> web.Response:
    """Ban what a submission holds; written to the audit."""
    actor, body = session_of(request).account.login, _body(request)
    try:
        made = await ban(
            request.app[LEDGER],
            body.submission,
            BanKind(body.kind),
            actor,
            until=now() + timedelta(days=body.days) if body.days else None,
            note=text_field(request[BODY], "note", NOTE_LENGTH),
        )
    except NothingToBan:
        raise invalid("kind", "nothing_to_ban") from None
    if made is None:
        raise Problem(404, "not_found")
    log.info("banned", submission=body.submission, kind=body.kind)
    return web.json_response(_item(made))


async def delete_ban(request: web.Request) -> web.Response:
    """Lift it; doing it twice changes nothing."""
    actor, ban_id = session_of(request).account.login, request.match_info["id"]
    if await lift_ban(request.app[LEDGER], ban_id, actor):
        log.info("ban_lifted", ban=ban_id)
    return web.json_response({"id": ban_id, "lifted": True})


def _body(request: web.Request) -> BanBody:
    try:
        return BanBody.model_validate(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None


def _item(made: Ban) -> dict[str, Any]:
    document: dict[str, Any] = plain({**asdict(made), "kind": str(made.kind)})
    return document
