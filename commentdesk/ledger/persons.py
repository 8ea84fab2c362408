"""What became of earlier submissions with the same phone, and from the same browser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.memory import Past
from commentdesk.domain.state import Action, State
from commentdesk.ledger.tables import decisions, submissions

_APPROVED = (str(State.APPROVED), str(State.PUBLISHED))
_REJECTED = (str(State.REJECTED), str(State.REMOVED))
_VOUCHES = (str(Action.APPROVE), str(Action.RESTORE))


async def pasts_by(
    connection: AsyncConnection, column: str, hashes: Iterable[bytes | None], since: datetime
) -> dict[bytes | None, Past]:
    """By the hashes in `column` (phone_hash or browser_hash), of what came since; one query."""
    if not (known := {each for each in hashes if each}):
        return {}
    key = submissions.c[column]
    approved = submissions.c.state.in_(_APPROVED)
    vouched = sql.exists().where(
        decisions.c.submission == submissions.c.id, decisions.c.action.in_(_VOUCHES)
    )
    query = (
        sql.select(
            key,
            _number(approved).label("approved"),
            _number(sql.and_(approved, vouched)).label("vouched"),
            _number(submissions.c.state.in_(_REJECTED)).label("rejected"),
        )
        .where(key.in_(known), submissions.c.received_at >= since)
        .group_by(key)
    )
    rows = await connection.execute(query)
    return {row[0]: Past(int(row.approved), int(row.vouched), int(row.rejected)) for row in rows}


def _number(condition: sql.ColumnElement[bool]) -> sql.ColumnElement[Any]:
    return sql.func.sum(sql.case((condition, 1), else_=0))
