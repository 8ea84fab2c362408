"""Rate limits, counted in Redis across processes, and in this process however Redis is.

The counting is the `limits` library's: a sliding window, so that no burst fits between two.
"""

import time

from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.redis_client import connections

# Senders counted in this process; beyond, the oldest counts are let go.
_MOST_COUNTED_HERE = 5_000


class _Redis(RedisStorage):
    # The library would also import its other clients wherever they are installed: 45 modules of
    # Valkey's, which comes along with the embedded server.
    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012


def allows_one(limit: str) -> bool:
    """Whether the limit is a single use, of which there is no half."""
    return parse(limit).amount == 1


class Limits:
    """One installation's rate limits."""

    def __init__(self, redis_url: str, *, enabled: bool) -> None:
        self.enabled = enabled
        self.healthy = True
        scheme = "async+redis+" if redis_url.startswith("unix") else "async+"
        self._shared = SlidingWindowCounterRateLimiter(
            _Redis(
                scheme + redis_url,
                implementation="redispy",
                # Documented; its type was forgotten.
                connection_pool=connections(redis_url),  # type: ignore[arg-type]
            )
        )
        self._memory = MemoryStorage()
        self._local = SlidingWindowCounterRateLimiter(self._memory)

    async def hit(self, name: str, key: str, limit: str) -> int | None:
        """Count one use by `key`; seconds to wait if it was one too many, else None.

        `limit` is in the library's words: "10/minute". What one process has counted is never more
        than what all have: too many here is too many, with Redis slow, away or emptied.
        """
        if not self.enabled:
            return None
        wait = await self._hit(self._local, name, key, limit)
        await self._let_oldest_go()
        if wait is not None:
            return wait
        try:
            wait = await self._hit(self._shared, name, key, limit)
            self.healthy = True
        except (RedisError, OSError) as error:
            if self.healthy:
                log.warning("limits_local_only", error=type(error).__name__)
            self.healthy = False
        return wait

    async def _let_oldest_go(self) -> None:
        while len(self._memory.storage) > _MOST_COUNTED_HERE:
            await self._memory.clear(next(iter(self._memory.storage)))

    @staticmethod
    async def _hit(
        limiter: SlidingWindowCounterRateLimiter, name: str, key: str, limit: str
    ) -> int | None:
        item = parse(limit)
        if await limiter.hit(item, name, key):
            return None
        window = await limiter.get_window_stats(item, name, key)
        return max(1, round(window.reset_time - time.time()))
