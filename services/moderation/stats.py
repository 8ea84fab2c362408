"""Figures of the desk, counted from the ledger when asked for."""

from typing import Any

from aiohttp import web

from commentdesk.domain.state import State
from commentdesk.ledger import Ledger, desk
from services.moderation.keys import LEDGER
from services.moderation.showing import stamp


async def get_stats(request: web.Request) -> web.Response:
    """How many are in each state, and since when the longest waiting waits."""
    return web.json_response(await figures(request.app[LEDGER]))


async def figures(ledger: Ledger) -> dict[str, Any]:
    """The figures as JSON has them."""
    waiting = await desk.listing(ledger, state=State.HELD, limit=1)
    return {
        "counts": await desk.counts(ledger),
        "waiting_since": stamp(waiting.items[0].received_at) if waiting.items else None,
    }
