"""What readers feel of 200 captchas a second: the loop's lag, their waits, and what is served.

`python -m bench.captchas SECONDS` is the crowd, in a process of its own: it asks for captchas at
that rate, each with its picture, and prints what it got.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.front import front
from bench.load import Connection, get_request, post_request
from commentdesk.settings import Settings
from tests.installation import ROOT, Installation
from tests.reader import ARTICLE, CLEAN

RATE, SECONDS, WARM_UP_SECONDS = 200, 15, 3
POSTS, GETS = 10, 50
_CONNECTIONS = 120
_LAG = "commentdesk_loop_lag_seconds_bucket"
_Act = Callable[[Connection], Awaitable[None]]


@dataclass
class Felt:
    """Seconds until a comment was taken and until a cheap answer; turns of the loop by lag."""

    posts: list[float] = field(default_factory=list)
    gets: list[float] = field(default_factory=list)
    lag: Counter[float] = field(default_factory=Counter)


async def run() -> list[str]:
    """Quiet, under the crowd, quiet again; lines of Markdown."""
    async with front() as site:
        return await _measured(site)


async def _measured(site: Installation) -> list[str]:
    await asyncio.to_thread(_crowd, site, WARM_UP_SECONDS)
    felt = {"quiet": await _feel(site)}
    weights, times = [_megabytes(site)], _seconds_worked(site)
    crowd = asyncio.create_task(asyncio.to_thread(_crowd, site, SECONDS))
    asyncio.get_running_loop().call_later(SECONDS / 2, lambda: weights.append(_megabytes(site)))
    felt["under it"] = await _feel(site)
    got = await crowd
    weights.append(_megabytes(site))
    worked = [now - then for now, then in zip(_seconds_worked(site), times, strict=True)]
    felt["quiet again"] = await _feel(site)
    return [*_told(got, weights, felt), *_worked(got, worked)]


async def _feel(site: Installation) -> Felt:
    """Post and ask for a page without work, so many times a second."""
    felt, before = Felt(), await _lags(site)
    forms = iter([_post(site, number) for number in range(POSTS * SECONDS)])
    cheap = get_request(f"{site.intake}/healthz", {})

    async def post(connection: Connection) -> None:
        assert (await connection.ask(next(forms)))[0] == 202

    async def get(connection: Connection) -> None:
        assert (await connection.ask(cheap))[0] == 200

    await asyncio.gather(
        _at_a_rate(site.intake, POSTS, SECONDS, post, felt.posts),
        _at_a_rate(site.intake, GETS, SECONDS, get, felt.gets),
    )
    felt.lag = await _lags(site)
    felt.lag.subtract(before)
    return felt


async def _at_a_rate(url: str, rate: int, seconds: float, act: _Act, took: list[float]) -> int:
    """Act so many times a second, whether the earlier ones are answered or not.

    How often that was later than a second for want of a connection. `took` is counted from when
    it was due.
    """
    idle = [await Connection.open(url) for _ in range(min(_CONNECTIONS, rate * 2))]
    free, late, started = asyncio.Semaphore(len(idle)), 0, time.perf_counter()

    async def act_once(due: float) -> None:
        connection = idle.pop()
        await act(connection)
        took.append(time.perf_counter() - due)
        idle.append(connection)
        free.release()

    async with asyncio.TaskGroup() as acting:
        for number in range(round(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(due - time.perf_counter())
            await free.acquire()
            late += time.perf_counter() - due > 1
            acting.create_task(act_once(due))
    for connection in idle:
        connection.close()
    return late


def _crowd(site: Installation, seconds: int) -> dict[str, Any]:
    """What the crowd got."""
    line = [sys.executable, "-m", "bench.captchas", str(seconds)]
    done = subprocess.run(line, env=site.environ, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    got: dict[str, Any] = json.loads(done.stdout)
    return got


async def main() -> None:
    """The crowd."""
    url, statuses, took = (
        Settings().intake_url.replace("localhost", "127.0.0.1"),
        Counter[str](),
        [],
    )
    wanted = post_request(f"{url}/v1/captchas", json.dumps({"article": ARTICLE}).encode())

    async def ask(connection: Connection) -> None:
        status, body = await connection.ask(wanted)
        statuses[f"captchas {status}"] += 1
        started = time.perf_counter()
        picture = url + urlsplit(json.loads(body)["image_url"]).path
        status, _ = await connection.ask(get_request(picture, {}))
        statuses[f"pictures {status}"] += 1
        if status == 200:
            took.append(time.perf_counter() - started)

    started, seconds = time.perf_counter(), float(sys.argv[1])
    late = await _at_a_rate(url, RATE, seconds, ask, [])
    lasted = time.perf_counter() - started
    cuts = statistics.quantiles(took, n=100)
    got = {"seconds": lasted, "late": late, "p50": cuts[49], "p99": cuts[98], **statuses}
    print(json.dumps(got))


def _post(site: Installation, number: int) -> bytes:
    captcha = site.captcha(ARTICLE)
    form = {
        **CLEAN,
        "content": f"{CLEAN['content']} Lần thứ {number}.",
        "captcha_id": captcha.id,
        "captcha_answer": captcha.answer,
    }
    url = f"{site.intake}/v1/articles/{ARTICLE}/comments"
    return post_request(url, json.dumps(form, ensure_ascii=False).encode())


async def _lags(site: Installation) -> Counter[float]:
    """Turns of the loop that were late by at most so many seconds."""
    connection = await Connection.open(site.intake)
    _, told = await connection.ask(get_request(f"{site.intake}/metrics", {}))
    connection.close()
    return Counter(
        {
            float(sample.labels["le"]): sample.value
            for family in text_string_to_metric_families(told.decode())
            for sample in family.samples
            if sample.name == _LAG
        }
    )


def _megabytes(site: Installation) -> tuple[float, float]:
    """Of intake and of its drawing process."""
    intake, drawing = (process.memory_info().rss / 1e6 for process in _processes(site))
    return intake, drawing


def _seconds_worked(site: Installation) -> list[float]:
    """By both, whatever else the machine had to do."""
    times = [process.cpu_times() for process in _processes(site)]
    return [time.user + time.system for time in times]


def _processes(site: Installation) -> list[psutil.Process]:
    intake = psutil.Process(site.process("intake"))
    return [intake, *intake.children()]


def _told(
    got: dict[str, Any], weights: list[tuple[float, float]], felt: dict[str, Felt]
) -> list[str]:
    served, refused = got.get("pictures 200", 0), got.get("pictures 503", 0)
    intakes, drawings = zip(*weights, strict=True)
    return [
        f"## Captchas: {RATE} a second asked for with their pictures, for {SECONDS} s, limits off",
        "",
        f"A crowd in a process of its own, {POSTS} comments and {GETS} `GET /healthz` a second "
        "beside it, all on the same cores. Milliseconds; lag is how late the loop woke.",
        "",
        "| | lag p50 | lag p99 | cheap p50 | cheap p99 | comment p50 | comment p99 |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, each) for name, each in felt.items()),
        _ratios(felt["under it"], felt["quiet"]),
        "",
        f"Of {round(RATE * SECONDS)} captchas {got.get('captchas 201', 0)} were issued; "
        f"{served} pictures were served, {served / got['seconds']:.0f} a second "
        f"(p50 {got['p50'] * 1e3:.0f} ms, p99 {got['p99'] * 1e3:.0f} ms), {refused} refused with "
        f"503 and Retry-After; {got['late']} asked a second late for want of a connection.",
        "",
        "Megabytes before, amid and after: intake "
        f"{', '.join(f'{size:.0f}' for size in intakes)}; the drawing process "
        f"{', '.join(f'{size:.0f}' for size in drawings)}.",
        "",
    ]


def _worked(got: dict[str, Any], worked: list[float]) -> list[str]:
    intake, drawing = (seconds * 1e3 for seconds in worked)
    return [
        f"Of the processors' time intake took {intake / got['captchas 201']:.1f} ms for each "
        "captcha with its picture or refusal, the comments and cheap answers beside it included; "
        f"the drawing process {drawing / got['pictures 200']:.1f} ms for each picture.",
        "",
    ]


def _row(name: str, felt: Felt) -> str:
    return f"| {name} | {' | '.join(f'{each * 1e3:.1f}' for each in _figures(felt))} |"


def _ratios(under: Felt, quiet: Felt) -> str:
    pairs = zip(_figures(under), _figures(quiet), strict=True)
    return f"| to quiet | {' | '.join(f'{one / other:.1f}' for one, other in pairs)} |"


def _figures(felt: Felt) -> list[float]:
    found = [_quantile(felt.lag, 0.5), _quantile(felt.lag, 0.99)]
    for took in (felt.gets, felt.posts):
        cuts = statistics.quantiles(took, n=100)
        found += [cuts[49], cuts[98]]
    return found


def _quantile(lag: Counter[float], share: float) -> float:
    """As Prometheus reckons it: evenly spread within a bucket."""
    wanted, below, count = share * max(lag.values()), 0.0, 0.0
    for bound in sorted(lag):
        if lag[bound] >= wanted:
            return below + (bound - below) * (wanted - count) / (lag[bound] - count)
        below, count = bound, lag[bound]
    return below


if __name__ == "__main__":
    asyncio.run(main())
