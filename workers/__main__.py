"""`python -m workers checks|publish|upkeep`: one warm process on one queue."""

import sys

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from commentdesk.log import configure, log
from commentdesk.queues import QUEUES, AllowedJob, open_queue
from commentdesk.redis_client import connect_blocking
from workers.cron import keep_time
from workers.process import this_process
from workers.reconcile import keep_reconciling

_MAINTENANCE_SECONDS = 60


def main() -> None:
    """Work until SIGTERM; the job under way is finished first."""
    if len(sys.argv) != 2 or sys.argv[1] not in QUEUES:  # noqa: PLR2004
        sys.exit(f"usage: python -m workers {'|'.join(QUEUES)}")
    name = sys.argv[1]
    process = this_process()
    configure(name, process.settings.log_level)
    if name == "upkeep":
        process.start(keep_reconciling(process))
        process.start(keep_time(process))
    try:
        _worker(name).work(logging_level="WARNING")
    except (RedisError, OSError) as error:
        # The supervisor starts this process again, later every time.
        log.error("redis_away", error=type(error).__name__)
        sys.exit(1)
    finally:
        process.close()


def _worker(name: str) -> SimpleWorker:
    connection = connect_blocking(this_process().settings.redis_url, answer_seconds=None)
    return SimpleWorker(
        [open_queue(name, connection)],
        connection=connection,
        job_class=AllowedJob,
        serializer=JSONSerializer,
        log_job_description=False,
        maintenance_interval=_MAINTENANCE_SECONDS,
        worker_ttl=60,
    )


if __name__ == "__main__":
    main()
