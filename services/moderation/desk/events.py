"""The live stream of changes: ids and states, no word of a reader's."""

from aiohttp import web

from commentdesk.ledger.changes import CHANNEL
from commentdesk.live import Event
from services.moderation.desk.openings import PRESENCE_EVENT
from services.moderation.keys import LIVE, STREAMS

# The browser comes back by itself, and its session is looked at again.
_LONGEST_SECONDS = 300


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """Send every change of a submission, and who has which open, until the moderator leaves."""
    return await request.app[STREAMS].serve(
        request, request.app[LIVE], CHANNEL, event=_name_of, longest=_LONGEST_SECONDS
    )


def _name_of(event: Event) -> str:
    return PRESENCE_EVENT if event.get("type") == PRESENCE_EVENT else "change"
