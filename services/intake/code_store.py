"""One-time codes on their way, in Redis: keyed hashes alone, that tell neither number nor code."""

import secrets
from enum import StrEnum

from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.redis_client import connect
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings

PURPOSE = "phone-code"
DIGITS = 6
_CODE = "commentdesk:phone-code:"
_CAPTCHA = "commentdesk:phone-code-captcha:"
# In one step, so that of many forms sent at once with one code one alone gets it, and no guess
# goes uncounted. Whoever has taken a code may come again: the same form, sent twice.
_TRY = """
local kept = redis.call('HMGET', KEYS[1], 'code', 'tries', 'taker')
if not kept[1] then return 'expired' end
if tonumber(kept[2]) <= 0 then return 'burnt' end
if kept[1] ~= ARGV[1] then
  return redis.call('HINCRBY', KEYS[1], 'tries', -1) > 0 and 'wrong' or 'burnt'
end
if kept[3] and kept[3] ~= ARGV[2] then return 'spent' end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'taker', ARGV[2]) end
return 'right'
"""


class Tried(StrEnum):
    """What became of a code that a reader typed."""

    RIGHT = "right"
    WRONG = "wrong"
    BURNT = "burnt"
    SPENT = "spent"
    # Also: never sent, sent to another number, asked for in another browser, or Redis was emptied.
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def new_code() -> str:
    """Six digits nobody can foretell."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


class CodeStore:
    """A code belongs to a number and to the session of the form it was asked for in."""

    def __init__(self, settings: Settings, sealing: Sealing) -> None:
        self._redis = connect(settings.redis_url)
        self._settings, self._sealing = settings, sealing

    async def keep(self, session: str, number: str, code: str) -> None:
        """Keep it in place of the one before.

        Raises:
            RedisError, OSError: Redis is away; the code is kept nowhere.
        """
        key = self._key(session, number)
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(key)
            pipeline.hset(
                key,
                mapping={
                    "code": self._hash(session, number, code),
                    "tries": self._settings.phone_code_tries,
                },
            )
            pipeline.expire(key, self._settings.phone_code_seconds)
            await pipeline.execute()

    async def attempt(self, session: str, number: str, code: str, taker: str) -> Tried:
        """Whether the code is right; `taker` takes it for good, "" only looks."""
        key, hashed = self._key(session, number), self._hash(session, number, code)
        try:
            answer = await self._redis.eval(_TRY, 1, key, hashed, taker)
        except (RedisError, OSError) as error:
            log.warning("phone_code_unknown", error=type(error).__name__)
            return Tried.UNKNOWN
        return Tried(answer.decode())

    async def buys_one(self, captcha_nonce: str) -> bool:
        """Whether this captcha has not bought a code yet; from now on it has.

        Redis away: True, for then nothing is sent.
        """
        seconds = self._settings.captcha_seconds
        try:
            return bool(await self._redis.set(_CAPTCHA + captcha_nonce, 1, ex=seconds, nx=True))
        except (RedisError, OSError):
            return True

    async def close(self) -> None:
        await self._redis.aclose()

    def _key(self, session: str, number: str) -> str:
        return _CODE + self._sealing.keyed_hash(f"key\n{session}\n{number}").hex()

    def _hash(self, session: str, number: str, code: str) -> str:
        return self._sealing.keyed_hash(f"code\n{session}\n{number}\n{code}").hex()
