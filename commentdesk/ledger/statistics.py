"""Figures of a stretch of time, derived from the ledger's rows whenever they are asked for.

Times of waiting are in seconds, from the moment a submission was received. A quantile is the
least value that so large a part does not exceed (nearest rank).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import decisions, events, submissions, verdicts

HOUR = timedelta(hours=1)
# What decides; holding something back for a colleague does not.
DECIDING = tuple(map(str, (Action.APPROVE, Action.REJECT, Action.REMOVE, Action.RESTORE)))
# Risks, by fifths of the score.
BANDS = 5
_MICROSECONDS = 1_000_000
_REFUSED = str(Action.REJECT)
_TAKEN_BACK = {str(Action.APPROVE): str(Action.REMOVE), str(Action.REJECT): str(Action.RESTORE)}


@dataclass(frozen=True)
class Waiting:
    """Of how many, and how long half and nineteen twentieths of them waited, seconds."""

    number: int = 0
    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True)
class Agreement:
    """What the machine thought and people did."""

    # The machine's own decisions, and how many of them people took back since.
    published: int
    published_removed: int
    rejected: int
    rejected_restored: int
    # Of what it held: approved and refused by people, by fifths of the risk it saw.
    approved_by_band: list[int]
    refused_by_band: list[int]

    @property
    def of_held(self) -> float | None:
        """The part people approved below half the risk, and refused above; None of nothing.

        The middle band counts for neither.
        """
        half = BANDS // 2
        agreed = sum(self.approved_by_band[:half]) + sum(self.refused_by_band[half + 1 :])
        otherwise = sum(self.refused_by_band[:half]) + sum(self.approved_by_band[half + 1 :])
        return agreed / (agreed + otherwise) if agreed + otherwise else None


@dataclass(frozen=True)
class Figures:
    """The whole site's, since a moment; hours are numbered from 1970 on, UTC."""

    since: datetime
    at: datetime
    arrived: dict[int, int]
    by_people: dict[int, int]
    by_machine: dict[int, int]
    to_decision: Waiting
    to_publication: Waiting
    waiting: int
    oldest: datetime | None
    agreement: Agreement
    # In the hour before `at`: decided by people, and newly held.
    decided_last_hour: int
    held_last_hour: int
    # Decided first by people; by the machine is what it neither held nor left.
    first_by_people: int

    @property
    def machine_share(self) -> float | None:
        """The part that the machine decided alone; None of nothing."""
        machine = sum(self.by_machine.values())
        both = machine + self.first_by_people
        return machine / both if both else None

    @property
    def hours_to_clear(self) -> float | None:
        """How long until nothing waits, at the last hour's rate; None where it grows or stands."""
        if not self.waiting:
            return 0.0
        rate = self.decided_last_hour - self.held_last_hour
        return self.waiting / rate if rate > 0 else None


@dataclass
class Own:
    """One moderator's figures, for that moderator alone."""

    decided: int = 0
    # In which hours, numbered from 1970 on.
    by_hour: dict[int, int] = field(default_factory=dict)
    # Decided otherwise afterwards, by whomever.
    undone: int = 0

    @property
    def per_hour(self) -> float | None:
        """Decisions in an hour in which there were any."""
        return self.decided / len(self.by_hour) if self.by_hour else None


async def figures(ledger: Ledger, since: datetime) -> Figures:
    """Everything about the site since then, as of one moment."""
    at = now()
    async with ledger.database.snapshot() as connection:
        held = sql.select(sql.func.count(), sql.func.min(submissions.c.received_at)).where(
            submissions.c.state == str(State.HELD)
        )
        waiting, oldest = (await connection.execute(held)).one()
        decided = decisions.c.action.in_(DECIDING)
        machine = verdicts.c.action != str(Action.HOLD)
        return Figures(
            since=since,
            at=at,
            arrived=await _by_hour(connection, events, since, entered(State.RECEIVED)),
            by_people=await _by_hour(connection, decisions, since, decided),
            by_machine=await _by_hour(connection, verdicts, since, machine),
            to_decision=await quantiles(connection, until_decided(since)),
            to_publication=await quantiles(connection, until_published(since)),
            waiting=waiting,
            oldest=oldest,
            agreement=await _agreement(connection, since),
            decided_last_hour=await _count(connection, decisions, at - HOUR, decided),
            held_last_hour=await _count(connection, events, at - HOUR, entered(State.HELD)),
            first_by_people=await _first_by_people(connection, since),
        )


async def own_figures(ledger: Ledger, login: str, since: datetime) -> Own:
    """What this moderator decided since then."""
    later = decisions.alias("later")
    undone = sql.exists().where(
        later.c.submission == decisions.c.submission, later.c.version > decisions.c.version
    )
    hour = _hour(decisions.c.at)
    query = (
        sql.select(hour, sql.func.count(), sql.func.sum(sql.case((undone, 1), else_=0)))
        .where(
            decisions.c.actor == login,
            decisions.c.at >= since,
            decisions.c.action.in_(DECIDING),
        )
        .group_by(hour)
    )
    own = Own()
    async with ledger.database.reading() as connection:
        for number, decided, taken_back in await connection.execute(query):
            own.by_hour[number] = decided
            own.decided += decided
            own.undone += taken_back
    return own


async def oldest_waiting(ledger: Ledger) -> datetime | None:
    """When the one that waits longest for a moderator was received; None where none waits."""
    query = sql.select(sql.func.min(submissions.c.received_at)).where(
        submissions.c.state == str(State.HELD)
    )
    async with ledger.database.reading() as connection:
        found: datetime | None = (await connection.execute(query)).scalar()
        return found


def entered(state: State) -> sql.ColumnElement[bool]:
    """An event of entering the state."""
    return events.c.state == str(state)


def until_decided(since: datetime) -> sql.Select[Any]:
    """Submission, article and seconds until its first decision by a moderator, made since then."""
    return _lasted(_first_decisions(since).subquery())


def until_published(since: datetime) -> sql.Select[Any]:
    """Submission, article and seconds until it was published for the first time, since then."""
    before = events.alias("before")
    earlier = sql.exists().where(
        before.c.submission == events.c.submission,
        before.c.state == events.c.state,
        before.c.version < events.c.version,
    )
    first = sql.select(events.c.submission, events.c.at).where(
        entered(State.PUBLISHED), events.c.at >= since, ~earlier
    )
    return _lasted(first.subquery())


async def quantiles(connection: AsyncConnection, lasted: sql.Select[Any]) -> Waiting:
    """Of the seconds in `lasted`."""
    found = await quantiles_by(connection, lasted, sql.literal(""))
    return found.get("", Waiting())


async def quantiles_by(
    connection: AsyncConnection, lasted: sql.Select[Any], by: sql.ColumnElement[Any]
) -> dict[Any, Waiting]:
    """The same for each value of a column of `lasted`."""
    rows = lasted.add_columns(by.label("part")).subquery()
    seconds, part = rows.c.seconds, rows.c.part
    place = sql.func.row_number().over(partition_by=part, order_by=seconds)
    number = sql.func.count().over(partition_by=part)
    ranked = sql.select(part, seconds, place.label("place"), number.label("number")).subquery()
    half, most = (ranked.c.number + 1) // 2, (ranked.c.number * 95 + 99) // 100
    chosen = sql.select(ranked).where(sql.or_(ranked.c.place == half, ranked.c.place == most))
    found: defaultdict[Any, list[float]] = defaultdict(list)
    numbers: dict[Any, int] = {}
    for row in await connection.execute(chosen.order_by(ranked.c.place)):
        found[row.part].append(row.seconds / _MICROSECONDS)
        numbers[row.part] = row.number
    return {part: Waiting(numbers[part], both[0], both[-1]) for part, both in found.items()}


def _first_decisions(since: datetime) -> sql.Select[Any]:
    before = decisions.alias("before")
    earlier = sql.exists().where(
        before.c.submission == decisions.c.submission,
        before.c.version < decisions.c.version,
        before.c.action.in_(DECIDING),
    )
    return sql.select(decisions.c.submission, decisions.c.action, decisions.c.at).where(
        decisions.c.at >= since, decisions.c.action.in_(DECIDING), ~earlier
    )


def _lasted(ended: sql.Subquery) -> sql.Select[Any]:
    microseconds = _plain(ended.c.at) - _plain(submissions.c.received_at)
    return sql.select(
        ended.c.submission, submissions.c.article, microseconds.label("seconds")
    ).join(submissions, submissions.c.id == ended.c.submission)


def _plain(moment: sql.ColumnElement[Any]) -> sql.ColumnElement[int]:
    return sql.type_coerce(moment, sql.BigInteger)


def _hour(moment: sql.ColumnElement[Any]) -> sql.ColumnElement[int]:
    size = sql.literal_column(str(HOUR // timedelta(microseconds=1)), sql.BigInteger)
    return (_plain(moment) // size).label("hour")


async def _by_hour(
    connection: AsyncConnection,
    table: sql.Table,
    since: datetime,
    condition: sql.ColumnElement[bool],
) -> dict[int, int]:
    hour = _hour(table.c.at)
    query = sql.select(hour, sql.func.count()).where(table.c.at >= since, condition)
    rows = await connection.execute(query.group_by(hour))
    return {number: count for number, count in rows}  # noqa: C416


async def _count(
    connection: AsyncConnection,
    table: sql.Table,
    since: datetime,
    condition: sql.ColumnElement[bool],
) -> int:
    query = sql.select(sql.func.count()).select_from(table).where(table.c.at >= since, condition)
    return int((await connection.execute(query)).scalar_one())


async def _first_by_people(connection: AsyncConnection, since: datetime) -> int:
    first = _first_decisions(since).subquery()
    of_held = [str(Action.APPROVE), str(Action.REJECT)]
    query = sql.select(sql.func.count()).where(first.c.action.in_(of_held))
    return int((await connection.execute(query)).scalar_one())


async def _agreement(connection: AsyncConnection, since: datetime) -> Agreement:
    made, taken_back = await _of_the_machine(connection, since)
    first = _first_decisions(since).subquery()
    band = sql.case(
        *((verdicts.c.score < (n + 1) / BANDS, n) for n in range(BANDS - 1)), else_=BANDS - 1
    ).label("band")
    query = (
        sql.select(band, first.c.action, sql.func.count())
        .join(verdicts, verdicts.c.submission == first.c.submission)
        .where(verdicts.c.action == str(Action.HOLD))
        .group_by(band, first.c.action)
    )
    approved, refused = [0] * BANDS, [0] * BANDS
    for number, action, count in await connection.execute(query):
        (refused if action == _REFUSED else approved)[number] += count
    publish, reject = _TAKEN_BACK
    return Agreement(
        *(made[publish], taken_back[publish], made[reject], taken_back[reject]), approved, refused
    )


async def _of_the_machine(
    connection: AsyncConnection, since: datetime
) -> tuple[Counter[str], Counter[str]]:
    """How many it published and rejected, and how many of those people took back, by action."""
    action = verdicts.c.action
    query = sql.select(action, sql.func.count()).where(verdicts.c.at >= since)
    made = Counter({name: n for name, n in await connection.execute(query.group_by(action))})  # noqa: C416
    back = sql.or_(
        *(
            sql.and_(action == deed, decisions.c.action == opposite)
            for deed, opposite in _TAKEN_BACK.items()
        )
    )
    overturned = (
        sql.select(action, sql.func.count(decisions.c.submission.distinct()))
        .join(decisions, decisions.c.submission == verdicts.c.submission)
        # A decision comes after its verdict.
        .where(verdicts.c.at >= since, decisions.c.at >= since, back)
        .group_by(action)
    )
    return made, Counter({name: n for name, n in await connection.execute(overturned)})  # noqa: C416
