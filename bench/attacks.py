"""What good readers feel of an attack: posting a comment, quiet and under each, in one run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.attackers import CLIENTS, DRIPS, IDLE
from bench.front import front
from bench.load import Measured, measure, post_request
from tests.installation import ROOT, Installation
from tests.reader import ARTICLE, CLEAN

POSTS = 1_000
READERS = 4
ATTACKS = {
    "headers": f"{DRIPS} headers, dripping",
    "bodies": f"{DRIPS} bodies, dripping",
    "idle": f"{IDLE} idle connections",
    "plain": "a page, no attack",
    "large": "bodies of 1 MB",
    "deep": "deep JSON, 60 kB",
    "flat": "flat JSON, 60 kB",
    "keys": "6,000 keys, 60 kB",
    "marks": "30,000 marks on a letter",
    "picture": "captcha pictures",
    "sound": "captcha sounds",
    "wrong": "wrong captchas",
}


@dataclass
class Attack:
    """One attack going on; how many answers it got, once it is over."""

    answered: int = 0


async def run() -> list[str]:
    """Quiet, each attack, quiet again; lines of a Markdown table."""
    async with front() as site:
        return _table(await _measure_all(site))


async def _measure_all(site: Installation) -> list[tuple[str, int, Measured]]:
    await _readers(site)
    rows = [("quiet", 0, await _readers(site))]
    for name, title in ATTACKS.items():
        with _under(site, name) as attack:
            measured = await _readers(site)
        rows.append((title, attack.answered, measured))
    return [*rows, ("quiet again", 0, await _readers(site))]


async def _readers(site: Installation) -> Measured:
    url = f"{site.intake}/v1/articles/{ARTICLE}/comments".replace("localhost", "127.0.0.1")
    measured = await measure(url, [_post(site, url, n) for n in range(POSTS)], READERS)
    assert set(measured.statuses) == {202}, measured
    return measured


def _post(site: Installation, url: str, number: int) -> bytes:
    captcha = site.captcha(ARTICLE)
    form = {
        **CLEAN,
        "content": f"{CLEAN['content']} Lần thứ {number}.",
        "captcha_id": captcha.id,
        "captcha_answer": captcha.answer,
    }
    return post_request(url, json.dumps(form, ensure_ascii=False).encode())


@contextmanager
def _under(site: Installation, name: str) -> Iterator[Attack]:
    attack = Attack()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.attackers", name],
        env=site.environ,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield attack
        attack.answered = int(process.communicate("", 60)[0])
    finally:
        process.kill()
        process.wait()


def _table(rows: list[tuple[str, int, Measured]]) -> list[str]:
    quiet = rows[0][2]
    return [
        f"## Attacks: {POSTS} good posts from {READERS} readers, quiet and under each attack",
        "",
        f"Floods come from {CLIENTS} clients, as fast as they are answered, limits off; attackers, "
        "readers and service share one machine's cores.",
        "",
        "| | answers to the attack | p50 ms | p99 ms | p50 to quiet | p99 to quiet |",
        "|---|---|---|---|---|---|",
        *(
            f"| {title} | {answered or ''} | {found.p50 * 1e3:.1f} | {found.p99 * 1e3:.1f} "
            f"| {found.p50 / quiet.p50:.1f} | {found.p99 / quiet.p99:.1f} |"
            for title, answered, found in rows
        ),
        "",
    ]
