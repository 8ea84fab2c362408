"""Intake against a bare aiohttp JSON handler, in one run; each 202 of intake is durable."""

import asyncio
import json
import subprocess
import sys

import psutil

from bench.front import front
from bench.load import Measured, measure, post_request
from tests.installation import Installation, free_ports, until
from tests.reader import ARTICLE, CLEAN

REQUESTS = 8_000
WARM_UP = 500
CONNECTIONS = 128
ROUNDS = 3


Turn = tuple[Measured, float]


async def run() -> list[str]:
    """Measure in turns, best of three each; lines of a Markdown table."""
    async with front() as site:
        port = free_ports(1)[0]
        bare = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)])
        try:
            await until(lambda: _listens(port), "the bare handler listens")
            return _table(*await _rounds(site, port, psutil.Process(bare.pid)))
        finally:
            bare.kill()


async def _rounds(
    site: Installation, port: int, bare_process: psutil.Process
) -> tuple[list[Turn], list[Turn]]:
    intake_process = next(
        child for child in psutil.Process().children() if "services.intake" in child.cmdline()
    )
    bare_url = f"http://127.0.0.1:{port}/v1/articles/{ARTICLE}/comments"
    intake_url = f"{site.intake}/v1/articles/{ARTICLE}/comments".replace("localhost", "127.0.0.1")
    bare, intake = [], []
    for count in (WARM_UP, *[REQUESTS] * ROUNDS):
        bare.append(await _turn(bare_process, bare_url, _requests(site, bare_url, count)))
        intake.append(await _turn(intake_process, intake_url, _requests(site, intake_url, count)))
    assert all(set(result.statuses) == {202} for result, _ in intake), intake
    return bare[1:], intake[1:]


async def _turn(process: psutil.Process, url: str, requests: list[bytes]) -> Turn:
    """What was measured, and the process's own time an answer in seconds.

    Other work on the machine spoils rates far more than this.
    """
    before = process.cpu_times()
    measured = await measure(url, requests, CONNECTIONS)
    after = process.cpu_times()
    return measured, (after.user + after.system - before.user - before.system) / len(requests)


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


def _table(bare: list[Turn], intake: list[Turn]) -> list[str]:
    rates = sorted(i.rate / b.rate for (b, _), (i, _) in zip(bare, intake, strict=True))
    times = sorted(b / i for (_, b), (_, i) in zip(bare, intake, strict=True))
    rows = [("bare aiohttp JSON POST", bare), ("intake, SQLite, durable", intake)]
    return [
        f"## Intake: {REQUESTS} posts, {CONNECTIONS} connections, best of {ROUNDS} rounds in turns",
        "",
        "| | answers/s | p50 ms | p99 ms | µs of the process an answer |",
        "|---|---|---|---|---|",
        *(_line(name, turns) for name, turns in rows),
        "",
        f"Ratio of rates, round by round: {', '.join(f'{ratio:.2f}' for ratio in rates)}; "
        f"median **{rates[len(rates) // 2]:.2f}** (bar: at least 0.40). "
        f"Of the processes' own time: {', '.join(f'{ratio:.2f}' for ratio in times)}.",
        "",
    ]


def _line(name: str, turns: list[Turn]) -> str:
    best = max((measured for measured, _ in turns), key=lambda measured: measured.rate)
    least = min(seconds for _, seconds in turns)
    return (
        f"| {name} | {best.rate:.0f} | {best.p50 * 1e3:.1f} | {best.p99 * 1e3:.1f} "
        f"| {least * 1e6:.0f} |"
    )
