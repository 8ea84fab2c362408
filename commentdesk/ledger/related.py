"""What else came with the phone, from the address or browser of a submission, in its campaign."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import State
from commentdesk.ledger.bans import Ban, bans_on
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.entries import Entry, read_entries
from commentdesk.ledger.filters import within
from commentdesk.ledger.tables import fingerprints, submissions

_MOST_SHOWN = 5
_PUBLISHED = (str(State.APPROVED), str(State.PUBLISHED))
_REJECTED = (str(State.REJECTED), str(State.REMOVED))
# What a submission can be searched by without telling it, and its masked form.
_TRACES = {
    "phone": (submissions.c.phone_hash, submissions.c.phone_masked),
    "ip": (submissions.c.network_hash, submissions.c.address_masked),
}


@dataclass(frozen=True)
class Related:
    """Others that share something: how many, and the newest of them."""

    published: int
    rejected: int
    waiting: int
    items: list[Entry]


@dataclass(frozen=True)
class Person:
    """What is known of whoever wrote a submission; None for what it does not have."""

    phone: Related | None
    address: Related | None
    browser: Related | None
    campaign: Related | None
    bans: list[Ban]


async def person(
    ledger: Ledger, submission: str, sections: frozenset[str] = frozenset()
) -> Person | None:
    """Of the writer of a submission; None where there is none in these sections."""
    c = submissions.c
    query = (
        sql.select(submissions, fingerprints.c.campaign)
        .outerjoin(fingerprints, fingerprints.c.submission == c.id)
        .where(c.id == submission, *within(sections))
    )
    async with ledger.database.reading() as connection:
        if (row := (await connection.execute(query)).first()) is None:
            return None
        members = sql.select(fingerprints.c.submission).where(
            fingerprints.c.campaign == row.campaign
        )
        shared = {
            "phone": (row.phone_hash, c.phone_hash == row.phone_hash),
            "address": (row.network_hash, c.network_hash == row.network_hash),
            "browser": (row.browser_hash, c.browser_hash == row.browser_hash),
            "campaign": (row.campaign, c.id.in_(members)),
        }
        related = {
            name: await _related(ledger, connection, [condition, c.id != row.id], sections)
            if known
            else None
            for name, (known, condition) in shared.items()
        }
        return Person(**related, bans=await bans_on(ledger, connection, row, now()))


async def trace_of(
    ledger: Ledger, kind: str, submission: str, sections: frozenset[str] = frozenset()
) -> bytes | None:
    """By what the `phone` or `ip` of a submission is matched; None where it has none."""
    column, _ = _TRACES[kind]
    query = sql.select(column).where(submissions.c.id == submission, *within(sections))
    async with ledger.database.reading() as connection:
        found: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    return found


async def masked_trace(ledger: Ledger, kind: str, trace: bytes) -> str:
    """The masked number or address that is matched by this; empty where it is not known."""
    column, masked = _TRACES[kind]
    query = sql.select(masked).where(column == trace).limit(1)
    async with ledger.database.reading() as connection:
        return (await connection.execute(query)).scalar_one_or_none() or ""


async def _related(
    ledger: Ledger,
    connection: AsyncConnection,
    shared: list[sql.ColumnElement[bool]],
    sections: frozenset[str],
) -> Related:
    state = submissions.c.state
    found = [*shared, state != str(State.ERASED), *within(sections)]
    counted = sql.select(
        _number(state.in_(_PUBLISHED)).label("published"),
        _number(state.in_(_REJECTED)).label("rejected"),
        _number(state == str(State.HELD)).label("waiting"),
    ).where(*found)
    row = (await connection.execute(counted)).one()
    newest = sql.select(submissions.c.id).where(*found).order_by(submissions.c.id.desc())
    ids = list((await connection.execute(newest.limit(_MOST_SHOWN))).scalars())
    items = await read_entries(ledger, connection, ids, sections)
    return Related(int(row.published), int(row.rejected), int(row.waiting), items)


def _number(condition: sql.ColumnElement[bool]) -> sql.ColumnElement[Any]:
    return sql.func.coalesce(sql.func.sum(sql.case((condition, 1), else_=0)), 0)
