"""One change of state, written the same way by everyone: version, work, event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sql
import uuid_utils
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Moment
from commentdesk.domain.events import event_type
from commentdesk.domain.state import TAKEN_BACK, WORK_AFTER, State, Work
from commentdesk.ledger.bulk import insert_rows
from commentdesk.ledger.tables import events, submissions

Announcement = tuple[str, dict[str, Any]]
CHANNEL = "ledger"


def new_id() -> str:
    """A UUIDv7 (RFC 9562): sorts by time."""
    return str(uuid_utils.uuid7())


def entering(state: State, due_at: datetime) -> dict[str, Any]:
    """The columns every row gets that enters a state; its lease ends and its fence moves."""
    return {
        "state": str(state),
        "version": submissions.c.version + 1,
        **_work(state, due_at),
        "not_before": None,
        "lease_until": None,
        "fence": submissions.c.fence + 1,
        "attempts": 0,
        "hints": 0,
        "error": None,
        "stuck_at": None,
    }


def _work(state: State, due_at: datetime) -> dict[str, Any]:
    if state in TAKEN_BACK:
        stands = submissions.c.may_stand
        return {
            "work": sql.case((stands, str(Work.RETRACT))),
            "due_at": sql.case((stands, sql.literal(due_at, Moment))),
        }
    work = WORK_AFTER[state]
    return {"work": work and str(work), "due_at": due_at if work else None}


async def lock(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Take the rows in one order, so that two bulk changes never wait for each other.

    On SQLite writers take turns anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    query = sql.select(submissions.c.id).where(submissions.c.id.in_(ids))
    await connection.execute(query.order_by(submissions.c.id).with_for_update())


async def write_events(
    connection: AsyncConnection, event: str, rows: Sequence[Any], at: datetime
) -> None:
    """The event of each row (id, article, version): the state it entered, or CORRECTED."""
    entered = [(row.id, row.article, row.version) for row in rows]
    await connection.run_sync(insert_events, event, entered, at)


def insert_events(
    connection: sql.Connection, event: str, entered: Sequence[tuple[str, str, int]], at: datetime
) -> None:
    """The event of each id, article and version, as write_events has it."""
    written = [
        {
            "id": new_id(),
            "submission": submission,
            "article": article,
            "state": str(event),
            "version": version,
            "at": at,
        }
        for submission, article, version in entered
    ]
    insert_rows(connection, events, written)


def announcement(
    state: State, submission: str, article: str, *, event: str = "", **by: object
) -> Announcement:
    """What is told to live listeners of a change, and where somebody decided, `by` whom and how.

    `event` is CORRECTED, else the state that was entered.
    """
    return CHANNEL, {
        "type": event_type(event or state),
        "id": submission,
        "article": article,
        "state": str(state),
        **by,
    }
