"""Figures of the desk, counted from the ledger when asked for."""

from typing import Any

from aiohttp import web

from commentdesk.domain.moments import stamp
from commentdesk.ledger import desk
from services.moderation.auth import sections_of, viewer_of
from services.moderation.keys import LEDGER


async def get_stats(request: web.Request) -> web.Response:
    """How many are in each view and state, and since when the longest waiting waits."""
    return web.json_response(await figures(request))


async def figures(request: web.Request) -> dict[str, Any]:
    """The figures as JSON has them, of what whoever asks may see."""
    found = await desk.figures(request.app[LEDGER], viewer_of(request), sections_of(request))
    since = found.waiting_since
    return {"counts": found.counts, "waiting_since": stamp(since) if since else None}
