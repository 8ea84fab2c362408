"""Moderators' decisions: one transaction for the decision, its audit row and its event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import TRANSITIONS, WORK_AFTER, Action, State, moderator_actions
from commentdesk.ledger.audit import record as record_audit
from commentdesk.ledger.changes import Announcement, announcement, entering, lock, write_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import decisions, submissions


@dataclass(frozen=True)
class Outcome:
    """What became of one item: done, conflict (decided meanwhile), impossible, unknown."""

    id: str
    result: str
    state: str | None = None
    version: int | None = None
    decision: dict[str, Any] | None = None
    work: str | None = None
    announcement: Announcement | None = None


async def decide(  # noqa: PLR0913
    ledger: Ledger,
    *,
    items: Sequence[tuple[str, int]],
    action: str,
    actor: str,
    reason: str = "",
    note: str = "",
) -> list[Outcome]:
    """Decide each (id, version the moderator saw); a version that moved on is a conflict."""
    at = now()
    written = {"actor": actor, "reason": reason, "note": note, "at": at}
    async with ledger.database.writing() as connection:
        await lock(connection, [submission for submission, _ in items])
        return [
            await _decide_one(ledger, connection, item, Action(action), written) for item in items
        ]


async def latest_decision(connection: AsyncConnection, submission: str) -> dict[str, Any] | None:
    """Who decided last, what and why."""
    row = (
        await connection.execute(
            sql.select(decisions)
            .where(decisions.c.submission == submission)
            .order_by(decisions.c.version.desc())
            .limit(1)
        )
    ).first()
    return dict(row._mapping) if row else None


async def _decide_one(
    ledger: Ledger,
    connection: AsyncConnection,
    item: tuple[str, int],
    action: Action,
    written: dict[str, Any],
) -> Outcome:
    submission, seen_version = item
    query = sql.select(submissions.c.state, submissions.c.version, submissions.c.article)
    row = (await connection.execute(query.where(submissions.c.id == submission))).first()
    if row is None:
        return Outcome(submission, "unknown")
    if row.version != seen_version:
        last = await latest_decision(connection, submission)
        return Outcome(submission, "conflict", row.state, row.version, last)
    if action not in moderator_actions(State(row.state)):
        return Outcome(submission, "impossible", row.state, row.version)
    target = TRANSITIONS[State(row.state), action]
    return await _write(ledger, connection, submission, action, target, written)


async def _write(  # noqa: PLR0913
    ledger: Ledger,
    connection: AsyncConnection,
    submission: str,
    action: Action,
    target: State,
    written: dict[str, Any],
) -> Outcome:
    at: datetime = written["at"]
    due_at = at + timedelta(seconds=ledger.settings.rehint_seconds)
    moved = await connection.execute(
        submissions.update()
        .where(submissions.c.id == submission)
        .values(**entering(target, due_at))
        .returning(submissions.c.id, submissions.c.article, submissions.c.version)
    )
    row = moved.one()
    await connection.execute(
        decisions.insert(),
        {"submission": submission, "version": row.version, "action": str(action), **written},
    )
    await write_events(connection, target, [row], at)
    detail = {"reason": written["reason"], "note": written["note"], "state": str(target)}
    await record_audit(connection, written["actor"], str(action), submission, detail)
    work = WORK_AFTER[target]
    return Outcome(
        submission,
        "done",
        str(target),
        row.version,
        work=work and str(work),
        announcement=announcement(target, row.id, row.article),
    )
