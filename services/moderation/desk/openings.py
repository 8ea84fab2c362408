"""Telling colleagues which submission a moderator has open."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from commentdesk.ledger import desk
from commentdesk.ledger.changes import CHANNEL
from commentdesk.ledger.entries import Entry
from commentdesk.web import Problem
from services.moderation.auth import sections_of, session_of, viewer_of
from services.moderation.bodies import checked
from services.moderation.keys import BODY, LEDGER, LIVE, PRESENCE

PRESENCE_EVENT = "presence"


class PresenceBody(BaseModel):
    """The body of POST /v1/submissions/{id}/presence."""

    model_config = ConfigDict(strict=True)

    open: bool


def with_presence(request: web.Request, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with the colleague who has each open; oneself is none."""
    presence, viewer = request.app[PRESENCE], viewer_of(request)
    logins = [presence.opened_by(entry.id) for entry in entries]
    return [
        replace(entry, opened_by=login) if login and login != viewer else entry
        for entry, login in zip(entries, logins, strict=True)
    ]


async def post_presence(request: web.Request) -> web.Response:
    """Tell colleagues that a submission was opened or left; nothing is written down."""
    body = checked(PresenceBody, request[BODY])
    submission, login = request.match_info["id"], session_of(request).account.login
    if await desk.state_of(request.app[LEDGER], submission, sections_of(request)) is None:
        raise Problem(404, "not_found")
    request.app[PRESENCE].note(submission, login, opened=body.open)
    told: dict[str, Any] = {
        "type": PRESENCE_EVENT,
        "id": submission,
        "login": login,
        "open": body.open,
    }
    await request.app[LIVE].announce(CHANNEL, told)
    return web.Response(status=204)
