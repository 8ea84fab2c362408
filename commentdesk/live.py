"""Live announcements: over Redis to every process, and within this process when Redis is away.

An announcement is a courtesy, never the truth; one lost costs a reload, nothing more.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.redis_client import connect

_PATTERN = "commentdesk:live:"
_RECONNECT_SECONDS = 1.0
_BACKLOG = 100

Event = dict[str, Any]


class Live:
    """Announce to a channel, listen to one; a slow listener loses the oldest announcements."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url)
        self._listeners: defaultdict[str, set[asyncio.Queue[Event]]] = defaultdict(set)
        self._relay: asyncio.Task[None] | None = None
        self.healthy = False

    async def start(self) -> None:
        """Begin relaying from Redis; only processes that listen need it."""
        self._relay = asyncio.create_task(self._keep_relaying())

    async def close(self) -> None:
        if self._relay:
            self._relay.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._relay
        await self._redis.aclose()

    async def announce(self, channel: str, payload: Event) -> None:
        """Tell every listener; without Redis those of this process alone."""
        await self.announce_all([(channel, payload)])

    async def announce_all(self, announcements: list[tuple[str, Event]]) -> None:
        """Tell many at the price of one message a channel."""
        by_channel: defaultdict[str, list[Event]] = defaultdict(list)
        for channel, payload in announcements:
            by_channel[channel].append(payload)
        for channel, payloads in by_channel.items():
            try:
                await self._redis.publish(_PATTERN + channel, json.dumps(payloads))
            except (RedisError, OSError):
                self._deliver(channel, payloads)

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[AsyncIterator[Event]]:
        """Receive what is announced to the channel from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue(_BACKLOG)
        self._listeners[channel].add(queue)
        try:
            yield _drain(queue)
        finally:
            self._listeners[channel].discard(queue)
            if not self._listeners[channel]:
                del self._listeners[channel]

    def _deliver(self, channel: str, payloads: list[Event]) -> None:
        for queue in self._listeners.get(channel, ()):
            for payload in payloads:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(payload)

    async def _keep_relaying(self) -> None:
        while True:
            try:
                await self._relay_until_broken()
            except (RedisError, OSError) as error:
                if self.healthy:
                    log.warning("live_announcements_local_only", error=type(error).__name__)
            self.healthy = False
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _relay_until_broken(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.psubscribe(f"{_PATTERN}*")
            self.healthy = True
            while True:
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=None
                )
                if message:
                    self._relay_message(message)

    def _relay_message(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode().removeprefix(_PATTERN)
        self._deliver(channel, json.loads(message["data"]))


async def _drain(queue: asyncio.Queue[Event]) -> AsyncIterator[Event]:
    while True:
        yield await queue.get()
