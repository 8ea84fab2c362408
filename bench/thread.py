"""A thread of 33,000 comments beside one of 100: what each question of a reader's page costs."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from commentdesk.database import Database, migrate
from services.articles import documents, shelf, threads
from services.articles.app import MIGRATIONS
from services.articles.records import Comment, Page, Part
from services.articles.versions import Versions
from tests.crowd import gather
from tests.installation import Postgres, postgres_programs

SIZES = (33_000, 100)
TIMES = 200
Question = Callable[[], Awaitable[object]]


async def run() -> list[str]:
    """A table: milliseconds of CPU a question, by database and size."""
    kinds = ["SQLite"] + (["PostgreSQL"] if postgres_programs() else [])
    measured = {kind: await _measured(kind) for kind in kinds}
    titles = " | ".join(f"{kind}, {size:,}" for kind in kinds for size in SIZES)
    lines = [
        f"## Thread: a reader's questions, {SIZES[0]:,} comments beside {SIZES[1]}",
        "",
        f"Milliseconds of CPU a question, mean of {TIMES}, with the JSON and the database's own "
        "processes, nothing from memory. A tenth of the comments answer one comment, another tenth "
        "each another one.",
        "",
        f"| question | {titles} |",
        "|---" * (1 + len(kinds) * len(SIZES)) + "|",
    ]
    for question in next(iter(measured.values()))[0]:
        figures = [f"{sizes[question]:.2f}" for kind in kinds for sizes in measured[kind]]
        lines.append(f"| {question} | " + " | ".join(figures) + " |")
    return [*lines, ""]


async def _measured(kind: str) -> list[dict[str, float]]:
    async with _database(kind) as (database, processes):
        found = []
        for size in SIZES:
            article = f"crowd-{size}"
            await gather(database, article, size)
            questions = await _questions(database, article, size)
            found.append(
                {
                    name: await _milliseconds(question, processes)
                    for name, question in questions.items()
                }
            )
        return found


async def _questions(database: Database, article: str, size: int) -> dict[str, Question]:
    deep = (await threads.thread(database, article, f"{article}-{size // 2:05}")).next
    late = (await threads.thread(database, article, f"{article}-{size - size // 20:05}")).items[0]
    top = f"{article}-00000"
    versions = Versions(database)

    def told(asked: Callable[[], Awaitable[Page[Comment]]]) -> Question:
        async def question() -> None:
            page = await asked()
            items = [documents.comment(item) for item in page.items]
            documents.body(documents.listed(items, page.next))

        return question

    def listed(part: Part) -> Question:
        return told(lambda: threads.comments_page(database, article, part))

    replies = Part("oldest", late.replies_previous, 20)
    return {
        "first page of 20 threads, newest first": listed(Part("newest", None, 20)),
        "first page, oldest first": listed(Part("oldest", None, 20)),
        "a page in the middle": listed(Part("newest", deep, 20)),
        "20 replies, far down": told(lambda: threads.replies_page(database, article, top, replies)),
        "a permalink to a late reply": told(
            lambda: threads.thread(database, article, f"{article}-{size - 1:05}")
        ),
        "what changed since": lambda: threads.changes_since(database, article, 1),
        "counts": lambda: shelf.counts(database, [article]),
        "version (all that a 304 needs)": lambda: versions.of(article),
    }


async def _milliseconds(question: Question, processes: list[psutil.Process]) -> float:
    for _ in range(10):
        await question()
    others = _cpu(processes)
    started = time.process_time()
    for _ in range(TIMES):
        await question()
    own = time.process_time() - started
    return (own + _cpu(processes) - others) / TIMES * 1_000


def _cpu(processes: list[psutil.Process]) -> float:
    """Of all of the server's processes, the one that serves us among them."""
    found = {child for process in processes for child in process.children(recursive=True)}
    return sum(sum(process.cpu_times()[:2]) for process in found)


@asynccontextmanager
async def _database(kind: str) -> AsyncIterator[tuple[Database, list[psutil.Process]]]:
    with TemporaryDirectory() as folder:
        server = Postgres(Path(folder)) if kind == "PostgreSQL" else None
        try:
            if server:
                url = await server.create("thread")
            else:
                url = f"sqlite+aiosqlite:///{folder}/articles.db"
            _migrate(url)
            database = Database(url)
            yield database, [psutil.Process(server.process.pid)] if server else []
            await database.close()
        finally:
            if server:
                server.stop()


def _migrate(url: str) -> None:
    """Alembic runs a loop of its own, and there is one in this thread already."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(migrate, url, MIGRATIONS).result()
