"""How late the event loop is: what every request of a service waits for, whatever it asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web
from prometheus_client import Histogram

# Often enough to see a stall of a tenth of a second, seldom enough to cost nothing.
TICK_SECONDS = 0.05
LAG = Histogram(
    "commentdesk_loop_lag_seconds",
    "Seconds that the event loop woke later than it was asked to, asked 20 times a second",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


async def watch_lag(_app: web.Application) -> AsyncIterator[None]:
    """Measure for as long as the application lives."""
    watching = asyncio.create_task(_watch())
    yield
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def _watch() -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        LAG.observe(max(clock() - due, 0))
