"""What came in the last days and what people made of it: for trying a rule on."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.domain.state import Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import decisions, submissions, verdicts

_AT_ONCE = 200
_UNSETTLED = (State.RECEIVED, State.WITHDRAWN, State.ERASED)
_SETTLED = [str(s) for s in State if s not in _UNSETTLED]
_STANDS = frozenset({State.APPROVED, State.PUBLISHED})
_REFUSED = frozenset({State.REJECTED, State.REMOVED})
_REFUSING = (str(Action.REJECT), str(Action.REMOVE))


@dataclass(frozen=True)
class Came:
    """A submission that was checked; `refused_for` where a person refused it: why ("" unsaid)."""

    id: str
    name: str
    title: str
    content: str
    state: State
    score: float
    phone: bytes | None
    network: bytes | None
    refused_for: str | None

    @property
    def stands(self) -> bool:
        """Published, or about to be, and not taken down since."""
        return self.state in _STANDS

    @property
    def refused(self) -> bool:
        """By a person or by the machine."""
        return self.state in _REFUSED


async def count_lately(ledger: Ledger, since: datetime, article: str = "") -> int:
    """How many `lately` would give."""
    query = sql.select(sql.func.count()).select_from(submissions)
    async with ledger.database.reading() as connection:
        counted = await connection.execute(query.where(*_lately(since, article)))
        return int(counted.scalar_one())


async def lately(
    ledger: Ledger, since: datetime, article: str = ""
) -> AsyncIterator[Sequence[Came]]:
    """Those received since, of all articles or of one, the newest first, some at a time."""
    query = (
        sql.select(submissions, verdicts.c.score)
        .outerjoin(verdicts, verdicts.c.submission == submissions.c.id)
        .where(*_lately(since, article))
        .order_by(submissions.c.id.desc())
        .limit(_AT_ONCE)
    )
    rows = await _rows(ledger, query)
    while rows:
        refused = await _refused_for(ledger, [row.id for row in rows])
        yield [_came(row, refused.get(row.id)) for row in rows]
        rows = await _rows(ledger, query.where(submissions.c.id < rows[-1].id))


def _lately(since: datetime, article: str) -> list[sql.ColumnElement[bool]]:
    found = [submissions.c.received_at >= since, submissions.c.state.in_(_SETTLED)]
    return [*found, submissions.c.article == article] if article else found


async def _refused_for(ledger: Ledger, ids: Sequence[str]) -> dict[str, str]:
    """Of those that a person decided on last by refusing them, why."""
    query = sql.select(decisions.c.submission, decisions.c.action, decisions.c.reason)
    query = query.where(decisions.c.submission.in_(ids)).order_by(decisions.c.version)
    last = {row.submission: row for row in await _rows(ledger, query)}
    return {id: row.reason for id, row in last.items() if row.action in _REFUSING}


async def _rows(ledger: Ledger, query: sql.Select[Any]) -> Sequence[Any]:
    async with ledger.database.reading() as connection:
        rows: Sequence[Any] = (await connection.execute(query)).all()
    return rows


def _came(row: Any, refused_for: str | None) -> Came:
    return Came(
        row.id,
        row.name,
        row.title,
        row.content,
        State(row.state),
        row.score or 0.0,
        row.phone_hash,
        row.network_hash,
        refused_for if State(row.state) in _REFUSED else None,
    )
