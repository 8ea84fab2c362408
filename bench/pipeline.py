"""Check and publish against one empty job a submission on a stock RQ SimpleWorker."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

import redis as redis_client
import sqlalchemy as sql
import uuid_utils
from rq import Queue, SimpleWorker

from commentdesk.domain.submission import Submission
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.tables import submissions
from commentdesk.queues import Queues
from tests.installation import ROOT, Installation, Redis, until
from tests.reader import ARTICLE, CLEAN

SUBMISSIONS = 3_000
# What the tests switch off; everyone writes something else from somewhere else, as readers do.
REMEMBERED = {"FLOOD_COPIES": "3", "BURST_ADDRESS": "20", "BURST_PHONE": "10"}
TEXTS = ROOT / "training/texts/honest/vi"
WORDS = sorted({word for file in TEXTS.glob("*.txt") for word in file.read_text("utf-8").split()})
ROUNDS = 3


def nothing() -> None:
    """The empty job of the yardstick."""


async def run() -> list[str]:
    """Measure in turns; lines of a Markdown table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        site = Installation(folder, redis, urls, **REMEMBERED)
        try:
            site.migrate()
            await site.start("articles", "checks", "publish")
            await _pipeline_rate(site, 100)
            ours, stock = [], []
            for _ in range(ROUNDS):
                stock.append(stock_rate(redis.url, SUBMISSIONS))
                ours.append(await _pipeline_rate(site, SUBMISSIONS))
            return _table(ours, stock)
        finally:
            site.stop()
            redis.stop()


def stock_rate(redis_url: str, count: int) -> float:
    """Jobs a second of a stock worker, its start and imports not counted."""
    queue = Queue("stock", connection=redis_client.Redis.from_url(redis_url))
    queue.enqueue_many([Queue.prepare_data(nothing) for _ in range(count)])
    command = [sys.executable, "-m", "bench.pipeline", redis_url]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return count / float(done.stdout.strip().splitlines()[-1])


async def _pipeline_rate(site: Installation, count: int) -> float:
    """Submissions a second from hint to published."""
    ledger, queues = site.ledger(), Queues(site.settings)
    admitted = [_admission() for _ in range(count)]
    for start in range(0, count, 500):
        await admit(ledger, admitted[start : start + 500])
    ids = [admission.submission.id for admission in admitted]

    async def all_done() -> bool:
        left = sql.select(sql.func.count()).where(submissions.c.work.is_not(None))
        async with ledger.database.reading() as connection:
            return (await connection.execute(left)).scalar_one() == 0

    started = time.perf_counter()
    await queues.hint("check", ids)
    await until(all_done, "all are published or on the desk", 120)
    elapsed = time.perf_counter() - started
    await ledger.close()
    queues.close()
    return count / elapsed


def _admission() -> Admission:
    submission = Submission(
        id=str(uuid_utils.uuid7()),
        article=ARTICLE,
        name=CLEAN["name"],
        title=CLEAN["title"],
        content=" ".join(random.sample(WORDS, 24)),
        language="vi",
        received_at=datetime.now(UTC),
        phone=f"0912{random.randrange(10**6):06}",
        address=str(IPv4Address(random.randrange(2**32))),
    )
    return Admission(submission, uuid_utils.uuid4().bytes)


def _table(ours: list[float], stock: list[float]) -> list[str]:
    ratios = sorted(o / s for o, s in zip(ours, stock, strict=True))
    return [
        f"## Pipeline: {SUBMISSIONS} submissions checked and published, {ROUNDS} rounds in turns",
        "",
        "| | a second, best round |",
        "|---|---|",
        f"| one empty job each, stock RQ SimpleWorker | {max(stock):.0f} |",
        f"| check and publish to the article store, one worker each | {max(ours):.0f} |",
        "",
        f"Ratio, round by round: {', '.join(f'{ratio:.1f}' for ratio in ratios)}; "
        f"median **{ratios[len(ratios) // 2]:.1f}** (bar: at least 3).",
        "",
    ]


def _work() -> None:
    connection = redis_client.Redis.from_url(sys.argv[1])
    worker = SimpleWorker([Queue("stock", connection=connection)], connection=connection)
    started = time.perf_counter()
    worker.work(burst=True, logging_level="WARNING")
    print(time.perf_counter() - started)


if __name__ == "__main__":
    _work()
