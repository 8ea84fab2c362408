"""An installation with its rate limits on, where every test comes from an address of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis

MOST = 4
_NUMBERS = count(1)


@asynccontextmanager
async def limited_site(folder: Path, redis: Redis, *names: str) -> AsyncIterator[Installation]:
    """Four comments and four captchas a minute an address; X-Forwarded-For is believed."""
    limits = {
        "LIMITS": "on",
        "SUBMISSIONS_LIMIT": f"{MOST}/minute",
        "CAPTCHAS_LIMIT": f"{MOST}/minute",
        "TRUSTED_PROXIES": "127.0.0.0/8,::1/128",
    }
    installation = Installation(folder, redis, sqlite_urls(folder), **limits)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start(*names)
    yield installation
    installation.stop()


def from_elsewhere() -> dict[str, str]:
    """The header of an address that nobody has used yet."""
    number = next(_NUMBERS)
    return {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}
