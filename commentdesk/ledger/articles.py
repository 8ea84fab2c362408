"""The ledger's copy of what is known of articles: for the console, and while the store is away."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.text import fold
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
    row = {**article.__dict__, "folded": fold(article.title), "seen_at": now()}
    statement = ledger.insert(articles)
    async with ledger.database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row), row
        )


async def recall(ledger: Ledger, article: str) -> KnownArticle | None:
    """What was known of the article when it was last seen."""
    async with ledger.database.reading() as connection:
        query = sql.select(*_known()).where(articles.c.id == article)
        row = (await connection.execute(query)).first()
    return KnownArticle(**row._mapping) if row else None


async def find_articles(
    ledger: Ledger, text: str, limit: int = 50, sections: Collection[str] = ()
) -> Sequence[KnownArticle]:
    """Those whose id or title has the text in it, the last seen first; all of them for none.

    Of these sections; of all where none is named.
    """
    query = sql.select(*_known()).order_by(articles.c.seen_at.desc(), articles.c.id).limit(limit)
    if sections:
        query = query.where(articles.c.section.in_(sections))
    if text:
        in_title = articles.c.folded.contains(fold(text), autoescape=True)
        query = query.where(sql.or_(articles.c.id.contains(text, autoescape=True), in_title))
    return await _found(ledger, query)


async def known_articles(ledger: Ledger, ids: Collection[str]) -> dict[str, KnownArticle]:
    """By id, what is known of these."""
    found = await _found(ledger, sql.select(*_known()).where(articles.c.id.in_(ids)))
    return {each.id: each for each in found}


async def known_sections(ledger: Ledger) -> Sequence[str]:
    """The sections of all articles ever seen."""
    query = sql.select(articles.c.section).where(articles.c.section != "").distinct()
    async with ledger.database.reading() as connection:
        return (await connection.scalars(query.order_by(articles.c.section))).all()


def _known() -> list[sql.Column[str]]:
    return [articles.c[name] for name in KnownArticle.__dataclass_fields__]


async def _found(ledger: Ledger, query: sql.Executable) -> list[KnownArticle]:
    async with ledger.database.reading() as connection:
        return [KnownArticle(**row._mapping) for row in await connection.execute(query)]
