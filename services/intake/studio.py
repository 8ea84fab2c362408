"""Where captchas' pictures and sounds are made: one at a time, aside, and not for any crowd."""

import asyncio
import time
from collections.abc import Callable

from prometheus_client import Counter

from commentdesk.web import Problem

# At some tens a second whoever comes next is served within a second or two.
_MOST_WAITING = 60
_RETRY_SECONDS = 2
TURNED_AWAY = Counter(
    "commentdesk_captcha_renders_refused_total", "Pictures and sounds not made, for too many wait"
)


class Studio:
    """Makes things in a thread and takes turns with the event loop.

    Making holds the interpreter; for as long as it did, the loop has it to itself. So half of
    the process's time at most goes into this, however many ask, and what waits is bounded.
    """

    def __init__(self, most_waiting: int = _MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._waiting = 0
        self._turn = asyncio.Lock()

    async def make(self, make: Callable[[], bytes]) -> bytes:
        """What `make` makes.

        Raises:
            Problem: 503 with Retry-After; too many are waiting.
        """
        if self._waiting >= self._most_waiting:
            TURNED_AWAY.inc()
            raise Problem(503, "unavailable", retry_after=_RETRY_SECONDS)
        self._waiting += 1
        try:
            async with self._turn:
                started = time.perf_counter()
                made = await asyncio.to_thread(make)
                await asyncio.sleep(time.perf_counter() - started)
        finally:
            self._waiting -= 1
        return made
