"""Live streams to browsers (server-sent events, WHATWG HTML §9.2)."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from weakref import WeakSet

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from commentdesk.live import Event, Live

_RETRY_MILLISECONDS = 3000


class Streams:
    """The streams that are open, so that a shutdown need not wait for their readers."""

    def __init__(self) -> None:
        self._open: WeakSet[EventSourceResponse] = WeakSet()

    async def serve(
        self,
        request: web.Request,
        live: Live,
        channel: str,
        *,
        event: str | Callable[[Event], str],
        longest: float | None = None,
    ) -> web.StreamResponse:
        """Send every announcement of the channel until the reader leaves or `longest` seconds.

        `event` is the name of each, or gives it.

        The first event is `ready`, so that a page that came back can catch up.
        """
        async with live.listen(channel) as heard, sse_response(request) as response:
            self._open.add(response)
            sending = asyncio.create_task(_send(heard, response, event))
            try:
                # Ends when a ping finds the reader gone, or at shutdown.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(longest):
                        await response.wait()
            finally:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending
        return response

    def stop(self) -> None:
        """End them all."""
        for stream in list(self._open):
            if stream.is_connected():
                stream.stop_streaming()


async def _send(
    heard: AsyncIterator[Event],
    response: EventSourceResponse,
    name: str | Callable[[Event], str],
) -> None:
    # A reader who left is no error; the ping that fails next ends the stream.
    with contextlib.suppress(OSError, TimeoutError):
        await response.send("ready", event="ready", retry=_RETRY_MILLISECONDS)
        async for event in heard:
            named = name if isinstance(name, str) else name(event)
            await response.send(json.dumps(event), event=named, id=event.get("id"))
