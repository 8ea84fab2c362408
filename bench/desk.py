"""The desk with 10,000 and 100,000 waiting: server times of its pages, on both databases."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import sqlalchemy as sql
import uuid_utils

from bench.pipeline import WORDS
from commentdesk.database import now
from commentdesk.domain.text import fold
from commentdesk.ledger import Ledger
from commentdesk.ledger.doubts import doubts_of
from commentdesk.ledger.tables import (
    articles,
    decisions,
    events,
    fingerprints,
    submissions,
    verdicts,
)
from tests.installation import Installation, Postgres, Redis, postgres_programs
from tests.reader import Desk

SIZES = (10_000, 100_000)
ROUNDS = 9
BAR_MILLISECONDS = 200
# Of those that wait: in floods of so many, and not found clean.
FLOODED, FLOOD, DOUBTED = 0.3, 150, 0.6
ARTICLES, PHONES, ROWS_AT_ONCE = 40, 3_000, 5_000
TOGETHER = 1_000
RARE = "hiemthayxyz"


async def run() -> list[str]:
    """A table for each size: milliseconds of each page, by database."""
    lines = [
        "## Desk: server times with many waiting, one client",
        "",
        "As many again are published, rejected or removed; three in ten wait in floods of "
        f"{FLOOD}, six in ten with doubts. Every page has 30 cards, the API's lists 50 entries. "
        f"Milliseconds as the client waits, median of {ROUNDS}, and of CPU time in the service and "
        f"PostgreSQL. Bar: the list of 10,000 in {BAR_MILLISECONDS} ms.",
        "",
    ]
    for size in SIZES:
        measured = {name: await _measured(name, size) for name in ("SQLite", "PostgreSQL")}
        titles = " | ".join(f"{name} | CPU" for name in measured)
        lines += [f"| {size:,} waiting | {titles} |", "|---|---|---|---|---|"]
        lines += [
            f"| {what} | " + " | ".join(_figures(times[what]) for times in measured.values()) + " |"
            for what in next(iter(measured.values()))
        ]
        lines.append("")
    return lines


def _figures(times: tuple[float, float]) -> str:
    return f"{times[0]:.0f} | {times[1]:.0f}"


async def _measured(database: str, size: int) -> dict[str, tuple[float, float]]:
    async with _newsroom(database) as (site, processes):
        ledger = site.ledger()
        made = await fill(ledger, size)
        if database == "PostgreSQL":
            # What autovacuum does by itself a minute later.
            async with ledger.database.writing() as connection:
                await connection.execute(sql.text("ANALYZE"))
        await ledger.close()
        desk = await Desk.log_in(site, "mai")
        try:
            return await _times(desk, made, processes)
        finally:
            await desk.close()


async def _times(
    desk: Desk, made: dict[str, str], processes: list[psutil.Process]
) -> dict[str, tuple[float, float]]:
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "the list, first page, folded": ("/", {}),
        "the list, a page in the middle": ("/", {"cursor": made["middle"]}),
        "the list, newest first": ("/", {"sort": "newest"}),
        "the list, riskiest first": ("/", {"sort": "riskiest"}),
        "the list, not folded": ("/", {"fold": "off"}),
        "suspect, riskiest first": ("/", {"view": "suspect", "sort": "riskiest"}),
        "one check's doubts": ("/", {"check": "links"}),
        "one article": ("/", {"article": "article-7"}),
        "a word that many have": ("/", {"q": "hà nội"}),
        "a word that one has": ("/", {"q": RARE}),
        "a name": ("/", {"name": "Hương"}),
        "the same phone": ("/", {"state": "all", "phone": made["one"]}),
        "mine": ("/", {"view": "mine"}),
        "the cards of the next page alone": ("/", {"cursor": made["middle"], "part": "cards"}),
        "the list as JSON": ("/v1/submissions", {"view": "waiting"}),
        "counts": ("/v1/stats", {}),
        "the person": (f"/v1/submissions/{made['one']}/person", {}),
    }
    times = {}
    for what, (path, query) in asked.items():
        # The first opens connections and prepares statements.
        await _rounds(desk, path, query, 1)
        before = _cpu_milliseconds(processes)
        waited = median(await _rounds(desk, path, query, ROUNDS))
        times[what] = waited, (_cpu_milliseconds(processes) - before) / ROUNDS
    times["statistics of 30 days, the first who asks"] = await _first(desk, processes)
    return {**times, **await _deeds(desk, made, processes)}


async def _first(desk: Desk, processes: list[psutil.Process]) -> tuple[float, float]:
    """Once: whoever asks within the next minute is told the same."""
    before = _cpu_milliseconds(processes)
    [waited] = await _rounds(desk, "/statistics", {"window": "30d"}, 1)
    return waited, _cpu_milliseconds(processes) - before


def _cpu_milliseconds(processes: list[psutil.Process]) -> float:
    """Of these and what they started."""
    each = [one for process in processes for one in (process, *process.children(recursive=True))]
    return 1000 * sum(sum(one.cpu_times()[:2]) for one in each)


async def _rounds(desk: Desk, path: str, query: dict[str, str], rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        async with desk.http.get(desk.site.moderation + path, params=query) as response:
            await response.read()
            assert response.status == 200, (path, query, await response.text())
        taken.append((time.perf_counter() - started) * 1000)
    return taken


async def _deeds(
    desk: Desk, made: dict[str, str], processes: list[psutil.Process]
) -> dict[str, tuple[float, float]]:
    """One decision on a page of a hundred, and one on a campaign; both undone."""
    status, page = await desk.get("/v1/submissions", view="waiting", fold="off", limit="100")
    assert status == 200
    items = [{"id": item["id"], "seen_version": item["version"]} for item in page["items"]]
    times: dict[str, tuple[float, float]] = {}

    async def do(what: str, path: str, body: dict[str, Any]) -> str:
        """The batch it made."""
        before, started = _cpu_milliseconds(processes), time.perf_counter()
        batch = await _post(desk, path, body)
        waited = (time.perf_counter() - started) * 1000
        times[what] = waited, _cpu_milliseconds(processes) - before
        return batch

    batch = await do("approving 100", "/v1/decisions", {"items": items, "action": "approve"})
    await do("undoing that", f"/v1/decisions/{batch}/undo", {})
    all_of_it = {"campaign": made["campaign"], "action": "reject", "reason": "spam"}
    batch = await do(f"rejecting a campaign of {TOGETHER:,}", "/v1/decisions", all_of_it)
    await do("undoing that, too", f"/v1/decisions/{batch}/undo", {})
    return times


async def _post(desk: Desk, path: str, body: dict[str, Any]) -> str:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    async with desk.http.post(desk.site.moderation + path, json=body, headers=headers) as response:
        answer = await response.json()
        assert response.status == 200, answer
        return str(answer["batch"])


@asynccontextmanager
async def _newsroom(database: str) -> AsyncIterator[tuple[Installation, list[psutil.Process]]]:
    """The console alone, and the processes whose time its answers take."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        server = Postgres(folder) if database == "PostgreSQL" and postgres_programs() else None
        if server:
            urls = (await server.create("l"), await server.create("a"))
        redis = Redis(folder)
        site = Installation(folder, redis, urls)
        try:
            site.migrate()
            await site.account("mai")
            await site.start("moderation")
            started = [site.process("moderation"), *([server.process.pid] if server else [])]
            yield site, [psutil.Process(pid) for pid in started]
        finally:
            site.stop()
            redis.stop()
            if server:
                server.stop()


async def fill(ledger: Ledger, size: int) -> dict[str, str]:
    """So many waiting and as many settled, from two months to now; ids to ask about."""
    chance = random.Random(size)
    first = now() - timedelta(days=60)
    names = [f"Nguyễn Thị {('Hương', 'Mai', 'Lan')[n % 3]} {n}" for n in range(900)]
    seen = {"title": "Bài", "language": "vi", "url": "", "comments": "open", "seen_at": first}
    async with ledger.database.writing() as connection:
        rows = [
            {**seen, "id": f"article-{n}", "section": ("city", "sport")[n % 2]}
            for n in range(ARTICLES)
        ]
        await connection.execute(articles.insert(), rows)
    campaign, ids = "", []
    for start in range(0, 2 * size, ROWS_AT_ONCE):
        tables: dict[sql.Table, list[dict[str, Any]]] = {
            table: [] for table in (submissions, verdicts, fingerprints, decisions, events)
        }
        for number in range(start, start + ROWS_AT_ONCE):
            at = first + timedelta(days=60) * (number / (2 * size))
            waits = number % 2 == 0
            row = _row(ledger, chance, names, at, number)
            row["state"] = "held" if waits else chance.choice(("published", "rejected", "removed"))
            ids.append(row["id"])
            if number == size:
                row["folded"] += f" {RARE}"
            if waits:
                if number < 2 * TOGETHER:
                    campaign = ids[0]
                elif chance.random() < 1 / FLOOD:
                    campaign = row["id"]
                flooded = number < 2 * TOGETHER or chance.random() < FLOODED
                print_of = {"submission": row["id"], "at": at, "article": row["article"]}
                tables[fingerprints].append(
                    {**print_of, "campaign": campaign if flooded and campaign else None}
                )
            _verdict(chance, row, at, tables)
            if not waits:
                _decision(chance, row, at, tables)
            _events(row, at, tables)
            tables[submissions].append(row)
        async with ledger.database.writing() as connection:
            for table, many in tables.items():
                if many:
                    await connection.execute(table.insert(), many)
    return {"one": ids[size], "middle": ids[size], "campaign": ids[0]}


def _row(
    ledger: Ledger, chance: random.Random, names: list[str], at: Any, number: int
) -> dict[str, Any]:
    name, content = chance.choice(names), " ".join(chance.choices(WORDS, k=40))
    phone = f"phone-{chance.randrange(PHONES)}"
    milliseconds = int(at.timestamp() * 1000)
    return {
        # A UUIDv7 of that time.
        "id": str(uuid_utils.UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number)),
        "article": f"article-{chance.randrange(ARTICLES)}",
        "name": name,
        "title": "Ý kiến của tôi",
        "content": content,
        "language": "vi",
        "consent": True,
        "client": {"form": "application/json"},
        "received_at": at,
        "captcha_nonce": secrets.token_bytes(16),
        "form_hash": b"",
        "folded": fold(f"{name} Ý kiến của tôi {content}"),
        "folded_name": fold(name),
        "phone_hash": ledger.hashed(phone),
        "phone_masked": "091…678",
        "network_hash": ledger.hashed(f"network-{chance.randrange(PHONES)}"),
        "address_masked": "203.0.…",
        "browser_hash": ledger.hashed(f"browser-{chance.randrange(PHONES)}"),
        "version": 2,
        "fence": 1,
        "attempts": 0,
        "hints": 0,
    }


def _verdict(
    chance: random.Random, row: dict[str, Any], at: Any, tables: dict[sql.Table, list[Any]]
) -> None:
    checks = ("name", "phone", "links", "words", "flood", "person", "spam", "abuse")
    doubted = chance.choice(checks) if chance.random() < DOUBTED else ""
    findings = [
        {
            "check": check,
            "outcome": "suspect" if check == doubted else "clean",
            "score": chance.random() if check == doubted else 0.0,
            "reasons": [{"code": check, "text": "hà nội"}] if check == doubted else [],
            "holds": False,
        }
        for check in checks
    ]
    score = max(finding["score"] for finding in findings)
    row |= {"risk": score, "doubts": doubts_of(findings)}
    tables[verdicts].append(
        {
            "submission": row["id"],
            "action": "hold",
            "score": score,
            "findings": findings,
            "at": at,
        }
    )


def _decision(
    chance: random.Random, row: dict[str, Any], at: Any, tables: dict[sql.Table, list[Any]]
) -> None:
    by = chance.choice(("mai", "nam", "bien"))
    row |= {"decided_by": by, "decided_reason": ""}
    tables[decisions].append(
        {
            "submission": row["id"],
            "version": 2,
            "action": "reject" if row["state"] == "rejected" else "approve",
            "actor": by,
            "reason": "",
            "note": "",
            "at": at,
        }
    )


def _events(row: dict[str, Any], at: Any, tables: dict[sql.Table, list[Any]]) -> None:
    """Received, held, and what it is now: a minute between each two."""
    states = dict.fromkeys(("received", "held", row["state"]))
    of_it = {"submission": row["id"], "article": row["article"]}
    tables[events] += [
        {
            **of_it,
            "id": str(uuid_utils.uuid7()),
            "version": number,
            "state": state,
            "at": at + number * timedelta(minutes=1),
        }
        for number, state in enumerate(states)
    ]


if __name__ == "__main__":
    print("\n".join(asyncio.run(run())))
