"""The live stream of an article's comments (server-sent events)."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from weakref import WeakSet

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from commentdesk.live import Event, Live
from services.articles.records import Change

_RETRY_MILLISECONDS = 3000


class Streams:
    """The streams that are open, so that a shutdown need not wait for their readers."""

    def __init__(self) -> None:
        self._open: WeakSet[EventSourceResponse] = WeakSet()

    def add(self, stream: EventSourceResponse) -> None:
        self._open.add(stream)

    def stop(self) -> None:
        for stream in list(self._open):
            if stream.is_connected():
                stream.stop_streaming()


async def announce(live: Live, changes: Iterable[Change]) -> None:
    """Tell the readers of each article what changed under it."""
    announcements = [
        (_channel(change.article), {"id": change.id, "type": change.type}) for change in changes
    ]
    if announcements:
        await live.announce_all(announcements)


async def stream(
    request: web.Request, live: Live, streams: Streams, article: str
) -> web.StreamResponse:
    """Send every change of the article's comments until the reader leaves."""
    async with live.listen(_channel(article)) as events, sse_response(request) as response:
        streams.add(response)
        sending = asyncio.create_task(_send(events, response))
        try:
            # Ends when a ping finds the reader gone, or at shutdown.
            await response.wait()
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
    return response


def _channel(article: str) -> str:
    return f"article:{article}"


async def _send(events: AsyncIterator[Event], response: EventSourceResponse) -> None:
    # A reader who left is no error; the ping that fails next ends the stream.
    with contextlib.suppress(OSError, TimeoutError):
        await response.send("ready", event="ready", retry=_RETRY_MILLISECONDS)
        async for event in events:
            await response.send(json.dumps(event), event="comment", id=event["id"])
