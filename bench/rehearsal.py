"""Rehearsing a rule on a month of 20,000 comments, with its pauses, on an otherwise idle worker.

`python -m bench.rehearsal` runs it alone.
"""

import asyncio
import random
import resource
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uuid_utils

from bench.pipeline import WORDS
from commentdesk.database import now
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.rehearsals import ask_rehearsal, read_rehearsal
from commentdesk.ledger.tables import submissions
from tests.installation import Installation, Postgres, Redis, postgres_programs
from workers.process import WorkerProcess
from workers.rehearse import rehearse_rules

COMMENTS, AT_ONCE = 20_000, 1_000
# Half a screen, as readers write.
LENGTH = 40


def _words(kind: str, match: str, *texts: str) -> dict[str, Any]:
    words = [[kind, text, fold(text), match] for text in texts]
    return {"what": "words", "kind": kind, "match": match, "words": words, "about": ""}


RULES = {
    "a word": _words("banned", "word", "vay nóng"),
    "200 words": _words("banned", "word", *(f"{a} {b}" for a in WORDS[:20] for b in WORDS[:10])),
    "a pattern": _words("banned", "pattern", r"\bvay\s+(nóng|nhanh)"),
    "a host": _words("banned_host", "word", "vidu-quangcao.com"),
    "a word to be allowed": _words("allowed", "word", "đi bộ quanh hồ"),
    "a step of the policy": {
        "what": "threshold", "part": "hold", "one_in": 50, "article": "", "about": ""
    },
}  # fmt: skip


async def run() -> list[str]:
    """Lines of a Markdown table."""
    lines = [
        f"## Rehearsal: a month of {COMMENTS} comments of {LENGTH} words",
        "",
        "| rule | SQLite, seconds | of processor | PostgreSQL, seconds | of processor |",
        "|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        found = [await _measured(folder, redis, urls)]
        if postgres_programs():
            server = Postgres(folder)
            urls = (await server.create("ledger"), await server.create("articles"))
            found.append(await _measured(folder, redis, urls))
            server.stop()
        redis.stop()
    for rule in RULES:
        figures = [f"{figure:.1f}" for each in found for figure in each[rule]]
        lines.append(f"| {rule} | {' | '.join(figures)} |")
    return [*lines, ""]


async def _measured(
    folder: Path, redis: Redis, urls: tuple[str, str]
) -> dict[str, tuple[float, float]]:
    site = Installation(folder, redis, urls)
    site.migrate()
    ledger = site.ledger()
    await _fill(ledger)
    await ledger.close()
    return await asyncio.to_thread(_rehearsed, site)


def _rehearsed(site: Installation) -> dict[str, tuple[float, float]]:
    process = WorkerProcess(site.settings)
    try:
        return {name: _seconds(process, rule) for name, rule in RULES.items()}
    finally:
        process.close()


def _seconds(process: WorkerProcess, rule: dict[str, Any]) -> tuple[float, float]:
    """By the clock, and of this process's processor."""
    asked = process.run(ask_rehearsal(process.ledger, rule, "bench"))
    used, started = _used(), time.perf_counter()
    process.run(rehearse_rules(process, [asked.id]))
    took = time.perf_counter() - started, _used() - used
    done = process.run(read_rehearsal(process.ledger, asked.id))
    assert done
    assert (done.state, done.seen) == ("done", COMMENTS)
    return took


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


async def _fill(ledger: Ledger) -> None:
    chance = random.Random(1)
    for start in range(0, COMMENTS, AT_ONCE):
        await admit(ledger, [_admission(chance, start + n) for n in range(AT_ONCE)])
    async with ledger.database.writing() as connection:
        await connection.execute(submissions.update().values(state="published", work=None))


def _admission(chance: random.Random, number: int) -> Admission:
    made = Submission(
        id=str(uuid_utils.uuid7()),
        article=f"article-{number % 50}",
        name="Nguyễn Thị Hương",
        title=_text(chance, 5),
        content=_text(chance, LENGTH),
        language="vi",
        received_at=now() - timedelta(days=29 * number / COMMENTS),
    )
    return Admission(made, secrets.token_bytes(16))


def _text(chance: random.Random, length: int) -> str:
    words: Sequence[str] = chance.choices(WORDS, k=length)
    return " ".join(words)


if __name__ == "__main__":
    print("\n".join(asyncio.run(run())))
