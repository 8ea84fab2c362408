"""Breaking stories: where everything is tightened at once, always with an end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.moments import stamp
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.policies import SITE, is_scope
from commentdesk.ledger.tables import tightenings


@dataclass(frozen=True)
class Tightening:
    """Of which scope, until when, by whom."""

    scope: str
    until: datetime
    actor: str
    at: datetime


async def tighten(ledger: Ledger, scope: str, until: datetime, actor: str) -> None:
    """Tighten the scope until then; what stood is set anew.

    Raises:
        ValueError: the scope is neither the site nor an article.
    """
    if not is_scope(scope):
        raise ValueError("neither the site nor an article")
    row = {"scope": scope, "until": until, "actor": actor, "at": now()}
    statement = ledger.insert(tightenings)
    statement = statement.on_conflict_do_update(index_elements=["scope"], set_=row)
    async with ledger.database.writing() as connection:
        await connection.execute(statement, row)
        detail = {"scope": scope, "until": stamp(until)}
        await audits.record(connection, actor, "tighten", None, detail)


async def loosen(ledger: Ledger, scope: str, actor: str) -> bool:
    """End it at once; whether there was one that had not ended."""
    async with ledger.database.writing() as connection:
        ended = await connection.execute(
            tightenings.delete().where(tightenings.c.scope == scope).returning(tightenings.c.until)
        )
        row = ended.first()
        if row is None or row.until <= now():
            return False
        await audits.record(connection, actor, "loosen", None, {"scope": scope})
    return True


async def standing(ledger: Ledger, scopes: Collection[str] | None = None) -> dict[str, Tightening]:
    """Of the site and these scopes (None: of all) those that have not ended, by scope."""
    query = sql.select(tightenings).where(tightenings.c.until > now())
    if scopes is not None:
        query = query.where(tightenings.c.scope.in_([SITE, *scopes]))
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query.order_by(tightenings.c.scope))
        return {row.scope: Tightening(**row._mapping) for row in rows}


async def forget_loosened(connection: AsyncConnection, at: datetime) -> None:
    """What has ended is of no more use."""
    await connection.execute(tightenings.delete().where(tightenings.c.until <= at))
