"""The live stream of changes (server-sent events): ids and states, no word of a reader's."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from weakref import WeakSet

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from commentdesk.ledger.changes import CHANNEL
from commentdesk.live import Event
from services.moderation.keys import LIVE

_RETRY_MILLISECONDS = 3000
# The browser comes back by itself, and its session is looked at again.
_LONGEST_SECONDS = 300


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


STREAMS = web.AppKey("streams", Streams)


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """Send every change of a submission's state until the moderator leaves."""
    async with (
        request.app[LIVE].listen(CHANNEL) as events,
        sse_response(request) as response,
    ):
        request.app[STREAMS].add(response)
        sending = asyncio.create_task(_send(events, response))
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_SECONDS):
                    await response.wait()
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
    return response


async def _send(events: AsyncIterator[Event], response: EventSourceResponse) -> None:
    # Who left is no error; the ping that fails next ends the stream.
    with contextlib.suppress(OSError, TimeoutError):
        await response.send("ready", event="ready", retry=_RETRY_MILLISECONDS)
        async for event in events:
            await response.send(json.dumps(event), event="change")
