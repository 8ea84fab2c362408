"""Captchas that a wrong answer has burnt: in Redis for all processes, here when Redis is away."""

import time
from collections import OrderedDict

from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.redis_client import connect

_KEY = "commentdesk:burnt:"
_MOST_REMEMBERED = 20_000


class BurntCaptchas:
    """One try a captcha. Burning is known in this process before the first await."""

    def __init__(self, redis_url: str, seconds: int) -> None:
        self._redis = connect(redis_url)
        self._seconds = seconds
        self._here: OrderedDict[str, float] = OrderedDict()
        self.healthy = True

    async def burn(self, nonce: str) -> bool:
        """No answer counts for this captcha any more; True if one still did."""
        fresh = not self._is_burnt_here(nonce)
        self._here[nonce] = time.monotonic() + self._seconds
        while len(self._here) > _MOST_REMEMBERED:
            self._here.popitem(last=False)
        try:
            fresh_elsewhere = await self._redis.set(_KEY + nonce, 1, ex=self._seconds, nx=True)
            self.healthy = True
        except (RedisError, OSError) as error:
            self._fall_back(error)
            return fresh
        return fresh and bool(fresh_elsewhere)

    async def among(self, nonces: list[str]) -> set[str]:
        """Those of the captchas that are burnt."""
        burnt = {nonce for nonce in nonces if self._is_burnt_here(nonce)}
        try:
            values = await self._redis.mget([_KEY + nonce for nonce in nonces])
            self.healthy = True
        except (RedisError, OSError) as error:
            self._fall_back(error)
            return burnt
        return burnt | {n for n, value in zip(nonces, values, strict=True) if value is not None}

    async def close(self) -> None:
        await self._redis.aclose()

    def _is_burnt_here(self, nonce: str) -> bool:
        return self._here.get(nonce, 0) > time.monotonic()

    def _fall_back(self, error: Exception) -> None:
        if self.healthy:
            log.warning("captcha_attempts_local_only", error=type(error).__name__)
        self.healthy = False
