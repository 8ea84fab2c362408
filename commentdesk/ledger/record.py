"""Recording what workers did; a write whose fence is old changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import TRANSITIONS, Action, State, Work
from commentdesk.ledger.changes import Announcement, announcement, entering, lock, write_events
from commentdesk.ledger.claim import Claim
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.doubts import doubts_of
from commentdesk.ledger.recheck import recheck_later, written
from commentdesk.ledger.tables import submissions, verdicts

_ERROR_LENGTH = 300
_REWRITTEN = ("action", "score", "findings", "at", "unknown")
_STAYS = (State.HELD, Action.HOLD)
_DONE: dict[str, object] = {
    "work": None,
    "due_at": None,
    "lease_until": None,
    "attempts": 0,
    "error": None,
    "stuck_at": None,
}


@dataclass(frozen=True)
class Recorded:
    """The ids that reached each state, what to announce, how many writes the fence kept out."""

    by_state: dict[State, list[str]]
    announcements: list[Announcement]
    too_late: int = 0


async def record_verdicts(ledger: Ledger, results: Sequence[tuple[Claim, Verdict]]) -> Recorded:
    """Write the verdicts and move every submission to where its verdict says, in one commit.

    One that was held and is to be held stays where it is, without version or event. What is held
    because a check could not answer has work again, later.
    """
    at = now()
    moved: dict[State, list[str]] = {}
    staying: list[str] = []
    announcements: list[Announcement] = []
    async with ledger.database.writing() as connection:
        if held := [claim for claim, _ in results if claim.state is State.HELD]:
            await _take(connection, held)
        for start, action in sorted({(claim.state, verdict.action) for claim, verdict in results}):
            group = [r for r in results if (r[0].state, r[1].action) == (start, action)]
            claims = [claim for claim, _ in group]
            if (start, action) == _STAYS:
                ids = await _stay(connection, claims)
                staying += ids
            else:
                state = TRANSITIONS[start, action]
                rows = await _move(ledger, connection, claims, (start, action), at)
                ids = [row.id for row in rows]
                moved.setdefault(state, []).extend(ids)
                announcements += [announcement(state, row.id, row.article) for row in rows]
            await _write_verdicts(ledger, connection, group, set(ids), at)
        unsure = {claim.submission.id for claim, verdict in results if verdict.unknown}
        if again := unsure & {*staying, *moved.get(State.HELD, ())}:
            await recheck_later(ledger, connection, again, at)
    too_late = len(results) - len(staying) - sum(map(len, moved.values()))
    return Recorded(moved, announcements, too_late)


async def record_published(ledger: Ledger, claims: Sequence[Claim]) -> Recorded:
    """The article store has them: approved → published; what was delivered again stays so."""
    at = now()
    move = State.APPROVED, Action.PUBLISH
    state = TRANSITIONS[move]
    async with ledger.database.writing() as connection:
        await _take(connection, claims)
        rows = await _move(ledger, connection, claims, move, at)
        finished = await _finish(connection, claims) if len(rows) < len(claims) else 0
    return Recorded(
        {state: [row.id for row in rows]},
        [announcement(state, row.id, row.article) for row in rows],
        too_late=len(claims) - len(rows) - finished,
    )


async def record_retracted(ledger: Ledger, claims: Sequence[Claim]) -> None:
    """The article store no longer shows them: nothing is left to do, or to be stuck in."""
    async with ledger.database.writing() as connection:
        await _take(connection, claims)
        await _finish(connection, claims, may_stand=False)


async def record_failure(
    ledger: Ledger, claims: Sequence[Claim], error: str, retry_at: datetime | None
) -> None:
    """Try again at `retry_at`; None means never by itself: the rows are stuck."""
    async with ledger.database.writing() as connection:
        await _take(connection, claims)
        await connection.execute(
            submissions.update()
            .where(_held_by(claims))
            .values(
                error=error[:_ERROR_LENGTH],
                lease_until=None,
                due_at=retry_at,
                stuck_at=None if retry_at else now(),
            )
        )


async def _take(connection: AsyncConnection, claims: Sequence[Claim]) -> None:
    """Moderators may be deciding on the same, or undoing."""
    await lock(connection, [claim.submission.id for claim in claims])


async def _move(
    ledger: Ledger,
    connection: AsyncConnection,
    claims: Sequence[Claim],
    move: tuple[State, Action],
    at: datetime,
) -> Sequence[Any]:
    """Move those that still are where the move begins."""
    state = TRANSITIONS[move]
    due_at = at + timedelta(seconds=ledger.settings.rehint_seconds)
    moved = await connection.execute(
        submissions.update()
        .where(_held_by(claims), submissions.c.state == str(move[0]))
        .values(**entering(state, due_at))
        .returning(submissions.c.id, submissions.c.article, submissions.c.version)
    )
    rows = moved.all()
    await write_events(connection, state, rows, at)
    return rows


async def _finish(connection: AsyncConnection, claims: Sequence[Claim], **more: object) -> int:
    """The work is done and the state stays, without version or event; of how many."""
    finished = await connection.execute(
        submissions.update().where(_held_by(claims)).values(**_DONE, **more)
    )
    return finished.rowcount


async def _stay(connection: AsyncConnection, claims: Sequence[Claim]) -> list[str]:
    """The check is done and they stay held; which of them, for the fence keeps the late ones out.

    A verdict is written once for a claim: the fence moves, as with a move of state.
    """
    stayed = await connection.execute(
        submissions.update()
        .where(_held_by(claims), submissions.c.state == str(State.HELD))
        .values(**_DONE, fence=submissions.c.fence + 1)
        .returning(submissions.c.id)
    )
    return [row.id for row in stayed]


def _held_by(claims: Sequence[Claim]) -> sql.ColumnElement[bool]:
    """Rows whose fence is still the claims': nobody took or moved them since."""
    works: set[Work] = {claim.work for claim in claims}
    pairs = [(claim.submission.id, claim.fence) for claim in claims]
    return sql.and_(
        sql.tuple_(submissions.c.id, submissions.c.fence).in_(pairs),
        submissions.c.work.in_([str(work) for work in works]),
    )


async def _write_verdicts(
    ledger: Ledger,
    connection: AsyncConnection,
    group: Sequence[tuple[Claim, Verdict]],
    moved: set[str],
    at: datetime,
) -> None:
    rows = [
        {
            "submission": claim.submission.id,
            "action": str(verdict.action),
            "score": verdict.score,
            "findings": [finding.as_dict() for finding in verdict.findings],
            "at": at,
            "unknown": written(verdict.unknown),
            "rechecks": 0,
        }
        for claim, verdict in group
        if claim.submission.id in moved
    ]
    if rows:
        statement = ledger.insert(verdicts)
        updated = {name: statement.excluded[name] for name in _REWRITTEN}
        updated["rechecks"] = verdicts.c.rechecks + 1
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["submission"], set_=updated), rows
        )
        await _list_by_verdict(connection, rows)


async def _list_by_verdict(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """The desk sorts and filters what waits by its verdict."""
    listed: dict[str, Any] = {"risk": sql.bindparam("risk"), "doubts": sql.bindparam("doubts")}
    await connection.execute(
        submissions.update().where(submissions.c.id == sql.bindparam("of")).values(**listed),
        [
            {
                "of": row["submission"],
                "risk": row["score"],
                "doubts": doubts_of(row["findings"]),
            }
            for row in rows
        ],
    )
