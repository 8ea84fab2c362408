"""The rehearse job: a rule tried on the last 30 days, in small batches with pauses between."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from redis.exceptions import RedisError

from commentdesk.database import now
from commentdesk.ledger.lately import Came, count_lately, lately
from commentdesk.ledger.rehearsals import (
    DAYS,
    Rehearsal,
    finish_rehearsal,
    forget_rehearsals,
    still_wanted,
    take_rehearsals,
)
from commentdesk.log import log
from workers.process import WorkerProcess
from workers.rules import Catches, Mark, catching

# The newest of the 30 days; more take minutes and say no more.
_MOST = 50_000
_EXAMPLES = 20
_SAY_SECONDS = 1.0
# With so many jobs waiting for the checks, a rehearsal takes ten times its time.
_LONG_QUEUE = 50
_BUSY_TIMES = 9


async def rehearse_rules(process: WorkerProcess, ids: Sequence[str] | None) -> None:
    """Run those of the ids (None: all that wait) that nobody runs; forget the old ones."""
    for taken in await take_rehearsals(process.ledger, ids):
        started = time.monotonic()
        done = await _run(process, taken)
        seconds = round(time.monotonic() - started, 1)
        log.info("rehearsed", rehearsal=taken.id, done=done, seconds=seconds)
    if ids is None:
        await forget_rehearsals(process.ledger)


@dataclass
class Heap:
    """How many, and the newest of them with what the rule saw in each."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, submission: str, marks: Sequence[Mark]) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append({"id": submission, "marks": list(marks)})


@dataclass
class Tally:
    """What a rule would have done.

    `wrong` are caught and stand published; `right` are caught and were refused; `waiting` are
    caught and still wait. `missed` were refused by a person for a reason the rule is about (any
    where it is about none), and are not caught.
    """

    about: str
    looked_at: int = 0
    meant: int = 0
    caught: Heap = field(default_factory=Heap)
    wrong: Heap = field(default_factory=Heap)
    right: Heap = field(default_factory=Heap)
    waiting: Heap = field(default_factory=Heap)
    missed: Heap = field(default_factory=Heap)

    def count(self, came: Came, marks: list[Mark] | None) -> None:
        self.looked_at += 1
        meant = came.refused_for is not None and self.about in ("", came.refused_for)
        self.meant += meant
        if marks is None:
            if meant:
                self.missed.add(came.id, [])
            return
        self.caught.add(came.id, marks)
        heap = self.wrong if came.stands else self.right if came.refused else self.waiting
        heap.add(came.id, marks)

    def document(self) -> dict[str, Any]:
        heaps = ("caught", "wrong", "right", "waiting", "missed")
        return {
            "looked_at": self.looked_at,
            "meant": self.meant,
            **{name: dict(getattr(self, name).__dict__) for name in heaps},
        }


async def _run(process: WorkerProcess, taken: Rehearsal) -> bool:
    """Whether it came to its end."""
    ledger, rule = process.ledger, taken.rule
    since, article = now() - timedelta(days=DAYS), rule.get("article", "")
    catches = await catching(process, rule)
    tally = Tally(rule.get("about", ""))
    total = min(_MOST, await count_lately(ledger, since, article))
    said_at = 0.0
    times = 1
    async for batch in lately(ledger, since, article):
        if time.monotonic() - said_at > _SAY_SECONDS:
            if not await still_wanted(ledger, taken, tally.looked_at, total):
                return False
            said_at, times = time.monotonic(), await _times_to_wait(process)
        # The loop has others to serve.
        used = await asyncio.to_thread(_look_at, batch, catches, tally)
        # For as long as it worked, the machine is the others'.
        await asyncio.sleep(used * times)
        if tally.looked_at >= _MOST:
            break
    return await finish_rehearsal(ledger, taken, tally.document())


def _look_at(batch: Sequence[Came], catches: Catches, tally: Tally) -> float:
    """Count what the rule does with each; the seconds of processor that took."""
    started = time.thread_time()
    for came in batch:
        tally.count(came, catches(came))
    return time.thread_time() - started


async def _times_to_wait(process: WorkerProcess) -> int:
    """How many times as long as it works a rehearsal pauses."""
    try:
        lengths = await asyncio.to_thread(process.queues.lengths)
    except (RedisError, OSError):
        return _BUSY_TIMES
    return _BUSY_TIMES if lengths["checks"] > _LONG_QUEUE else 1
