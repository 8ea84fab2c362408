"""One run: start the tree, let people use it and the killer strike, drain, reckon."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import sqlalchemy as sql

from commentdesk.ledger.tables import submissions
from tests.chaos.audit import Reckoning, reckon
from tests.chaos.killer import Killer
from tests.chaos.people import People, log_in
from tests.chaos.plan import Plan
from tests.chaos.storefaults import StoreFaults
from tests.chaos.tree import Tree, settings_for_chaos
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Postgres, Redis, free_ports, until

_DRAIN_SECONDS = 180.0


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    plan: Plan
    answered: int
    kills: dict[str, int]
    strikes: dict[str, int]
    reckoning: Reckoning
    drained_in: float
    replayed: int
    retries: int

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice, and the run was no gentle one."""
        found = self.reckoning
        return not found.lost and not found.duplicates and found.absorbed > 0

    @property
    def line(self) -> str:
        """The run in one line."""
        found = self.reckoning
        return (
            f"accepted={found.accepted} answered={self.answered} kills={sum(self.kills.values())} "
            f"flushes={self.strikes.get('flush', 0)} lost={len(found.lost)} "
            f"duplicates={len(found.duplicates)} absorbed={found.absorbed} "
            f"drained_in={self.drained_in:.1f}"
        )


async def run(plan: Plan, folder: Path) -> Result:
    """Carry a plan out in a folder of its own."""
    async with _tree(plan, folder) as (tree, store):
        people = People(tree, plan.seed)
        killer = Killer(tree, store, plan)
        people.start(plan.readers)
        done = asyncio.Event()
        asyncio.get_running_loop().call_later(plan.seconds, done.set)
        await killer.kill_each()
        await killer.strike_until(done)
        await killer.last_blow()
        since = time.monotonic()
        replayed = await _drain(tree, people)
        drained_in = time.monotonic() - since
        reckoning = await reckon(tree.site, people.testimony)
    return Result(
        plan,
        len(people.testimony.answered),
        dict(killer.kills),
        dict(killer.strikes),
        reckoning,
        drained_in,
        replayed,
        people.testimony.retries,
    )


async def _drain(tree: Tree, people: People) -> int:
    """Wait until nothing is left to do; what got stuck is replayed as an operator would."""
    await people.leave()
    replayed = 0
    ledger = tree.site.ledger()
    query = sql.select(
        sql.func.count().filter(submissions.c.stuck_at.is_(None)).label("waiting"),
        sql.func.count().filter(submissions.c.stuck_at.is_not(None)).label("stuck"),
    ).where(submissions.c.work.is_not(None))

    async def drained() -> bool:
        nonlocal replayed
        async with ledger.database.reading() as connection:
            left = (await connection.execute(query)).one()
        if left.stuck and not left.waiting:
            replayed += left.stuck
            await _replay(tree)
        return not left.stuck and not left.waiting

    try:
        await until(drained, "everything is drained", _DRAIN_SECONDS)
    except AssertionError:
        pass  # What is left shows in the reckoning, row by row.
    finally:
        await ledger.close()
    return replayed


async def _replay(tree: Tree) -> None:
    """The console's button "Try all again"."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        csrf = await log_in(tree, http)
        site = tree.site.moderation
        url = f"{site}/stuck/replay"
        async with http.post(url, data={"csrf": csrf}, headers={"Origin": site}) as response:
            assert response.status == 200, await response.text()


@asynccontextmanager
async def _tree(plan: Plan, folder: Path) -> AsyncIterator[tuple[Tree, StoreFaults]]:
    """The tree, running, and the faults before its store."""
    redis = Redis(folder)
    postgres = Postgres(folder) if plan.database == "postgresql" else None
    store = StoreFaults(free_ports(1)[0], random.Random(f"{plan.seed}-store"))
    await store.start()
    # The tree closes its own folder to everyone else, PostgreSQL's user too.
    data = folder / "data"
    data.mkdir()
    urls = sqlite_urls(data)
    if postgres:
        name = secrets.token_hex(4)
        urls = (await postgres.create(f"{name}-l"), await postgres.create(f"{name}-a"))
    site = Installation(
        data,
        redis,
        urls,
        **settings_for_chaos(plan.lease, plan.rehint, store.url),
    )
    if plan.broken:
        site.python_path = f"{ROOT}:{ROOT / 'tests' / 'chaos' / 'breaks'}"
        site.environment["CHAOS_BREAK"] = plan.broken
    store.store = site.articles
    site.run("services.articles", "migrate")
    site.run("services.articles", "demo")
    tree = Tree(site, redis, postgres)
    try:
        await tree.start()
        yield tree, store
    finally:
        await tree.stop()
        await store.close()
        redis.stop()
        if postgres:
            postgres.stop()
