"""The ledger's copy of what is known of articles: for the console, and while the store is away."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import articles


@dataclass(frozen=True)
class KnownArticle:
    id: str
    title: str
    language: str
    url: str
    comments: str
    section: str = ""


async def remember(ledger: Ledger, article: KnownArticle) -> None:
    """Keep the newest facts of an article."""
    row = {**article.__dict__, "seen_at": now()}
    statement = ledger.insert(articles)
    async with ledger.database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row), row
        )


async def recall(ledger: Ledger, article: str) -> KnownArticle | None:
    """What was known of the article when it was last seen."""
    columns = [articles.c[name] for name in KnownArticle.__dataclass_fields__]
    async with ledger.database.reading() as connection:
        query = sql.select(*columns).where(articles.c.id == article)
        row = (await connection.execute(query)).first()
    return KnownArticle(**row._mapping) if row else None


async def known_sections(ledger: Ledger) -> Sequence[str]:
    """The sections of all articles ever seen."""
    query = sql.select(articles.c.section).where(articles.c.section != "").distinct()
    async with ledger.database.reading() as connection:
        return (await connection.scalars(query.order_by(articles.c.section))).all()
