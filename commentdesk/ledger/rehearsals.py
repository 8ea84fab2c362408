"""Rehearsals: a rule tried on what came lately before it goes live.

Asked for in the console, run by a worker. One at a time for each editor: a new one ends the one
before. Kept for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import rehearsals

DAYS = 30
_KEPT = timedelta(days=1)
# A worker says more often than this how far it is; one that does not is dead.
_LEASE = timedelta(seconds=30)
_MOST_ATTEMPTS = 3


class RehearsalState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_UNFINISHED = [str(RehearsalState.WAITING), str(RehearsalState.RUNNING)]


@dataclass(frozen=True)
class Rehearsal:
    """`rule` is what is tried; `seen` of `total` submissions have been looked at; then `result`."""

    id: str
    actor: str
    rule: dict[str, Any]
    state: str
    total: int
    seen: int
    result: dict[str, Any]
    attempts: int
    lease_until: datetime | None
    at: datetime
    ended_at: datetime | None

    @property
    def unfinished(self) -> bool:
        return self.state in _UNFINISHED


async def ask_rehearsal(ledger: Ledger, rule: dict[str, Any], actor: str) -> Rehearsal:
    """Have the rule tried; what the same editor had tried before and is unfinished ends."""
    row: dict[str, Any] = {
        "id": new_id(),
        "actor": actor,
        "rule": rule,
        "state": str(RehearsalState.WAITING),
        "total": 0,
        "seen": 0,
        "result": {},
        "attempts": 0,
        "lease_until": None,
        "at": now(),
        "ended_at": None,
    }
    async with ledger.database.writing() as connection:
        await _take_turns(connection, actor)
        await _end(connection, rehearsals.c.actor == actor, RehearsalState.CANCELLED)
        await connection.execute(rehearsals.insert(), row)
        await audits.record(connection, actor, "rehearse", None, {"rule": rule["what"]})
    return Rehearsal(**row)


async def read_rehearsal(ledger: Ledger, rehearsal: str) -> Rehearsal | None:
    """One of them, None where there is none (any more)."""
    found = await _fetch(ledger, sql.select(rehearsals).where(rehearsals.c.id == rehearsal))
    return found[0] if found else None


async def list_rehearsals(ledger: Ledger, actor: str, limit: int = 20) -> Sequence[Rehearsal]:
    """An editor's own, the newest first."""
    query = sql.select(rehearsals).where(rehearsals.c.actor == actor)
    return await _fetch(ledger, query.order_by(rehearsals.c.id.desc()).limit(limit))


async def cancel_rehearsal(ledger: Ledger, rehearsal: str, actor: str) -> bool:
    """End one's own; whether it was unfinished."""
    own = sql.and_(rehearsals.c.id == rehearsal, rehearsals.c.actor == actor)
    async with ledger.database.writing() as connection:
        return bool(await _end(connection, own, RehearsalState.CANCELLED))


async def take_rehearsals(ledger: Ledger, ids: Sequence[str] | None) -> Sequence[Rehearsal]:
    """Take those of the ids (None: all) that nobody runs; one that killed its workers fails."""
    at = now()
    free = sql.or_(rehearsals.c.lease_until.is_(None), rehearsals.c.lease_until < at)
    condition = sql.and_(rehearsals.c.state.in_(_UNFINISHED), free)
    if ids is not None:
        condition = sql.and_(condition, rehearsals.c.id.in_(ids))
    hopeless = sql.and_(condition, rehearsals.c.attempts >= _MOST_ATTEMPTS)
    async with ledger.database.writing() as connection:
        await _end(connection, hopeless, RehearsalState.FAILED)
        taken = await connection.execute(
            rehearsals.update()
            .where(condition)
            .values(
                state=str(RehearsalState.RUNNING),
                lease_until=at + _LEASE,
                attempts=rehearsals.c.attempts + 1,
            )
            .returning(*rehearsals.c)
        )
        return [Rehearsal(**row._mapping) for row in taken]


async def still_wanted(ledger: Ledger, taken: Rehearsal, seen: int, total: int) -> bool:
    """Say how far it is; False where it was cancelled, or is another worker's by now."""
    values = {"seen": seen, "total": total, "lease_until": now() + _LEASE}
    return await _write(ledger, taken, values)


async def finish_rehearsal(ledger: Ledger, taken: Rehearsal, result: dict[str, Any]) -> bool:
    """Keep the result; whether it was still wanted."""
    seen = result["looked_at"]
    ended = {"state": str(RehearsalState.DONE), "ended_at": now(), "lease_until": None}
    return await _write(ledger, taken, {**ended, "seen": seen, "total": seen, "result": result})


async def forget_rehearsals(ledger: Ledger) -> None:
    """Those of more than a day ago; what they quote is the comments' own ids alone."""
    async with ledger.database.writing() as connection:
        await connection.execute(rehearsals.delete().where(rehearsals.c.at < now() - _KEPT))


async def _write(ledger: Ledger, taken: Rehearsal, values: dict[str, Any]) -> bool:
    async with ledger.database.writing() as connection:
        written = await connection.execute(
            rehearsals.update()
            .where(
                rehearsals.c.id == taken.id,
                rehearsals.c.state == str(RehearsalState.RUNNING),
                rehearsals.c.attempts == taken.attempts,
            )
            .values(**values)
        )
    return bool(written.rowcount)


async def _end(
    connection: AsyncConnection, condition: sql.ColumnElement[bool], state: RehearsalState
) -> int:
    ended = await connection.execute(
        rehearsals.update()
        .where(condition, rehearsals.c.state.in_(_UNFINISHED))
        .values(state=str(state), ended_at=now(), lease_until=None)
    )
    return ended.rowcount


async def _take_turns(connection: AsyncConnection, actor: str) -> None:
    """One editor asking twice at once is served one after the other (SQLite's writers are)."""
    if connection.dialect.name == "postgresql":
        key = sql.func.hashtext(f"rehearsal of {actor}")
        await connection.execute(sql.select(sql.func.pg_advisory_xact_lock(key)))


async def _fetch(ledger: Ledger, query: sql.Select[Any]) -> list[Rehearsal]:
    async with ledger.database.reading() as connection:
        return [Rehearsal(**row._mapping) for row in await connection.execute(query)]
