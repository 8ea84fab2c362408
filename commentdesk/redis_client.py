"""How every process of ours reaches Redis: quick to fail, never trying again by itself.

The client's own retries can push a job twice and block a caller for seconds; what must be
tried again, the reconciler tries again from the ledger.
"""

from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

_CONNECT_SECONDS = 0.3
_ANSWER_SECONDS = 0.5
_CONNECTIONS = 50
_TURN_SECONDS = 2.0


def connect(url: str) -> redis.asyncio.Redis:
    """An asynchronous client for short commands."""
    return redis.asyncio.Redis.from_pool(connections(url))


def connections(url: str) -> redis.asyncio.BlockingConnectionPool:
    """Connections for short commands; in a crowd one waits its turn.

    The stock pool makes a new connection for everyone and, past its limit, fails at once: as if
    Redis were away.
    """
    return redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_TURN_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
        **_timeouts(_ANSWER_SECONDS),
    )


def connect_blocking(url: str, answer_seconds: float | None = _ANSWER_SECONDS) -> redis.Redis:
    """A synchronous client; a worker that waits for jobs passes None to wait without end."""
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **_timeouts(answer_seconds))


def _timeouts(answer_seconds: float | None) -> dict[str, Any]:
    return {"socket_connect_timeout": _CONNECT_SECONDS, "socket_timeout": answer_seconds}
