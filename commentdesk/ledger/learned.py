"""The site's own layer of the spam check: what moderators decided, and what was learned of it.

The newest version is in force. A version that is pinned stays so until somebody lets learning go
on: that is how a roll-back holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import Action, State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import decisions, learned, reasons, submissions

# Older versions are forgotten.
_VERSIONS_KEPT = 50
_TAKEN_FOR_HONEST = (str(Action.APPROVE), str(Action.RESTORE))
_TAKEN_FOR_SPAM = (str(Action.REJECT), str(Action.REMOVE))


@dataclass(frozen=True)
class Learned:
    """One version; `facts` say what it was learned from."""

    version: int
    weights: bytes
    facts: dict[str, Any]
    pinned: bool
    actor: str
    at: datetime


@dataclass(frozen=True)
class Judged:
    """A submission's words and what people took them for."""

    title: str
    content: str
    spam: bool


class NoSuchVersion(ValueError):
    """No version has this number, or none is older than the newest."""


async def newest_version(ledger: Ledger) -> int:
    """The number of the version in force; 0 for none."""
    async with ledger.database.reading() as connection:
        return await _newest(connection)


async def read_learned(ledger: Ledger, version: int) -> Learned | None:
    async with ledger.database.reading() as connection:
        return await _read(connection, version)


async def list_learned(ledger: Ledger) -> Sequence[Learned]:
    """All versions kept, the newest first."""
    query = sql.select(learned).order_by(learned.c.version.desc())
    async with ledger.database.reading() as connection:
        return [Learned(**row._mapping) for row in await connection.execute(query)]


async def store_learned(ledger: Ledger, weights: bytes, facts: dict[str, Any]) -> int | None:
    """Put a new version in force; its number, or None where the one in force is pinned."""
    async with ledger.database.writing() as connection:
        last = await _read(connection, await _newest(connection))
        if last and last.pinned:
            return None
        return await _insert(connection, weights, facts, actor="commentdesk", pinned=False)


async def roll_back(ledger: Ledger, version: int | None, actor: str) -> int:
    """Put an older version in force again, pinned; None for the one before. Its new number.

    Version 0 is the state before anything was learned.

    Raises:
        NoSuchVersion: there is no such version to go back to.
    """
    async with ledger.database.writing() as connection:
        newest = await _newest(connection)
        wanted = newest - 1 if version is None else version
        older = await _read(connection, wanted)
        if not newest or not (older or wanted == 0):
            raise NoSuchVersion(wanted)
        await audits.record(connection, actor, "roll_back_learned", None, {"version": wanted})
        weights, facts = (older.weights, older.facts) if older else (b"", {})
        facts = {**facts, "rolled_back_to": wanted}
        return await _insert(connection, weights, facts, actor=actor, pinned=True)


async def resume_learning(ledger: Ledger, actor: str) -> None:
    """Let the next version come, after a roll-back."""
    async with ledger.database.writing() as connection:
        await connection.execute(learned.update().values(pinned=False))
        await audits.record(connection, actor, "resume_learning", None, {})


async def judged_by_moderators(ledger: Ledger, most: int) -> list[Judged]:
    """What moderators decided last on each submission, the newest decisions first."""
    last = (
        sql.select(decisions.c.submission, sql.func.max(decisions.c.version).label("version"))
        .group_by(decisions.c.submission)
        .subquery()
    )
    spam = sql.and_(decisions.c.action.in_(_TAKEN_FOR_SPAM), _of_spam())
    query = (
        sql.select(submissions.c.title, submissions.c.content, spam.label("spam"))
        .join(decisions, decisions.c.submission == submissions.c.id)
        .join(
            last,
            sql.and_(
                last.c.submission == decisions.c.submission, last.c.version == decisions.c.version
            ),
        )
        .where(
            submissions.c.state != str(State.ERASED),
            sql.or_(spam, decisions.c.action.in_(_TAKEN_FOR_HONEST)),
        )
        .order_by(decisions.c.at.desc())
        .limit(most)
    )
    return await _judged(ledger, query)


async def published_by_machine(ledger: Ledger, most: int) -> list[Judged]:
    """What stands in the store and nobody decided on: honest as far as anybody knows."""
    undecided = ~sql.exists().where(decisions.c.submission == submissions.c.id)
    query = (
        sql.select(submissions.c.title, submissions.c.content, sql.false().label("spam"))
        .where(submissions.c.state == str(State.PUBLISHED), undecided)
        .order_by(submissions.c.received_at.desc())
        .limit(most)
    )
    return await _judged(ledger, query)


async def _judged(ledger: Ledger, query: sql.Select[Any]) -> list[Judged]:
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query)
        return [Judged(row.title, row.content, bool(row.spam)) for row in rows]


def _of_spam() -> sql.ColumnElement[bool]:
    """Refused for a reason of spam, or for none that was given; why else says nothing of spam."""
    of_spam = sql.select(reasons.c.code).where(reasons.c.spam)
    return sql.or_(decisions.c.reason == "", decisions.c.reason.in_(of_spam))


async def _newest(connection: AsyncConnection) -> int:
    found = await connection.execute(sql.select(sql.func.max(learned.c.version)))
    return int(found.scalar() or 0)


async def _read(connection: AsyncConnection, version: int) -> Learned | None:
    query = sql.select(learned).where(learned.c.version == version)
    row = (await connection.execute(query)).first()
    return Learned(**row._mapping) if row else None


async def _insert(
    connection: AsyncConnection, weights: bytes, facts: dict[str, Any], *, actor: str, pinned: bool
) -> int:
    version = await _newest(connection) + 1
    row = {"version": version, "weights": weights, "facts": facts}
    await connection.execute(
        learned.insert(), {**row, "pinned": pinned, "actor": actor, "at": now()}
    )
    await connection.execute(learned.delete().where(learned.c.version <= version - _VERSIONS_KEPT))
    return version
