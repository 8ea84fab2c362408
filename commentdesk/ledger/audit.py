"""The audit: who did what, when; written in the transaction of the deed, chained (chain.py)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import last_of_all, now
from commentdesk.domain.text import fold
from commentdesk.ledger.chain import note_of
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit

# The deeds that show somebody phone numbers in full.
SAW_PERSONAL_DATA = ("reveal", "export_personal_data")


@dataclass(frozen=True)
class AuditEntry:
    id: str
    at: datetime
    actor: str
    action: str
    submission: str | None
    detail: dict[str, Any]
    number: int
    # In hexadecimal.
    mac: str
    # It had a note, which was forgotten at its subject's wish.
    note_erased: bool


@dataclass(frozen=True)
class Wanted:
    """What part of the audit: everything that is said must be so."""

    actor: str = ""
    actions: tuple[str, ...] = ()
    submission: str = ""
    # Moments, the first within, the last outside.
    since: datetime | None = None
    until: datetime | None = None
    # In the detail, whatever the case and diacritics.
    text: str = ""


async def record(
    connection: AsyncConnection,
    actor: str,
    action: str,
    submission: str | None,
    detail: dict[str, Any],
) -> None:
    """Have one row added at the end of the caller's transaction, as record_each does."""
    await record_each(connection, actor, action, [(submission, detail)])


async def record_each(
    connection: AsyncConnection,
    actor: str,
    action: str,
    deeds: Sequence[tuple[str | None, dict[str, Any]]],
) -> None:
    """Have a row added for each (submission, detail) the same was done to.

    They join the chain last of all, just before the caller's transaction commits: so the chain's
    head is held shortly, once for however many rows, and by everyone after whatever else they
    lock.
    """
    at = now()
    for submission, detail in deeds:
        row = {
            "id": new_id(),
            "at": at,
            "actor": actor,
            "action": action,
            "submission": submission,
            # As it will be read again.
            "detail": json.loads(json.dumps(detail)),
        }
        last_of_all(connection, row)


async def search(
    ledger: Ledger, wanted: Wanted, limit: int = 50, before: int | None = None
) -> Sequence[AuditEntry]:
    """The newest rows that are wanted, of those with a number below `before`."""
    query = sql.select(audit).where(*_conditions(wanted))
    if before is not None:
        query = query.where(audit.c.number < before)
    return await _entries(ledger, query.order_by(audit.c.number.desc()).limit(limit))


async def recent(ledger: Ledger, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest rows."""
    return await search(ledger, Wanted(), limit)


async def of_submission(ledger: Ledger, submission: str) -> Sequence[AuditEntry]:
    """All that was done to one submission, oldest first."""
    query = sql.select(audit).where(audit.c.submission == submission).order_by(audit.c.number)
    return await _entries(ledger, query)


async def actions_known(ledger: Ledger) -> list[str]:
    """Every kind of deed there is in the audit, by name."""
    query = sql.select(audit.c.action).distinct().order_by(audit.c.action)
    async with ledger.database.reading() as connection:
        return list((await connection.execute(query)).scalars())


def _conditions(wanted: Wanted) -> list[sql.ColumnElement[bool]]:
    conditions: list[sql.ColumnElement[bool]] = []
    if wanted.actor:
        conditions.append(audit.c.actor == wanted.actor)
    if wanted.actions:
        conditions.append(audit.c.action.in_(wanted.actions))
    if wanted.submission:
        conditions.append(audit.c.submission == wanted.submission)
    if wanted.since:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until:
        conditions.append(audit.c.at < wanted.until)
    if sought := fold(wanted.text):
        conditions.append(audit.c.folded.contains(sought, autoescape=True))
    return conditions


async def _entries(ledger: Ledger, query: sql.Select[Any]) -> Sequence[AuditEntry]:
    async with ledger.database.reading() as connection:
        return [_entry(row) for row in await connection.execute(query)]


def _entry(row: Any) -> AuditEntry:
    names = ("id", "at", "actor", "action", "submission", "detail", "number")
    erased = row.note_digest is not None and not note_of(row._mapping)
    said = {name: getattr(row, name) for name in names}
    return AuditEntry(**said, mac=row.mac.hex(), note_erased=erased)
