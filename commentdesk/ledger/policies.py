"""What the site, and single articles, want otherwise than the settings' policy."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.policy import Override
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import policies

SITE = "site"
_ARTICLE = "article:"
_SAID = ("hold_one_in", "reject_one_in", "publish_clean", "comments")


@dataclass(frozen=True)
class Written:
    """An override, whose it is (`site` or `article:<id>`), and who wrote it when."""

    scope: str
    override: Override
    actor: str
    at: datetime


def scope_of(article: str) -> str:
    """The scope of one article's policy."""
    return _ARTICLE + article


def is_scope(text: str) -> bool:
    return text == SITE or (text.startswith(_ARTICLE) and len(text) > len(_ARTICLE))


async def overrides_of(ledger: Ledger, scopes: Collection[str]) -> dict[str, Override]:
    """By scope, what the site and these want otherwise; who says nothing is left out."""
    written = await _read(ledger, policies.c.scope.in_([SITE, *scopes]))
    return {each.scope: each.override for each in written}


async def list_policies(ledger: Ledger) -> Sequence[Written]:
    """All of them, the site's last."""
    return await _read(ledger, sql.true())


async def set_policy(ledger: Ledger, scope: str, override: Override, actor: str) -> None:
    """Write the scope's override in place of what it said before.

    Raises:
        ValueError: the scope is neither the site nor an article.
    """
    if not is_scope(scope):
        raise ValueError("neither the site nor an article")
    said = {name: getattr(override, name) for name in _SAID}
    row = {"scope": scope, **said, "actor": actor, "at": now()}
    statement = ledger.insert(policies).on_conflict_do_update(index_elements=["scope"], set_=row)
    async with ledger.database.writing() as connection:
        await connection.execute(statement, row)
        await audits.record(connection, actor, "set_policy", None, {"scope": scope, **said})


async def remove_policy(ledger: Ledger, scope: str, actor: str) -> bool:
    """Let the scope be as the wider policy has it; whether it said anything."""
    async with ledger.database.writing() as connection:
        removed = await connection.execute(policies.delete().where(policies.c.scope == scope))
        if removed.rowcount:
            await audits.record(connection, actor, "remove_policy", None, {"scope": scope})
    return bool(removed.rowcount)


async def _read(ledger: Ledger, condition: sql.ColumnElement[bool]) -> list[Written]:
    query = sql.select(policies).where(condition).order_by(policies.c.scope)
    async with ledger.database.reading() as connection:
        return [_written(row) for row in await connection.execute(query)]


def _written(row: Any) -> Written:
    said = Override(**{name: getattr(row, name) for name in _SAID})
    return Written(row.scope, said, row.actor, row.at)
