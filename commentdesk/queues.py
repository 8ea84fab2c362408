"""The RQ queues: which jobs exist, and how a hint is left for a worker.

A job carries ids alone and says only "look at these rows"; losing one or running one twice is
harmless, because rows are claimed in the ledger.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from commentdesk.log import log
from commentdesk.redis_client import connect_blocking
from commentdesk.settings import Settings

HINT_SIZE = 100
_FAILURE_SECONDS = 600


@dataclass(frozen=True)
class JobKind:
    """One kind of job: the name on the wire, its queue, the seconds it may run."""

    wire_name: str
    queue: str
    timeout: int


JOBS: dict[str, JobKind] = {
    "check": JobKind("workers.jobs.check", "checks", 60),
    "publish": JobKind("workers.jobs.publish", "publish", 60),
    "retract": JobKind("workers.jobs.retract", "publish", 60),
    "retain": JobKind("workers.jobs.retain", "upkeep", 600),
    "learn": JobKind("workers.jobs.learn", "upkeep", 600),
    "second_look": JobKind("workers.jobs.second_look", "upkeep", 600),
    "rehearse": JobKind("workers.jobs.rehearse", "upkeep", 1800),
}
QUEUES = tuple(dict.fromkeys(kind.queue for kind in JOBS.values()))
_ALLOWED = frozenset(kind.wire_name for kind in JOBS.values())


class JobRefused(Exception):
    """The job in Redis names something no job of ours is."""


class AllowedJob(Job):
    """A job that runs the functions in JOBS and nothing else, whatever was written to Redis.

    Without it any importable path runs (`os.system` too), even with the JSON serializer.
    """

    @property
    def func(self) -> Callable[..., Any]:
        if self.func_name not in _ALLOWED or self.instance is not None:
            raise JobRefused(str(self.func_name)[:100])
        function: Callable[..., Any] = super().func
        return function

    def restore(self, raw_data: Any) -> Any:
        result = super().restore(raw_data)
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        return result


class Queues:
    """Leaves hints; a Redis that is away costs a delay (the reconciler hints again), no error."""

    def __init__(self, settings: Settings) -> None:
        self.connection = connect_blocking(settings.redis_url)
        self._queues = {name: open_queue(name, self.connection) for name in QUEUES}

    async def hint(self, job: str, ids: list[str]) -> bool:
        """Leave hints from an event loop; True if Redis took them."""
        return await asyncio.to_thread(self.hint_now, job, ids)

    def hint_now(self, job: str, ids: list[str]) -> bool:
        """Leave one job for every HINT_SIZE ids; True if Redis took them."""
        kind = JOBS[job]
        try:
            for start in range(0, len(ids), HINT_SIZE):
                enqueue(self._queues[kind.queue], kind, ids[start : start + HINT_SIZE])
        except (RedisError, OSError) as error:
            log.warning("hint_not_left", job=job, count=len(ids), error=type(error).__name__)
            return False
        return True

    def lengths(self) -> dict[str, int]:
        """Jobs waiting in each queue.

        Raises:
            redis.RedisError: Redis is away.
        """
        return {name: queue.count for name, queue in self._queues.items()}

    def close(self) -> None:
        self.connection.close()


def open_queue(name: str, connection: redis.Redis) -> Queue:
    """The queue as every process of ours opens it."""
    return Queue(name, connection=connection, job_class=AllowedJob, serializer=JSONSerializer)


def enqueue(queue: Queue, kind: JobKind, ids: list[str]) -> None:
    """Put one job in its queue; nothing of it stays in Redis once it has run."""
    queue.enqueue_call(
        kind.wire_name,
        args=(ids,) if ids else (),
        timeout=kind.timeout,
        result_ttl=0,
        failure_ttl=_FAILURE_SECONDS,
        description=kind.wire_name,
    )
