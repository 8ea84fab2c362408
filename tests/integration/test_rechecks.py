"""What a check could not answer for is held, and checked again when it answers."""

import json
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future

import aiohttp
import pytest
import sqlalchemy as sql

from commentdesk.domain.state import Work
from commentdesk.ledger import Ledger
from commentdesk.ledger.books import books
from commentdesk.ledger.claim import claim
from commentdesk.ledger.decide import decide
from commentdesk.ledger.desk import entry
from commentdesk.ledger.entries import Entry
from commentdesk.ledger.recheck import MOST_BY_CLOCK, recheck_now
from commentdesk.ledger.tables import events, submissions, verdicts
from tests.engines import SPAM_WORD, Outside
from tests.installation import Installation, until
from tests.reader import Desk, Reader
from workers.check import check_submissions
from workers.process import WorkerProcess

RECHECK_SECONDS = "0.5"


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with Outside().standing() as server:
        yield server


async def started(site: Installation, outside: Outside, *names: str, **more: str) -> None:
    """The installation asks this endpoint."""
    chosen = {"recheck_seconds": RECHECK_SECONDS, **outside.endpoint, **more}
    site.environment |= {f"COMMENTDESK_{name.upper()}": value for name, value in chosen.items()}
    site.settings = site.settings.model_validate(
        {
            name.removeprefix("COMMENTDESK_").lower(): value
            for name, value in site.environment.items()
        }
    )
    await site.start(*names)


async def found(ledger: Ledger, submission: str) -> Entry:
    row = await entry(ledger, submission)
    assert row is not None
    return row


async def chain(ledger: Ledger, submission: str) -> list[str]:
    query = sql.select(events.c.state).where(events.c.submission == submission)
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query.order_by(events.c.version))
        return [row.state for row in rows]


async def rechecks(ledger: Ledger, ids: Sequence[str]) -> list[int]:
    query = sql.select(verdicts.c.rechecks).where(verdicts.c.submission.in_(ids))
    async with ledger.database.reading() as connection:
        return [row.rechecks for row in await connection.execute(query)]


async def test_an_engine_dies_and_comes_back_and_what_it_missed_is_decided(
    fragile: Installation, http: aiohttp.ClientSession, outside: Outside
) -> None:
    await started(fragile, outside, "articles", "intake", "checks", "publish", "upkeep")
    reader, ledger = Reader(fragile, http), fragile.ledger()
    first = await reader.accepted()
    await reader.reaches(first, "published")

    await outside.stop()
    missed = [await reader.accepted() for _ in range(6)]
    spam = await reader.accepted(content=f"Vào {SPAM_WORD} nhận quà ngay hôm nay")
    for submission in (*missed, spam):
        await reader.reaches(submission, "held")

    async def checked_again_in_vain() -> bool:
        return min(await rechecks(ledger, missed)) >= 1

    await until(checked_again_in_vain, "all were checked again while the engine is away")
    for submission in missed:
        assert await reader.state(submission) == "held", "never waved through"
        row = await found(ledger, submission)
        assert (row.version, row.stuck) == (2, False)
        [unknown] = [f for f in row.findings if f["outcome"] == "unknown"]
        assert (unknown["check"], unknown["reasons"][0]["code"]) == ("endpoint", "check_failed")

    await outside.start()
    for submission in missed:
        await reader.reaches(submission, "published")
        assert await chain(ledger, submission) == ["received", "held", "approved", "published"]

    async def spam_was_judged() -> bool:
        row = await found(ledger, spam)
        return row.work is None and "endpoint_says" in json.dumps(row.findings)

    await until(spam_was_judged, "the spam was checked too")
    assert await chain(ledger, spam) == ["received", "held"]
    standing = [comment["id"] for comment in await reader.comments()]
    assert sorted(standing) == sorted([first, *missed]), "each once, the spam not"
    kept = await books(ledger)
    assert (kept.difference, kept.places["stuck"]) == (0, 0)
    await ledger.close()


async def test_a_moderator_who_decides_meanwhile_wins(
    fragile: Installation, http: aiohttp.ClientSession, outside: Outside
) -> None:
    outside.behaviour = "broken"
    await started(fragile, outside, "articles", "intake", recheck_seconds="0.05")
    reader, ledger = Reader(fragile, http), fragile.ledger()
    one, other = [await reader.accepted() for _ in range(2)]
    process = WorkerProcess(fragile.settings)
    try:
        await run(process, [one, other])
        assert [(await found(ledger, each)).state for each in (one, other)] == ["held", "held"]
        # The engine is back and a worker has both in hand, when the moderator rejects one.
        outside.behaviour = "waiting"
        outside.opens.clear()
        job = process.start(check_submissions(process, [one, other]))
        await until(lambda: asked(outside, 4), "the endpoint was asked again about both")
        [outcome] = await decide(ledger, items=[(one, 2)], action="reject", actor="mai")
        assert outcome.result == "done"
        outside.opens.set()
        await until(lambda: ended(job), "the worker is done")
        row = await found(ledger, one)
        assert (row.state, row.version, row.work) == ("rejected", 3, None)
        assert await chain(ledger, one) == ["received", "held", "rejected"]
        assert await chain(ledger, other) == ["received", "held", "approved"]
        # Nor does a later look.
        assert await claim(ledger, Work.CHECK, [one]) == []
        assert await recheck_now(ledger, {"endpoint"}) == 0
        assert (await books(ledger)).difference == 0
    finally:
        process.close()
    await ledger.close()


async def test_what_is_checked_in_vain_is_checked_later_every_time_and_then_left(
    fragile: Installation, http: aiohttp.ClientSession, outside: Outside
) -> None:
    outside.behaviour = "broken"
    await started(fragile, outside, "articles", "intake", recheck_seconds="60")
    ledger = fragile.ledger()
    submission = await Reader(fragile, http).accepted()
    process = WorkerProcess(fragile.settings)
    waits = []
    try:
        for _ in range(MOST_BY_CLOCK + 1):
            await run(process, [submission])
            async with ledger.database.reading() as connection:
                row = (await connection.execute(sql.select(submissions))).one()
                at = (await connection.execute(sql.select(verdicts.c.at))).scalar_one()
            assert (row.state, row.version, row.hints, row.attempts) == ("held", 2, 0, 0)
            waits.append((row.due_at - at).total_seconds() if row.work else None)
        assert waits == [60, 120, 240, 480, 960, *[1920] * (MOST_BY_CLOCK - 5), None]
        assert await recheck_now(ledger, {"endpoint"}) == 0, "within the minute"
        async with ledger.database.writing() as connection:
            longer_ago = sql.type_coerce(verdicts.c.at, sql.BigInteger) - 61_000_000
            await connection.execute(verdicts.update().values(at=longer_ago))
        assert await recheck_now(ledger, {"akismet"}) == 0
        assert await recheck_now(ledger, {"endpoint", "akismet"}) == 1
        assert await recheck_now(ledger, {"endpoint"}) == 0, "it is due already"
        outside.behaviour = "honest"
        process.engines = type(process.engines)(fragile.settings)
        await run(process, [submission])
        assert (await found(ledger, submission)).state == "approved"
    finally:
        process.close()
    await ledger.close()


async def test_a_check_of_our_own_that_failed_is_tried_again_too(
    fragile: Installation, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fragile.start("articles", "intake")
    ledger = fragile.ledger()
    submission = await Reader(fragile, http).accepted()
    process = WorkerProcess(fragile.settings)
    try:
        with monkeypatch.context() as broken:
            broken.setattr("workers.checks.CHECKS", (("spam", lambda *_: 1 / 0),))
            await run(process, [submission])
        row = await found(ledger, submission)
        assert (row.state, row.work) == ("held", "check")
        await run(process, [submission])
        assert (await found(ledger, submission)).state == "approved"
    finally:
        process.close()
    await ledger.close()


async def test_the_desk_says_that_it_will_be_checked_again(
    fragile: Installation, http: aiohttp.ClientSession, outside: Outside
) -> None:
    outside.behaviour = "broken"
    await fragile.account("mai", "admin")
    await started(fragile, outside, "articles", "intake", "checks", "moderation")
    reader = Reader(fragile, http)
    submission = await reader.accepted()
    await reader.reaches(submission, "held")
    desk = await Desk.log_in(fragile, "mai")
    text = await desk.text(f"/submissions/{submission}", lang="vi")
    assert "máy sẽ kiểm lại" in text
    assert "Dịch vụ kiểm tra riêng" in text
    await desk.decides("approve", submission)
    assert (await desk.find(submission))["state"] == "approved"
    await desk.close()


async def run(process: WorkerProcess, ids: list[str]) -> None:
    job = process.start(check_submissions(process, ids))
    await until(lambda: ended(job), "the job is done")


async def ended(job: Future[None]) -> bool:
    if not job.done():
        return False
    job.result()
    return True


async def asked(outside: Outside, times: int) -> bool:
    return len(outside.asked) >= times
