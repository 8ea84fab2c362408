"""What moderators tell each other of a submission; no reader ever sees it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.filters import within
from commentdesk.ledger.tables import notes, submissions


@dataclass(frozen=True)
class Note:
    id: str
    submission: str
    actor: str
    text: str
    at: datetime


async def add_note(
    ledger: Ledger, submission: str, actor: str, text: str, sections: frozenset[str] = frozenset()
) -> Note | None:
    """Write a note; None where there is no such submission in these sections, or it was erased."""
    note = Note(new_id(), submission, actor, text, now())
    query = sql.select(submissions.c.id).where(
        submissions.c.id == submission,
        submissions.c.state != str(State.ERASED),
        *within(sections),
    )
    async with ledger.database.writing() as connection:
        # An erasure under way is waited for: no note may be left behind.
        if (await connection.execute(query.with_for_update())).first() is None:
            return None
        await connection.execute(notes.insert(), asdict(note))
        await audits.record(connection, actor, "note", submission, {})
    return note


async def remove_note(ledger: Ledger, note: str, actor: str) -> str | None:
    """Take back a note of one's own; the submission it was on, or None where there is none."""
    own = sql.and_(notes.c.id == note, notes.c.actor == actor)
    async with ledger.database.writing() as connection:
        removed = await connection.execute(notes.delete().where(own).returning(notes.c.submission))
        if (row := removed.first()) is None:
            return None
        await audits.record(connection, actor, "remove_note", row.submission, {})
    return str(row.submission)


async def notes_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, list[Note]]:
    """The notes on each, oldest first."""
    query = sql.select(notes).where(notes.c.submission.in_(ids)).order_by(notes.c.id)
    found: dict[str, list[Note]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.submission, []).append(Note(**row._mapping))
    return found
