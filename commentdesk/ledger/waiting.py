"""How long submissions wait, for a moderator and until they are published.

From the moment one was received, in seconds. A quantile is the least value that so large a part
does not exceed (nearest rank).
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.state import Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import decisions, events, submissions, verdicts

# What decides; holding something back for a colleague does not.
DECIDING = tuple(map(str, (Action.APPROVE, Action.REJECT, Action.REMOVE, Action.RESTORE)))
_MICROSECONDS = 1_000_000
_ROWS_AT_ONCE = 1_000
# received, approved, published, removed, approved: no second publication comes sooner.
_FIRST_PUBLICATIONS = 5


@dataclass(frozen=True)
class Waiting:
    """Of how many, and how long half and nineteen twentieths of them waited, seconds."""

    number: int = 0
    p50: float | None = None
    p95: float | None = None


class FirstDecision(NamedTuple):
    """A moderator's first on a submission, and what the machine had thought of it, if it had."""

    article: str
    seconds: float
    action: str
    machine_action: str | None
    score: float | None


def quantiles(seconds: Iterable[float]) -> Waiting:
    """Of lengths of time in any order."""
    ordered = sorted(seconds)
    number = len(ordered)
    if not number:
        return Waiting()
    return Waiting(number, ordered[(number - 1) // 2], ordered[(number * 19 - 1) // 20])


async def oldest_waiting(ledger: Ledger) -> datetime | None:
    """When the one that waits longest for a moderator was received; None where none waits."""
    query = sql.select(sql.func.min(submissions.c.received_at)).where(
        submissions.c.state == str(State.HELD)
    )
    async with ledger.database.reading() as connection:
        found: datetime | None = (await connection.execute(query)).scalar()
        return found


async def first_decisions(connection: AsyncConnection, since: datetime) -> list[FirstDecision]:
    """Of those made since then; what an older one was made on is left out."""
    before = decisions.alias("before")
    earlier = sql.exists().where(
        before.c.submission == decisions.c.submission,
        before.c.version < decisions.c.version,
        before.c.action.in_(DECIDING),
    )
    query = (
        sql.select(
            submissions.c.article,
            _lasted(decisions.c.at),
            decisions.c.action,
            verdicts.c.action,
            verdicts.c.score,
        )
        .join(submissions, submissions.c.id == decisions.c.submission)
        .outerjoin(verdicts, verdicts.c.submission == decisions.c.submission)
        .where(decisions.c.at >= since, decisions.c.action.in_(DECIDING), ~earlier)
    )
    return [
        FirstDecision(article, lasted / _MICROSECONDS, *judged)
        async for rows in _batches(connection, query)
        for article, lasted, *judged in rows
    ]


async def seconds_to_publication(connection: AsyncConnection, since: datetime) -> list[float]:
    """Of what was published for the first time since then."""
    before = events.alias("before")
    earlier = sql.exists().where(
        before.c.submission == events.c.submission,
        before.c.state == events.c.state,
        before.c.version < events.c.version,
    )
    query = (
        sql.select(_lasted(events.c.at))
        .join(submissions, submissions.c.id == events.c.submission)
        .where(
            events.c.state == str(State.PUBLISHED),
            events.c.at >= since,
            sql.or_(events.c.version <= _FIRST_PUBLICATIONS, ~earlier),
        )
    )
    return [
        lasted / _MICROSECONDS async for rows in _batches(connection, query) for (lasted,) in rows
    ]


def microseconds(moment: sql.ColumnElement[Any]) -> sql.ColumnElement[int]:
    """A moment as microseconds since 1970, to be reckoned with."""
    return sql.type_coerce(moment, sql.BigInteger)


def _lasted(end: sql.ColumnElement[Any]) -> sql.ColumnElement[int]:
    return microseconds(end) - microseconds(submissions.c.received_at)


async def _batches(
    connection: AsyncConnection, query: sql.Select[Any]
) -> AsyncIterator[Sequence[Any]]:
    """The rows, with turns for others between some and some."""
    found = await connection.stream(query)
    async for rows in found.partitions(_ROWS_AT_ONCE):
        yield rows
