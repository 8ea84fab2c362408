"""Erasing: personal data whose time is over, and a whole submission when its writer asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import WORK_AFTER, State
from commentdesk.ledger import audit as audits
from commentdesk.ledger import campaign_orders as orders
from commentdesk.ledger.bans import forget_ended
from commentdesk.ledger.chain import note_of, without_note
from commentdesk.ledger.changes import Announcement, announcement, entering, write_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.fingerprints import forget_prints
from commentdesk.ledger.tables import (
    audit,
    bans,
    decisions,
    fingerprints,
    notes,
    revisions,
    submissions,
    verdicts,
    ways_out,
)
from commentdesk.ledger.tightenings import forget_loosened

_SETTLED = [
    str(state) for state in (State.PUBLISHED, State.REJECTED, State.REMOVED, State.WITHDRAWN)
]
# Databases take some ten thousand values in a statement.
_AT_ONCE = 1_000
# What becomes of a submission's personal data.
PERSONAL_DATA_ERASED: dict[str, object] = {
    "phone_sealed": None,
    "phone_hash": None,
    "phone_masked": None,
    "phone_proven": False,
    "address_sealed": None,
    "address_hash": None,
    "address_masked": None,
    "network_hash": None,
    "browser_hash": None,
    # The phone number is in it, for whoever has the key.
    "form_hash": b"",
    "client": {},
}
# The captcha's nonce stays, so that it stays spent; it says nothing of anybody.
_TYPED: dict[str, object] = {
    "name": "",
    "title": "",
    "content": "",
    "folded": "",
    "folded_name": "",
    "doubts": "",
}


@dataclass(frozen=True)
class Erased:
    """What is left to do after an erasure: the store has to forget it, and listeners be told."""

    work: str
    announcement: Announcement


async def erase(ledger: Ledger, submission: str, actor: str) -> Erased | None:
    """Forget all that a submission's writer and its moderators wrote, wherever it stands.

    What stays is the row itself: id, article, times, state and who erased it, so that the books
    still balance and nothing late can bring it back. None where there is no such submission, or
    it was erased before.
    """
    at = now()
    due_at = at + timedelta(seconds=ledger.settings.rehint_seconds)
    async with ledger.database.writing() as connection:
        moved = await connection.execute(
            submissions.update()
            .where(submissions.c.id == submission, submissions.c.state != str(State.ERASED))
            .values(
                **{**entering(State.ERASED, due_at), **PERSONAL_DATA_ERASED, **_TYPED},
                receipt_hash=None,
            )
            .returning(submissions.c.id, submissions.c.article, submissions.c.version)
        )
        row = moved.first()
        if row is None:
            return None
        await _forget_what_was_written(connection, [submission])
        await _forget_prints_of(connection, [submission])
        await write_events(connection, State.ERASED, [row], at)
        await audits.record(connection, actor, "erase", submission, {"state": str(State.ERASED)})
    return Erased(
        str(WORK_AFTER[State.ERASED]), announcement(State.ERASED, submission, row.article)
    )


async def erase_old(ledger: Ledger) -> int:
    """Erase phone, address and client facts of settled submissions past their time; how many.

    Of what its reader withdrew also the words, and of what was corrected the earlier ones. With
    them fingerprints past their time, and bans, orders and breaking stories that have ended.
    """
    at = now()
    before = at - timedelta(days=ledger.settings.retention_days)
    async with ledger.database.writing() as connection:
        await forget_prints(connection, at - timedelta(days=ledger.settings.flood_days))
        await forget_ended(connection, at)
        await orders.forget_ended(connection, at)
        await forget_loosened(connection, at)
        await connection.execute(revisions.delete().where(revisions.c.at < before))
        await _forget_withdrawn(connection, before)
        result = await connection.execute(
            submissions.update()
            .where(
                submissions.c.state.in_(_SETTLED),
                submissions.c.received_at < before,
                sql.or_(
                    submissions.c.address_sealed.is_not(None),
                    submissions.c.phone_sealed.is_not(None),
                ),
            )
            .values(**PERSONAL_DATA_ERASED)
            .returning(submissions.c.id)
        )
        erased = [row.id for row in result]
        if erased:
            await _forget_prints_of(connection, erased)
            detail = {"count": len(erased)}
            await audits.record(connection, "commentdesk", "erase_old", None, detail)
    return len(erased)


async def _forget_withdrawn(connection: AsyncConnection, before: datetime) -> None:
    withdrawn = await connection.execute(
        submissions.update()
        .where(
            submissions.c.state == str(State.WITHDRAWN),
            submissions.c.received_at < before,
            submissions.c.content != "",
        )
        .values(**_TYPED)
        .returning(submissions.c.id)
    )
    ids = [row.id for row in withdrawn]
    for start in range(0, len(ids), _AT_ONCE):
        await _forget_what_was_written(connection, ids[start : start + _AT_ONCE])


async def _forget_prints_of(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """A ban outlives what it was taken from, for it is a hash; what was noted on it does not."""
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        await connection.execute(fingerprints.delete().where(fingerprints.c.submission.in_(some)))
        await connection.execute(ways_out.delete().where(ways_out.c.submission.in_(some)))
        await connection.execute(bans.update().where(bans.c.submission.in_(some)).values(note=""))


async def _forget_what_was_written(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Findings quote the text they were found in, and notes may."""
    for table in (notes, revisions):
        await connection.execute(table.delete().where(table.c.submission.in_(ids)))
    await connection.execute(
        verdicts.update().where(verdicts.c.submission.in_(ids)).values(findings=[])
    )
    await connection.execute(
        decisions.update().where(decisions.c.submission.in_(ids)).values(note="")
    )
    noted = await connection.execute(
        sql.select(audit.c.id, audit.c.detail).where(audit.c.submission.in_(ids))
    )
    for row in noted.all():
        if note_of(row._mapping):
            left = without_note(row.detail)
            await connection.execute(audit.update().where(audit.c.id == row.id).values(left))
