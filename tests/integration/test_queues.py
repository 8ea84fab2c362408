"""What Redis may make a worker do: the jobs of the table and nothing else."""

from pathlib import Path

import pytest
import redis as redis_client
from rq import Callback, Queue, SimpleWorker
from rq.serializers import JSONSerializer

from commentdesk.queues import AllowedJob, JobRefused, open_queue
from tests.installation import Redis


@pytest.mark.parametrize("function", ["os.system", "subprocess.call", "workers.jobs.__name__"])
def test_a_job_of_anything_else_is_refused(redis: Redis, tmp_path: Path, function: str) -> None:
    connection = redis_client.Redis.from_url(redis.url)
    mark = tmp_path / "mark"
    name = f"refused-{function}"
    # What someone with a way into Redis would write: a stock job with the JSON serializer.
    forged = Queue(name, connection=connection, serializer=JSONSerializer)
    job = forged.enqueue(function, f"touch {mark}")
    ours = open_queue(name, connection)
    worker = SimpleWorker(
        [ours], connection=connection, job_class=AllowedJob, serializer=JSONSerializer
    )
    worker.work(burst=True, logging_level="CRITICAL")
    assert not mark.exists()
    seen = AllowedJob.fetch(job.id, connection=connection, serializer=JSONSerializer)
    assert seen.get_status() == "failed"
    with pytest.raises(JobRefused):
        _ = seen.func


def test_callbacks_and_webhooks_are_dropped(redis: Redis) -> None:
    connection = redis_client.Redis.from_url(redis.url)
    forged = Queue("dropped", connection=connection, serializer=JSONSerializer)
    hook = Callback("os.system")
    job = forged.enqueue("workers.jobs.check", [], on_success=hook, on_failure=hook)
    seen = AllowedJob.fetch(job.id, connection=connection, serializer=JSONSerializer)
    assert seen.success_callback is None
    assert seen.failure_callback is None
    connection.delete(forged.key)
