"""What became of earlier submissions with the same phone, and from the same browser."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.memory import Past
from commentdesk.domain.state import Action, State
from commentdesk.ledger.claim import Traces
from commentdesk.ledger.tables import decisions, submissions

_APPROVED = (str(State.APPROVED), str(State.PUBLISHED))
_REJECTED = (str(State.REJECTED), str(State.REMOVED))
_VOUCHES = (str(Action.APPROVE), str(Action.RESTORE))


async def pasts(
    connection: AsyncConnection, traces: Sequence[Traces], since: datetime
) -> list[tuple[Past, Past]]:
    """Of each one's phone and of its browser, from what came since; one query."""
    phone, browser = submissions.c.phone_hash, submissions.c.browser_hash
    counted = [
        _counted(phone, {each.phone for each in traces}, since),
        _counted(browser, {each.browser for each in traces}, since),
    ]
    rows = await connection.execute(sql.union_all(*counted))
    found = {
        (row.kind, row.hash): Past(int(row.approved), int(row.vouched), int(row.rejected))
        for row in rows
    }
    return [
        (
            found.get((phone.name, each.phone), Past()),
            found.get((browser.name, each.browser), Past()),
        )
        for each in traces
    ]


def _counted(
    key: sql.Column[Any], hashes: Iterable[bytes | None], since: datetime
) -> sql.Select[Any]:
    approved = submissions.c.state.in_(_APPROVED)
    vouched = sql.exists().where(
        decisions.c.submission == submissions.c.id, decisions.c.action.in_(_VOUCHES)
    )
    return (
        sql.select(
            sql.literal(key.name).label("kind"),
            key.label("hash"),
            _number(approved).label("approved"),
            _number(sql.and_(approved, vouched)).label("vouched"),
            _number(submissions.c.state.in_(_REJECTED)).label("rejected"),
        )
        .where(key.in_([each for each in hashes if each]), submissions.c.received_at >= since)
        .group_by(key)
    )


def _number(condition: sql.ColumnElement[bool]) -> sql.ColumnElement[Any]:
    return sql.func.sum(sql.case((condition, 1), else_=0))
