"""GET of a page with 100 comments: ours, the same bytes by a bare aiohttp handler, Isso's comments.

Isso is measured where `BENCH_ISSO` names a Python that has isso and gunicorn installed; it is no
dependency of ours.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import aiohttp
import psutil

from bench.load import get_request, measure
from tests.conftest import sqlite_urls
from tests.crowd import gather
from tests.installation import Installation, Redis, free_ports, until

COMMENTS = 100
ARTICLE = "crowd"
ROUNDS, ANSWERS, CONNECTIONS = 5, 1_000, 32
# Isso renders each comment's Markdown for each answer.
ISSO_ANSWERS = 64
WORDS = "Tôi đọc bài này và nhớ chuyện của xóm mình. "


class Subject:
    """An address to get, and the processes that answer."""

    def __init__(self, name: str, url: str, process: int, **headers: str) -> None:
        self.name, self.url, self.answers = name, url, ANSWERS
        self.process = psutil.Process(process)
        self.request = get_request(url, headers)
        self.rates: list[float] = []
        self.microseconds: list[float] = []
        self.bytes = 0

    async def take_turn(self) -> None:
        before = self._cpu()
        measured = await measure(self.url, [self.request] * self.answers, CONNECTIONS)
        assert set(measured.statuses) <= {200, 304}, measured.statuses
        self.rates.append(measured.rate)
        self.microseconds.append((self._cpu() - before) / self.answers * 1e6)

    def _cpu(self) -> float:
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in family)


async def run() -> list[str]:
    """A table of answers a second and of CPU time an answer, and the ratios of one run."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        subjects = await _subjects(stack, folder)
        for subject in subjects:
            await subject.take_turn()
            subject.rates.clear()
            subject.microseconds.clear()
        for _ in range(ROUNDS):
            for subject in subjects:
                await subject.take_turn()
    return _table(subjects)


def _table(subjects: Sequence[Subject]) -> list[str]:
    page, bare = subjects[0], subjects[1]
    lines = [
        f"## Page: GET with {COMMENTS} comments, {CONNECTIONS} connections, {ROUNDS} rounds",
        "",
        "| | bytes | answers/s, median | rate beside the bare handler's | µs of the process |",
        "|---|---|---|---|---|",
    ]
    for subject in subjects:
        ratio = median(a / b for a, b in zip(subject.rates, bare.rates, strict=True))
        lines.append(
            f"| {subject.name} | {subject.bytes:,} | {median(subject.rates):.0f} | "
            f"{ratio:.2f} | {median(subject.microseconds):.0f} |"
        )
    if (isso := subjects[-1]).name.startswith("Isso"):
        ratio = median(isso.microseconds) / median(page.microseconds)
        lines += ["", f"Isso's process works {ratio:.0f} times as long for its comments alone."]
    return [*lines, ""]


async def _subjects(stack: AsyncExitStack, folder: Path) -> list[Subject]:
    site = await stack.enter_async_context(_site(folder))
    process = site.process("articles")
    page = f"{site.articles}/articles/{ARTICLE}"
    listed = f"{site.articles}/v1/articles/{ARTICLE}/comments?limit=100"
    html, tag = await _fetch(page)
    comments, _ = await _fetch(listed)
    bare = await stack.enter_async_context(_bare(folder, html))
    subjects = [
        Subject("article page, HTML", page, process),
        Subject("bare aiohttp handler, the same bytes", bare[0], bare[1]),
        Subject("article page, known to the caller: 304", page, process, **{"If-None-Match": tag}),
        Subject("the comments alone, JSON", listed, process),
    ]
    for subject, size in zip(subjects, (len(html), len(html), 0, len(comments)), strict=True):
        subject.bytes = size
    if python := os.environ.get("BENCH_ISSO"):
        url, number = await stack.enter_async_context(_isso(folder, python))
        subjects.append(Subject("Isso, the comments alone, JSON", url, number))
        subjects[-1].bytes = len((await _fetch(url))[0])
        subjects[-1].answers = ISSO_ANSWERS
    return subjects


@asynccontextmanager
async def _site(folder: Path) -> AsyncIterator[Installation]:
    redis = Redis(folder)
    site = Installation(folder, redis, sqlite_urls(folder))
    site.migrate()
    database = site.articles_database()
    await gather(database, ARTICLE, COMMENTS)
    await database.close()
    await site.start("articles")
    try:
        yield site
    finally:
        site.stop()
        redis.stop()


@asynccontextmanager
async def _bare(folder: Path, body: bytes) -> AsyncIterator[tuple[str, int]]:
    (folder / "page.html").write_bytes(body)
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "bench.bare", str(port), str(folder / "page.html")]
    async with _running(command, f"http://127.0.0.1:{port}/page", {}) as found:
        yield found


@asynccontextmanager
async def _isso(folder: Path, python: str) -> AsyncIterator[tuple[str, int]]:
    port = free_ports(1)[0]
    (folder / "isso.cfg").write_text(
        f"[general]\ndbpath = {folder}/isso.db\nhost = http://127.0.0.1/\n"
        "[guard]\nenabled = false\n[moderation]\nenabled = false\n"
    )
    command = [python, "-m", "gunicorn", "-k", "gthread", "--threads", "4", "-w", "1"]
    command += ["-b", f"127.0.0.1:{port}", "isso.run:application"]
    url = f"http://127.0.0.1:{port}/?uri=/{ARTICLE}/"
    environment = {**os.environ, "ISSO_SETTINGS": str(folder / "isso.cfg")}
    async with _running(command, url, environment) as found:
        async with aiohttp.ClientSession() as http:
            for at in range(COMMENTS):
                body = {"author": f"Bạn đọc {at}", "text": f"{WORDS} {at} " * (1 + at % 4)}
                address = url.replace("/?uri", "/new?uri")
                async with http.post(
                    address,
                    data=json.dumps({**body, "title": "Một bài"}),
                    headers={"Content-Type": "application/json"},
                ) as response:
                    assert response.status in {201, 202}, await response.text()
        yield found


@asynccontextmanager
async def _running(
    command: list[str], url: str, environment: dict[str, str]
) -> AsyncIterator[tuple[str, int]]:
    process = subprocess.Popen(
        command, env=environment or None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    port = urlsplit(url).port

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await until(listens, f"{command[2]} listens")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


async def _fetch(url: str) -> tuple[bytes, str]:
    async with (
        aiohttp.ClientSession(headers={"Accept-Encoding": "identity"}) as http,
        http.get(url) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.read(), response.headers.get("ETag", "")
