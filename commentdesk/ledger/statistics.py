"""Figures of a stretch of time, derived from the ledger's rows whenever they are asked for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.coverage import Coverage, find_coverage
from commentdesk.ledger.judgement import Agreement, find_agreement
from commentdesk.ledger.tables import decisions, events, submissions, verdicts
from commentdesk.ledger.waiting import (
    DECIDING,
    Waiting,
    first_decisions,
    microseconds,
    quantiles,
    seconds_to_publication,
)

HOUR = timedelta(hours=1)
_OF_HELD = (str(Action.APPROVE), str(Action.REJECT))


@dataclass(frozen=True)
class Figures:
    """The whole site's and its parts', since a moment; hours are numbered from 1970 on, UTC."""

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
    coverage: Coverage
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
        first = await first_decisions(connection, since)
        decided = decisions.c.action.in_(DECIDING)
        machine = verdicts.c.action != str(Action.HOLD)
        return Figures(
            since=since,
            at=at,
            arrived=await _by_hour(connection, events, since, _entered(State.RECEIVED)),
            by_people=await _by_hour(connection, decisions, since, decided),
            by_machine=await _by_hour(connection, verdicts, since, machine),
            to_decision=quantiles(each.seconds for each in first),
            to_publication=quantiles(await seconds_to_publication(connection, since)),
            waiting=waiting,
            oldest=oldest,
            agreement=await find_agreement(connection, since, first),
            coverage=await find_coverage(connection, since, first),
            decided_last_hour=await _count(connection, decisions, at - HOUR, decided),
            held_last_hour=await _count(connection, events, at - HOUR, _entered(State.HELD)),
            first_by_people=sum(each.action in _OF_HELD for each in first),
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


def _hour(moment: sql.ColumnElement[Any]) -> sql.ColumnElement[int]:
    size = sql.literal_column(str(HOUR // timedelta(microseconds=1)), sql.BigInteger)
    return (microseconds(moment) // size).label("hour")


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


def _entered(state: State) -> sql.ColumnElement[bool]:
    return events.c.state == str(state)
