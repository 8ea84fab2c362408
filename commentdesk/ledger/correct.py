"""A reader's second thoughts: another wording, or none at all, while the comment still waits.

Version and fence move with either, so that a check under way, and a decision on what was seen
before, come too late.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.events import CORRECTED
from commentdesk.domain.state import TRANSITIONS, Action, State
from commentdesk.domain.submission import Wording
from commentdesk.ledger import audit as audits
from commentdesk.ledger.admit import worded
from commentdesk.ledger.changes import Announcement, announcement, entering, write_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.receipts import corrections, is_editable
from commentdesk.ledger.revisions import READER
from commentdesk.ledger.tables import revisions, submissions, verdicts

_WORDING = ("name", "title", "content")
_NEEDED = ("id", "state", "version", "received_at", "may_stand", *_WORDING)


class TooLate(ValueError):
    """The time is over, or the comment waits no longer; nothing was changed."""


async def correct(ledger: Ledger, submission: str, wording: Wording) -> Announcement | None:
    """Put another wording in its place and have everything checked again; moderators keep the old.

    None where it says exactly this already.

    Raises:
        TooLate: as said there.
    """
    async with ledger.database.writing() as connection:
        row = await _lock(connection, submission)
        if Wording(row.name, row.title, row.content) == wording:
            return None
        if not is_editable(ledger, row):
            raise TooLate
        at = now()
        replaced = {name: getattr(row, name) for name in ("version", *_WORDING)}
        await connection.execute(
            revisions.insert(), {"submission": submission, **replaced, "at": at}
        )
        # What was found in other words says nothing of these.
        await connection.execute(verdicts.delete().where(verdicts.c.submission == submission))
        columns = {**worded(wording), "risk": 0.0, "doubts": ""}
        return await _enter(ledger, connection, row, Action.CORRECT, at, columns)


async def withdraw(ledger: Ledger, submission: str) -> Announcement | None:
    """Take it back for good. None where it was withdrawn before.

    Raises:
        TooLate: as said there.
    """
    async with ledger.database.writing() as connection:
        row = await _lock(connection, submission)
        if row.state == State.WITHDRAWN:
            return None
        if not is_editable(ledger, row):
            raise TooLate
        return await _enter(ledger, connection, row, Action.WITHDRAW, now(), {})


async def _lock(connection: AsyncConnection, submission: str) -> Any:
    """The row as it is now, taken, and how often it was corrected."""
    taken = sql.select(submissions.c.id).where(submissions.c.id == submission).with_for_update()
    await connection.execute(taken)
    columns = (*(submissions.c[name] for name in _NEEDED), corrections().label("corrected"))
    query = sql.select(*columns).where(submissions.c.id == submission)
    row = (await connection.execute(query)).first()
    if row is None or row.state == State.ERASED:
        raise TooLate
    return row


async def _enter(  # noqa: PLR0913
    ledger: Ledger,
    connection: AsyncConnection,
    row: Any,
    action: Action,
    at: datetime,
    columns: dict[str, Any],
) -> Announcement:
    target = TRANSITIONS[State(row.state), action]
    due_at = at + timedelta(seconds=ledger.settings.rehint_seconds)
    moved = await connection.execute(
        submissions.update()
        .where(submissions.c.id == row.id)
        .values(**entering(target, due_at), **columns)
        .returning(submissions.c.id, submissions.c.article, submissions.c.version)
    )
    entered = moved.one()
    event = CORRECTED if action is Action.CORRECT else str(target)
    await write_events(connection, event, [entered], at)
    await audits.record(connection, READER, str(action), row.id, {"state": str(target)})
    by = {"actor": READER, "action": str(action), "version": entered.version}
    return announcement(target, row.id, entered.article, event=event, **by)
