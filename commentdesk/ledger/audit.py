"""The audit: who did what, when; written in the transaction of the deed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit


@dataclass(frozen=True)
class AuditEntry:
    id: str
    at: datetime
    actor: str
    action: str
    submission: str | None
    detail: dict[str, Any]


async def record(
    connection: AsyncConnection,
    actor: str,
    action: str,
    submission: str | None,
    detail: dict[str, Any],
) -> None:
    """Add one row, in the caller's transaction."""
    await record_each(connection, actor, action, [(submission, detail)])


async def record_each(
    connection: AsyncConnection,
    actor: str,
    action: str,
    deeds: Sequence[tuple[str | None, dict[str, Any]]],
) -> None:
    """Add a row for each (submission, detail) the same was done to, in the caller's transaction."""
    at = now()
    rows = [
        {
            "id": new_id(),
            "at": at,
            "actor": actor,
            "action": action,
            "submission": submission,
            "detail": detail,
        }
        for submission, detail in deeds
    ]
    if rows:
        await connection.execute(audit.insert(), rows)


async def recent(
    ledger: Ledger, limit: int = 50, cursor: str | None = None
) -> Sequence[AuditEntry]:
    """The newest rows before `cursor` (an entry's id)."""
    query = sql.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if cursor:
        query = query.where(audit.c.id < cursor)
    return await _entries(ledger, query)


async def of_submission(ledger: Ledger, submission: str) -> Sequence[AuditEntry]:
    """All that was done to one submission, oldest first."""
    query = sql.select(audit).where(audit.c.submission == submission).order_by(audit.c.id)
    return await _entries(ledger, query)


async def _entries(ledger: Ledger, query: sql.Select[Any]) -> Sequence[AuditEntry]:
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query)
        return [AuditEntry(**row._mapping) for row in rows]
