"""Everything in the product's own words, a line of JSON each: to leave with, or to analyse."""

import getpass
import os
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import (
    accounts,
    articles,
    audit,
    bans,
    decisions,
    events,
    notes,
    policies,
    reasons,
    revisions,
    second_looks,
    submissions,
    tightenings,
    verdicts,
    words,
)
from commentdesk.manifest import Refused
from commentdesk.sealing import Unsealable
from commentdesk.settings import Settings
from commentdesk.snapshot import json_line

_ROWS_AT_ONCE = 100
# Hashes stay here: of passwords, and those by which personal data is matched.
_WRITTEN: dict[str, tuple[sql.Table, tuple[str, ...]]] = {
    "article": (articles, ("id", "title", "language", "url", "comments", "seen_at")),
    "word": (words, ("id", "kind", "text", "match", "actor", "at")),
    "policy": (
        policies,
        ("scope", "hold_one_in", "reject_one_in", "publish_clean", "comments", "actor", "at"),
    ),
    "tightening": (tightenings, ("scope", "until", "actor", "at")),
    "reason": (
        reasons,
        ("code", "words", "reader_words", "place", "spam", "retired_at", "actor", "at"),
    ),
    "ban": (bans, ("id", "kind", "submission", "until", "actor", "at", "note")),
    "second_look": (
        second_looks,
        (
            *("id", "submission", "version", "decided_by", "actor", "decided", "reason", "checks"),
            *("picked_at", "looker", "answer", "answer_reason", "answered_at"),
        ),
    ),
    "account": (accounts, ("id", "login", "role", "sections", "created_at", "disabled_at")),
    "audit": (
        audit,
        ("id", "number", "at", "actor", "action", "submission", "detail", "mac"),
    ),
}
_SUBMISSION = (
    *("id", "article", "parent", "name", "title", "content", "language", "consent"),
    *(
        "consent_version",
        "phone_proven",
        "received_at",
        "state",
        "version",
        "held_for",
        "work",
        "error",
    ),
    "stuck_at",
)


async def export(settings: Settings, *, full: bool) -> None:
    """Write it to standard output; phone and address masked, or in full and written down first."""
    ledger = Ledger(settings)
    try:
        if full:
            await _write_down(ledger)
        async with ledger.database.snapshot() as connection:
            async for document in _documents(ledger, connection, full=full):
                sys.stdout.buffer.write(json_line(document).encode())
        sys.stdout.buffer.flush()
    except Unsealable as error:
        raise Refused("phones and addresses are sealed with another secret than this") from error
    finally:
        await ledger.close()


async def _write_down(ledger: Ledger) -> None:
    async with ledger.database.writing() as connection:
        await audits.record(
            connection, "commentdesk", "export_personal_data", None, {"user": _user()}
        )


def _user() -> str:
    """Who asks, as far as the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


async def _documents(
    ledger: Ledger, connection: AsyncConnection, *, full: bool
) -> AsyncIterator[dict[str, Any]]:
    for kind, (table, columns) in _WRITTEN.items():
        async for rows in _pages(connection, table):
            for row in rows:
                yield {"type": kind, **_of(row, columns)}
    async for rows in _pages(connection, submissions):
        ids = [row.id for row in rows]
        checked = {row.submission: row for row in await _about(connection, verdicts, ids)}
        decided = await _about(connection, decisions, ids)
        moved = await _about(connection, events, ids)
        noted = await _about(connection, notes, ids)
        earlier = await _about(connection, revisions, ids)
        for row in rows:
            yield {
                "type": "submission",
                **_of(row, _SUBMISSION),
                **_personal(ledger, row, full=full),
                **_verdict(checked.get(row.id)),
                "decisions": _each(
                    decided, row.id, ("version", "action", "actor", "reason", "note", "at")
                ),
                "notes": _each(noted, row.id, ("id", "actor", "text", "at")),
                "revisions": _each(earlier, row.id, ("version", "name", "title", "content", "at")),
                "events": _each(moved, row.id, ("id", "state", "version", "at")),
            }


async def _pages(
    connection: AsyncConnection, table: sql.Table
) -> AsyncIterator[Sequence[sql.Row[Any]]]:
    """The table's rows in the order of their keys, some at a time."""
    [key] = table.primary_key
    query = sql.select(table).order_by(key).limit(_ROWS_AT_ONCE)
    rows = (await connection.execute(query)).all()
    while rows:
        yield rows
        last = getattr(rows[-1], key.name)
        rows = (await connection.execute(query.where(key > last))).all()


async def _about(
    connection: AsyncConnection, table: sql.Table, ids: Sequence[str]
) -> Sequence[sql.Row[Any]]:
    query = sql.select(table).where(table.c.submission.in_(ids)).order_by(table.c.at)
    return (await connection.execute(query)).all()


def _of(row: sql.Row[Any], columns: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns}


def _each(
    rows: Sequence[sql.Row[Any]], submission: str, columns: Sequence[str]
) -> list[dict[str, Any]]:
    return [_of(row, columns) for row in rows if row.submission == submission]


def _verdict(row: sql.Row[Any] | None) -> dict[str, Any]:
    if row is None:
        return {"verdict": None, "findings": []}
    return {"verdict": _of(row, ("action", "score", "at")), "findings": row.findings}


def _personal(ledger: Ledger, row: sql.Row[Any], *, full: bool) -> dict[str, Any]:
    if not full:
        return {"phone": row.phone_masked, "address": row.address_masked}
    return {
        "phone": ledger.unseal(row.phone_sealed, row.id) or None,
        "address": ledger.unseal(row.address_sealed, row.id) or None,
        "client": row.client,
    }
