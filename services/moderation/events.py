"""The live stream of changes: ids and states, no word of a reader's."""

from aiohttp import web

from commentdesk.ledger.changes import CHANNEL
from services.moderation.keys import LIVE, STREAMS

# The browser comes back by itself, and its session is looked at again.
_LONGEST_SECONDS = 300


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """Send every change of a submission's state until the moderator leaves."""
    return await request.app[STREAMS].serve(
        request, request.app[LIVE], CHANNEL, event="change", longest=_LONGEST_SECONDS
    )
