"""The moment in which an approval can be taken back, and what is taken back later."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import sqlalchemy as sql

from commentdesk.ledger import Ledger
from commentdesk.ledger.tables import decisions, events, submissions
from tests.installation import Installation, until
from tests.reader import Desk, Reader
from tests.waiting import wait_for_moderators

GRACE_SECONDS = 2.0
WORKERS = ("publish", "upkeep")


async def undo(desk: Desk, batch: str) -> dict[str, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = f"{desk.site.moderation}/v1/decisions/{batch}/undo"
    async with desk.http.post(url, json={}, headers=headers) as response:
        answer = await response.json(content_type=None)
        assert response.status == 200, answer
        return dict(answer["results"][0])


def delivered(site: Installation, submission: str) -> bool:
    """Whether a worker ever put it into the store."""
    lines = site.log_of("publish").splitlines()
    return any("comment_delivered" in line and submission in line for line in lines)


async def is_published(ledger: Ledger, submission: str) -> bool:
    query = sql.select(submissions.c.state).where(submissions.c.id == submission)
    async with ledger.database.reading() as connection:
        return bool((await connection.execute(query)).scalar_one() == "published")


async def waited(ledger: Ledger, submission: str) -> timedelta:
    """How long after its approval it was published."""
    entered = sql.select(events.c.at).where(
        events.c.submission == submission, events.c.state == "published"
    )
    decided = sql.select(decisions.c.at).where(decisions.c.submission == submission)
    async with ledger.database.reading() as connection:
        published_at: datetime = (await connection.execute(entered)).scalar_one()
        decided_at: datetime = (await connection.execute(decided)).scalar_one()
    return published_at - decided_at


async def test_an_approval_waits_and_leaves_though_every_process_dies(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    fragile.environment["COMMENTDESK_UNDO_SECONDS"] = str(GRACE_SECONDS)
    ledger, reader = fragile.ledger(), Reader(fragile, http)
    await fragile.account("mai")
    await fragile.start("articles", "moderation", *WORKERS)
    desk = await Desk.log_in(fragile, "mai")
    stays, returns = await wait_for_moderators(ledger, 2)
    # They publish nothing before they die, however long the undo takes.
    for name in WORKERS:
        fragile.pause(name)
    await desk.decides("approve", stays)
    taken_back = await desk.decides("approve", returns)
    assert (await undo(desk, taken_back["batch"]))["state"] == "held"
    await desk.close()
    for name in ("moderation", *WORKERS):
        fragile.kill(name)
    assert await reader.comments() == []
    # The console, which knew when it was time, does not come back.
    await fragile.start(*WORKERS)
    await until(partial(is_published, ledger, stays), "the other one is published")
    assert await _stands(reader, [stays])
    assert await waited(ledger, stays) >= timedelta(seconds=GRACE_SECONDS)
    async with ledger.database.reading() as connection:
        row = (
            await connection.execute(sql.select(submissions).where(submissions.c.id == returns))
        ).one()
    assert (row.state, row.work, row.may_stand) == ("held", None, False)
    assert not delivered(fragile, returns)
    await ledger.close()


async def test_what_is_undone_while_it_is_published_does_not_stay(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    ledger, reader = fragile.ledger(), Reader(fragile, http)
    await fragile.account("mai")
    await fragile.start("articles", "moderation", *WORKERS)
    desk = await Desk.log_in(fragile, "mai")
    [one] = await wait_for_moderators(ledger)

    async def row() -> Any:
        async with ledger.database.reading() as connection:
            query = sql.select(submissions).where(submissions.c.id == one)
            return (await connection.execute(query)).one()

    async def in_hand() -> bool:
        return bool((await row()).attempts > 0)

    async def done() -> bool:
        return (await row()).work is None

    async def published() -> bool:
        return bool((await row()).state == "published")

    fragile.pause("articles")
    answer = await desk.decides("approve", one)
    await until(in_hand, "a worker has it in hand")
    assert (await undo(desk, answer["batch"]))["state"] == "held"
    assert (await row()).work == "retract"
    # A decision that comes before the retraction does not lose it.
    await desk.decides("reject", one)
    assert (await row()).work == "retract"
    fragile.resume("articles")
    await until(done, "it is retracted")
    assert await reader.comments() == []
    # Published after all, it stands once; undone then, it is removed, and stands again restored.
    answer = await desk.decides("restore", one)
    await until(lambda: _stands(reader, [one]), "it stands")
    assert (await undo(desk, answer["batch"]))["state"] == "removed"
    await until(lambda: _stands(reader, []), "it is gone")
    answer = await desk.decides("restore", one)
    await until(lambda: _stands(reader, [one]), "it stands again")
    # It stands there before the ledger has it written down.
    await until(published, "it is written down")
    removed = await desk.decides("remove", one)
    await until(lambda: _stands(reader, []), "it is gone again")
    assert (await undo(desk, removed["batch"]))["state"] == "approved"
    await until(lambda: _stands(reader, [one]), "its removal is undone")
    await desk.close()
    await ledger.close()


async def _stands(reader: Reader, ids: list[str]) -> bool:
    return [comment["id"] for comment in await reader.comments()] == ids


async def test_an_approval_leaves_when_its_time_has_come_without_being_looked_for(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    fragile.environment["COMMENTDESK_UNDO_SECONDS"] = "1"
    ledger, reader = fragile.ledger(), Reader(fragile, http)
    await fragile.account("mai")
    # Without the reconciler.
    await fragile.start("articles", "moderation", "publish")
    desk = await Desk.log_in(fragile, "mai")
    [one] = await wait_for_moderators(ledger)
    await desk.decides("approve", one)
    await until(partial(is_published, ledger, one), "it is published")
    assert await _stands(reader, [one])
    assert await waited(ledger, one) >= timedelta(seconds=1)
    await desk.close()
    await ledger.close()
