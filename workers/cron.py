"""What runs by the clock; each run may be missed or doubled without harm."""

import asyncio
import logging

from redis.exceptions import RedisError
from rq.cron import CronJob

from commentdesk.log import log
from commentdesk.queues import JOBS, enqueue, open_queue
from workers.process import WorkerProcess

# A rehearsal is hinted when it is asked for; by the clock come those whose hint was lost.
SCHEDULE: dict[str, str] = {
    "retain": "17 3 * * *",
    "learn": "*/10 * * * *",
    "second_look": "*/5 * * * *",
    "rehearse": "* * * * *",
}
_LOOK_SECONDS = 30.0


async def keep_time(process: WorkerProcess) -> None:
    """Enqueue what is due; RQ's cron entries tell when that is."""
    logging.getLogger("rq").setLevel(logging.WARNING)
    entries = {
        job: CronJob(JOBS[job].queue, func_name=JOBS[job].wire_name, cron=schedule)
        for job, schedule in SCHEDULE.items()
    }
    while True:
        for job, entry in entries.items():
            if entry.should_run():
                await _enqueue(process, job, entry)
        await asyncio.sleep(_LOOK_SECONDS)


async def _enqueue(process: WorkerProcess, job: str, entry: CronJob) -> None:
    kind = JOBS[job]
    queue = open_queue(kind.queue, process.queues.connection)
    try:
        await asyncio.to_thread(enqueue, queue, kind, [])
    except (RedisError, OSError) as error:
        log.warning("cron_job_not_left", job=job, error=type(error).__name__)
        return
    if entry.next_enqueue_time:
        entry.set_enqueue_time(entry.next_enqueue_time)
