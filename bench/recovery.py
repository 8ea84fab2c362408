"""From a disaster until the last comment it hit is published: idle site, busy site."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import redis as redis_client
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import State, Work
from commentdesk.ledger import Ledger
from commentdesk.ledger.claim import claim
from commentdesk.ledger.tables import events
from commentdesk.settings import Settings
from tests.installation import Installation, Redis, until
from tests.reader import Reader

COMMENTS = 20
ROUNDS = 3
BUSY_READERS = 4
_PAUSE = 0.4
_PATIENCE = 120.0
# The clocks as they are shipped, not the hurried ones of the tests.
_CLOCKS = ("lease_seconds", "rehint_seconds", "reconcile_seconds")

Disaster = Callable[[Installation, Ledger, list[str]], Awaitable[None]]


async def run() -> list[str]:
    """Strike idle, strike busy, in turns; lines of a Markdown table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        clocks = {field: _shipped(field) for field in _CLOCKS}
        extra = {field.upper(): str(value) for field, value in clocks.items()}
        site = Installation(folder, redis, urls, **extra)
        try:
            site.migrate()
            await site.start("articles", "intake", "checks", "publish", "upkeep")
            found = {title: await _worst(site, disaster) for title, disaster in DISASTERS.items()}
        finally:
            site.stop()
            redis.stop()
    return _table(found, clocks)


async def worker_dies(_site: Installation, ledger: Ledger, ids: list[str]) -> None:
    """Claimed, and whoever claimed them is never heard of again."""
    assert len(await claim(ledger, Work.CHECK, ids)) == len(ids)


async def redis_is_emptied(site: Installation, _ledger: Ledger, _ids: list[str]) -> None:
    """Every hint is gone."""
    client = redis_client.Redis.from_url(site.redis.url)
    await asyncio.to_thread(client.flushall)
    client.close()


DISASTERS: dict[str, Disaster] = {
    "the worker that has them is lost": worker_dies,
    "Redis emptied": redis_is_emptied,
}


def _shipped(field: str) -> float:
    return float(Settings.model_fields[field].default)


async def _worst(site: Installation, disaster: Disaster) -> tuple[float, float]:
    """Seconds, the worst of all rounds: idle, busy."""
    idle, busy = [], []
    async with aiohttp.ClientSession() as http:
        reader = Reader(site, http)
        for _ in range(ROUNDS):
            idle.append(await _recovery(reader, disaster))
            async with _others(reader):
                busy.append(await _recovery(reader, disaster))
    return max(idle), max(busy)


async def _recovery(reader: Reader, disaster: Disaster) -> float:
    """Seconds from the disaster until the last of the comments it hit is published."""
    site = reader.site
    ledger = site.ledger()
    # Stopped in order: one stopped in the middle of a write would keep the ledger to itself.
    await asyncio.to_thread(site.terminate, "checks")
    ids = [await reader.accepted() for _ in range(COMMENTS)]
    struck = now()
    await disaster(site, ledger, ids)
    await site.start("checks")
    published = sql.select(sql.func.count(), sql.func.max(events.c.at)).where(
        events.c.submission.in_(ids), events.c.state == str(State.PUBLISHED)
    )

    async def seconds() -> float:
        async with ledger.database.reading() as connection:
            count, last = (await connection.execute(published)).one()
        return (last - struck).total_seconds() if count == COMMENTS else 0.0

    took: float = await until(seconds, "all of them are published", _PATIENCE)
    await ledger.close()
    return took


@asynccontextmanager
async def _others(reader: Reader) -> AsyncIterator[None]:
    """Readers who post all the while."""

    async def post() -> None:
        while True:
            await reader.accepted()
            await asyncio.sleep(_PAUSE)

    posting = [asyncio.create_task(post()) for _ in range(BUSY_READERS)]
    try:
        yield
    finally:
        for task in posting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _table(found: dict[str, tuple[float, float]], clocks: dict[str, float]) -> list[str]:
    bound = clocks["lease_seconds"] + clocks["rehint_seconds"]
    told = ", ".join(f"{field.replace('_', ' ')} {clocks[field]:g}" for field in _CLOCKS)
    return [
        f"## Recovery: {COMMENTS} comments, from the disaster to the last one published",
        "",
        f"The clocks as shipped ({told}); promised: {bound:g} s and the work itself. The worst of "
        f"{ROUNDS} rounds; busy is {BUSY_READERS} readers who go on posting.",
        "",
        "| disaster | idle site, s | busy site, s |",
        "|---|---|---|",
        *(f"| {title} | {idle:.1f} | {busy:.1f} |" for title, (idle, busy) in found.items()),
        "",
    ]
