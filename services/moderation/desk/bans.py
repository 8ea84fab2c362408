"""Bans of phones, addresses and names, for programs: by submission, so that no number is told."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.domain.state import Action
from commentdesk.ledger.accounts import Role
from commentdesk.ledger.bans import (
    Ban,
    BanOfAnother,
    NothingToBan,
    ban,
    lift_ban,
    list_bans,
    waiting_like,
)
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import sections_of, session_of
from services.moderation.bodies import checked
from services.moderation.desk.asked import cursor_of
from services.moderation.desk.decisions import NOTE_LENGTH, Batch, Wish, decide_together
from services.moderation.desk.showing import plain
from services.moderation.fields import back_to, invalid, text_field
from services.moderation.keys import BODY, LEDGER

BAN: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "submission", "until", "actor", "at", "note"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "actor", "note")},
        "submission": {
            "type": ["string", "null"],
            "description": "null, and no note, where it is of a section that is not shown to you",
        },
        "kind": {"enum": [str(kind) for kind in BanKind]},
        "until": {"type": ["string", "null"], "format": "date-time"},
        "at": {"type": "string", "format": "date-time"},
    },
}
_PAGE_SIZE = 50
# The reason written on what is rejected with a ban.
_BANNED = "ban"
_MOST_DAYS = 3_650


class BanBody(BaseModel):
    """The body of POST /v1/bans; without `days` the ban has no end."""

    model_config = ConfigDict(strict=True, extra="forbid")

    submission: str = Field(pattern=r"^[0-9a-f-]{36}$")
    kind: Literal["phone", "address", "name"]
    days: int | None = Field(None, ge=1, le=_MOST_DAYS)
    note: str = Field("", max_length=NOTE_LENGTH)
    reject_waiting: bool = False


async def get_bans(request: web.Request) -> web.Response:
    """The newest first, those that have ended too."""
    ledger, sections = request.app[LEDGER], sections_of(request)
    found = await list_bans(ledger, cursor_of(request), _PAGE_SIZE, sections)
    following = found[-1].id if len(found) == _PAGE_SIZE else None
    return web.json_response({"items": [_item(each) for each in found], "next": following})


async def post_ban(request: web.Request) -> web.Response:
    """Ban what a submission holds; written to the audit."""
    made, batch = await ban_and_reject(request, checked(BanBody, request[BODY]))
    rejected = {"batch": batch and batch.id, "rejected": batch.done if batch else 0}
    return web.json_response({**_item(made), **rejected})


async def ban_and_reject(request: web.Request, body: BanBody) -> tuple[Ban, Batch | None]:
    """Ban what a submission holds, and if wanted reject all of the same that waits.

    Raises:
        Problem: 404 for no such submission, 422 where it has no such thing.
    """
    ledger, sections, kind = request.app[LEDGER], sections_of(request), BanKind(body.kind)
    try:
        made = await ban(
            ledger,
            body.submission,
            kind,
            session_of(request).account.login,
            until=now() + timedelta(days=body.days) if body.days else None,
            note=text_field(request[BODY], "note", NOTE_LENGTH),
            sections=sections,
            own_only=not _overrules(request),
        )
    except NothingToBan:
        raise invalid("kind", "nothing_to_ban") from None
    if made is None:
        raise Problem(404, "not_found")
    log.info("banned", submission=body.submission, kind=body.kind)
    waiting = await waiting_like(ledger, body.submission, kind, sections)
    if not body.reject_waiting or waiting is None:
        return made, None
    wish = Wish(str(Action.REJECT), _BANNED, made.note)
    return made, await decide_together(request, waiting, wish)


async def delete_ban(request: web.Request) -> web.Response:
    """Lift it; doing it twice changes nothing."""
    ban_id = request.match_info["id"]
    await _lift(request, ban_id)
    return web.json_response({"id": ban_id, "lifted": True})


async def lift_form(request: web.Request) -> web.Response:
    """Lift one from the page of whom it is on."""
    await _lift(request, request.match_info["id"])
    return back_to(request[BODY], done="ban_lifted", count=1)


def may_lift(request: web.Request, standing: Ban) -> bool:
    """Whether who asks made it, or may overrule who did."""
    return _overrules(request) or standing.actor == session_of(request).account.login


async def _lift(request: web.Request, ban_id: str) -> None:
    actor, own_only = session_of(request).account.login, not _overrules(request)
    try:
        lifted = await lift_ban(request.app[LEDGER], ban_id, actor, own_only=own_only)
    except BanOfAnother:
        raise Problem(403, "ban_of_another") from None
    if lifted:
        log.info("ban_lifted", ban=ban_id)


def _overrules(request: web.Request) -> bool:
    return session_of(request).account.may_act_as(Role.EDITOR)


def _item(made: Ban) -> dict[str, Any]:
    document: dict[str, Any] = plain({**asdict(made), "kind": str(made.kind)})
    return document
