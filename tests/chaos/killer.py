"""The seeded killer: what it does, how often, and proof that its victims died."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import psutil
import redis

from tests.chaos.plan import Plan
from tests.chaos.storefaults import FAULTS, WELL, StoreFaults
from tests.chaos.tree import Tree, died, kill
from tests.installation import until

_MEGABYTE = 2**20


@dataclass(frozen=True)
class Strike:
    """One thing that happens, and its weight among the others."""

    name: str
    weight: float
    do: Callable[[], Awaitable[None]]


class Killer:
    """Strikes at random moments until told to stop, then puts everything right again."""

    def __init__(self, tree: Tree, store: StoreFaults, plan: Plan) -> None:
        self._tree, self._store = tree, store
        self._chance = random.Random(plan.seed)
        self._mean_pause, self._lease = plan.mean_pause, plan.lease
        self._only = plan.only
        self._aside: set[asyncio.Task[None]] = set()
        # A fault that began while another lasts would end with it.
        self._one_fault = asyncio.Lock()
        self.kills: Counter[str] = Counter()
        self.strikes: Counter[str] = Counter()
        table = (
            Strike("kill", 12, self._kill_one),
            Strike("kill redis", 1, self._kill_redis),
            Strike("crash", 0.15, self._crash),
            Strike("flush", 1.5, self._flush),
            Strike("pause", 2.5, self._pause_one),
            Strike("fill redis", 0.7, self._fill_redis),
            *(Strike(f"store {fault}", 0.5, partial(self._trouble, fault)) for fault in FAULTS),
            *((Strike("kill postgres", 0.8, self._kill_postgres),) if tree.postgres else ()),
        )
        self._table = [strike for strike in table if not plan.only or strike.name in plan.only]

    async def strike_until(self, done: asyncio.Event) -> None:
        """Strike, pause a random while, strike; at `done` heal what was struck."""
        while not done.is_set():
            weights = [strike.weight for strike in self._table]
            [strike] = self._chance.choices(self._table, weights)
            await self._strike(strike)
            with suppress(TimeoutError):
                pause = self._chance.expovariate(1 / self._mean_pause)
                await asyncio.wait_for(done.wait(), pause)
        await self._all_over()

    async def kill_each(self) -> None:
        """One of every kind at least, so that no run is spared anything; one after the other."""
        for strike in self._table:
            await self._strike(strike)
            await self._all_over()
        if not self._only or "kill" in self._only:
            for name in sorted(self._tree.processes()):
                await self._kill(name)

    async def last_blow(self) -> None:
        """Everything under load dies at once and every hint is gone; from here on it recovers."""
        if self._only:
            return
        victims = self._tree.processes()
        dead = {name: victim for name, victim in victims.items() if kill(victim)}
        await self._flush()
        for name, victim in dead.items():
            await died(victim)
            self.kills[name] += 1
        self.strikes["flush"] += 1

    async def _all_over(self) -> None:
        if self._aside:
            await asyncio.gather(*self._aside)

    async def _strike(self, strike: Strike) -> None:
        self.strikes[strike.name] += 1
        await strike.do()

    async def _kill_one(self) -> None:
        running = sorted(self._tree.processes())
        if running:
            await self._kill(self._chance.choice(running))

    async def _kill(self, name: str) -> None:
        victim = self._tree.processes().get(name)
        if victim and kill(victim):
            await died(victim)
            self.kills[name] += 1

    async def _kill_redis(self) -> None:
        self._tree.redis.stop()
        self.kills["redis"] += 1
        await asyncio.sleep(self._chance.uniform(0, 1))
        await asyncio.to_thread(self._tree.redis.start)

    async def _kill_postgres(self) -> None:
        postgres = self._tree.postgres
        assert postgres is not None
        victim = psutil.Process(postgres.process.pid)
        assert "postgres" in victim.name()
        postgres.kill()
        await died(victim)
        self.kills["postgres"] += 1
        await until(postgres.starts, "PostgreSQL is back", 60)

    async def _crash(self) -> None:
        self.kills["everything at once"] += await self._tree.crash()

    async def _flush(self) -> None:
        await asyncio.to_thread(self._on_redis, lambda client: client.flushall())

    async def _pause_one(self) -> None:
        running = self._tree.processes()
        if running:
            victim = running[self._chance.choice(sorted(running))]
            self._beside(self._pause(victim, self._lease + self._chance.uniform(0.2, 1.5)))

    async def _pause(self, victim: psutil.Process, seconds: float) -> None:
        with suppress(psutil.NoSuchProcess):
            victim.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            victim.send_signal(signal.SIGCONT)

    async def _fill_redis(self) -> None:
        self._beside(self._keep_redis_full(self._chance.uniform(0.5, 2)))

    async def _keep_redis_full(self, seconds: float) -> None:
        await asyncio.to_thread(self._on_redis, _fill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self._on_redis, _empty)

    async def _trouble(self, fault: str) -> None:
        self._beside(self._keep_in_trouble(fault, self._chance.uniform(0.5, 2.5)))

    async def _keep_in_trouble(self, fault: str, seconds: float) -> None:
        async with self._one_fault:
            self._store.become(fault)
            await asyncio.sleep(seconds)
            self._store.become(WELL)

    def _beside(self, something: Awaitable[None]) -> None:
        task = asyncio.ensure_future(something)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def _on_redis(self, do: Callable[[redis.Redis], object]) -> None:
        client = redis.Redis.from_url(self._tree.redis.url)
        with suppress(redis.RedisError):
            do(client)
        client.close()


def _fill(client: redis.Redis) -> None:
    """To maxmemory, so that every write is refused."""
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used + _MEGABYTE)
    for number in range(10_000):
        client.set(f"junk:{number}", b"x" * 1000)


def _empty(client: redis.Redis) -> None:
    client.config_set("maxmemory", 0)
    junk = list(client.scan_iter("junk:*", count=1000))
    if junk:
        client.delete(*junk)
