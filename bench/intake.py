"""Intake against a bare aiohttp JSON handler, in one run; each 202 of intake is durable."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.load import Measured, measure, post_request
from tests.installation import Installation, Redis, free_ports, until
from tests.reader import ARTICLE, CLEAN

REQUESTS = 8_000
WARM_UP = 500
CONNECTIONS = 128
ROUNDS = 3


async def run() -> list[str]:
    """Measure in turns, best of three each; lines of a Markdown table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        site = Installation(folder, redis, urls)
        port = free_ports(1)[0]
        bare = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)])
        try:
            site.migrate()
            await site.start("articles", "intake")
            await until(lambda: _listens(port), "the bare handler listens")
            return _table(*await _rounds(site, port))
        finally:
            bare.kill()
            site.stop()
            redis.stop()


async def _rounds(site: Installation, port: int) -> tuple[list[Measured], list[Measured]]:
    bare_url = f"http://127.0.0.1:{port}/v1/articles/{ARTICLE}/comments"
    intake_url = f"{site.intake}/v1/articles/{ARTICLE}/comments".replace("localhost", "127.0.0.1")
    await measure(bare_url, _requests(site, bare_url, WARM_UP), CONNECTIONS)
    await measure(intake_url, _requests(site, intake_url, WARM_UP), CONNECTIONS)
    bare, intake = [], []
    for _ in range(ROUNDS):
        bare.append(await measure(bare_url, _requests(site, bare_url, REQUESTS), CONNECTIONS))
        intake.append(await measure(intake_url, _requests(site, intake_url, REQUESTS), CONNECTIONS))
    assert all(set(result.statuses) == {202} for result in intake), intake
    return bare, intake


def _requests(site: Installation, url: str, count: int) -> list[bytes]:
    """Forms of a real size, each with a captcha of its own, minted before the clock starts."""
    made = []
    for number in range(count):
        captcha = site.captcha(ARTICLE)
        form = {
            **CLEAN,
            "content": f"{CLEAN['content']} Lần thứ {number}.",
            "phone": "0912345678",
            "captcha_id": captcha.id,
            "captcha_answer": captcha.answer,
        }
        made.append(post_request(url, json.dumps(form, ensure_ascii=False).encode()))
    return made


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _table(bare: list[Measured], intake: list[Measured]) -> list[str]:
    best_bare = max(bare, key=lambda result: result.rate)
    best_intake = max(intake, key=lambda result: result.rate)
    ratios = sorted(i.rate / b.rate for b, i in zip(bare, intake, strict=True))
    rows = [("bare aiohttp JSON POST", best_bare), ("intake, SQLite, durable", best_intake)]
    return [
        f"## Intake: {REQUESTS} posts, {CONNECTIONS} connections, best of {ROUNDS} rounds in turns",
        "",
        "| | answers/s | p50 ms | p99 ms |",
        "|---|---|---|---|",
        *(f"| {n} | {m.rate:.0f} | {m.p50 * 1e3:.1f} | {m.p99 * 1e3:.1f} |" for n, m in rows),
        "",
        f"Ratio of rates, round by round: {', '.join(f'{ratio:.2f}' for ratio in ratios)}; "
        f"median **{ratios[len(ratios) // 2]:.2f}** (bar: at least 0.40).",
        "",
    ]
