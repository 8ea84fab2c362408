"""The reconciler: later every time while hints may be waiting, at once when they are lost."""

from datetime import timedelta

import aiohttp
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import Work
from commentdesk.ledger import Ledger
from commentdesk.ledger.claim import claim, overdue
from commentdesk.ledger.record import record_failure
from commentdesk.ledger.tables import submissions
from tests.installation import Installation
from tests.reader import Reader


async def set_row(ledger: Ledger, **values: object) -> None:
    async with ledger.database.writing() as connection:
        await connection.execute(submissions.update().values(**values))


async def due_in(ledger: Ledger) -> float:
    """Seconds until the one row is due."""
    async with ledger.database.reading() as connection:
        due_at = (await connection.execute(sql.select(submissions.c.due_at))).scalar_one()
    return float((due_at - now()).total_seconds())


async def test_a_row_whose_queue_is_empty_is_not_waited_for(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake")
    submission = await Reader(fragile, http).accepted()
    ledger = fragile.ledger()
    first = ledger.settings.rehint_seconds
    for hints in (1, 2, 5, 30):
        # Hinted some times already, the last time a little over the first wait ago.
        wait = min(first * 2 ** (hints - 1), 60)
        last_hint = now() - timedelta(seconds=first + 0.2)
        await set_row(ledger, hints=hints, due_at=last_hint + timedelta(seconds=wait))
        if hints > 1:
            assert await overdue(ledger) == [], "its hint may only be waiting its turn"
            assert await overdue(ledger, [Work.PUBLISH]) == [], "another queue's emptiness"
        assert [row.id for row in await overdue(ledger, [Work.CHECK])] == [submission]
        assert await overdue(ledger, [Work.CHECK]) == [], "it was hinted just now"
        assert await due_in(ledger) > min(first * 2**hints, 60) - 30
    await ledger.close()


async def test_an_empty_queue_does_not_hurry_a_store_that_is_down(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake", "checks")
    reader = Reader(fragile, http)
    submission = await reader.accepted()
    await reader.reaches(submission, "approved")
    ledger = fragile.ledger()
    taken = await claim(ledger, Work.PUBLISH, [submission])
    await record_failure(ledger, taken, "article store: down", now() + timedelta(seconds=300))
    assert await overdue(ledger, list(Work)) == []
    await ledger.close()


async def test_a_row_that_kills_its_workers_becomes_stuck(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake")
    submission = await Reader(fragile, http).accepted()
    ledger = fragile.ledger()
    await set_row(ledger, attempts=10, due_at=now() - timedelta(seconds=1))
    assert await overdue(ledger) == []
    await set_row(ledger, due_at=now() - timedelta(seconds=1))
    assert await overdue(ledger) == [], "stuck work is not hinted again"
    assert await claim(ledger, Work.CHECK, [submission]) == []
    await ledger.close()


async def test_a_store_that_is_down_is_tried_as_often_as_the_settings_say(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    """More than ten times, too, at which a worker's deaths would be the end of it."""
    await fragile.start("articles", "intake", "checks")
    reader = Reader(fragile, http)
    submission = await reader.accepted()
    await reader.reaches(submission, "approved")
    often = {"delivery_backoff_seconds": [0.1] * 12}
    ledger = Ledger(fragile.settings.model_copy(update=often))
    for attempts, left in ((12, [submission]), (13, [])):
        due = now() - timedelta(seconds=1)
        await set_row(ledger, attempts=attempts, due_at=due, lease_until=None)
        assert [row.id for row in await overdue(ledger)] == left
    await ledger.close()
