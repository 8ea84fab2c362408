"""The reconciler: finds rows whose hint was lost and hints them again."""

import asyncio

from prometheus_client import Counter
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from commentdesk.domain.state import Work
from commentdesk.ledger.claim import overdue
from commentdesk.log import log
from commentdesk.queues import JOBS
from workers.process import WorkerProcess

# Back-pressure: with this many jobs waiting, workers are behind, not hints lost.
_LONG_QUEUE = 50
REHINTED = Counter("commentdesk_rehinted_total", "Overdue rows hinted again", ["job"])


async def keep_reconciling(process: WorkerProcess) -> None:
    """Look again and again; a database or Redis that is away is waited for.

    The log has when that began and when it was over, not every look between.
    """
    failed = False
    while True:
        try:
            await reconcile(process)
        except (SQLAlchemyError, RedisError, OSError) as error:
            if not failed:
                log.warning("reconcile_failed", error=type(error).__name__)
            failed = True
        else:
            if failed:
                log.info("reconciles_again")
            failed = False
        await asyncio.sleep(process.settings.reconcile_seconds)


async def reconcile(process: WorkerProcess) -> int:
    """Hint what is overdue once; how many rows. Silent while a queue is long."""
    lengths = await asyncio.to_thread(process.queues.lengths)
    if max(lengths.values()) > _LONG_QUEUE:
        return 0
    rows = await overdue(process.ledger, _with_empty_queue(lengths))
    for job in JOBS:
        ids = [row.id for row in rows if row.work == job]
        if ids and await process.queues.hint(job, ids):
            REHINTED.labels(job).inc(len(ids))
            log.info("rows_rehinted", job=job, count=len(ids))
    return len(rows)


def _with_empty_queue(lengths: dict[str, int]) -> list[Work]:
    return [work for work in Work if not lengths[JOBS[work].queue]]
