"""Reading articles: one, the list, and what stands before and after one."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sql

from commentdesk.database import Database
from services.articles.cursors import Cursor
from services.articles.records import Article, Page
from services.articles.tables import articles

_order = sql.tuple_(articles.c.published_at, articles.c.id)


async def article(database: Database, article_id: str) -> Article | None:
    """An article, if there is one by this id."""
    async with database.reading() as connection:
        row = (
            await connection.execute(sql.select(articles).where(articles.c.id == article_id))
        ).one_or_none()
    return None if row is None else Article(**row._mapping)


async def articles_page(
    database: Database, *, cursor: Cursor | None = None, limit: int = 20
) -> Page[Article]:
    """The articles, newest first."""
    statement = sql.select(articles).order_by(articles.c.published_at.desc(), articles.c.id.desc())
    if cursor:
        statement = statement.where(_order < _tuple(cursor))
    rows = await _articles(database, statement.limit(limit + 1))
    return Page(tuple(rows[:limit]), _place(rows[limit - 1]) if len(rows) > limit else None)


async def neighbours(
    database: Database, of: Article, limit: int = 5
) -> tuple[list[Article], list[Article]]:
    """The next newer and the next older articles, newest first in both."""
    here = _tuple(_place(of))
    newer = (
        sql.select(articles)
        .where(_order > here)
        .order_by(articles.c.published_at, articles.c.id)
        .limit(limit)
    )
    older = (
        sql.select(articles)
        .where(_order < here)
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return (await _articles(database, newer))[::-1], await _articles(database, older)


async def counts(database: Database, ids: Iterable[str]) -> dict[str, int]:
    """How many comments stand under each article; 0 for an unknown one."""
    wanted = list(dict.fromkeys(ids))
    statement = sql.select(articles.c.id, articles.c.comment_count).where(articles.c.id.in_(wanted))
    async with database.reading() as connection:
        found = {row[0]: row[1] for row in await connection.execute(statement)}
    return {article_id: found.get(article_id, 0) for article_id in wanted}


async def _articles(database: Database, statement: sql.Select[Any]) -> list[Article]:
    async with database.reading() as connection:
        return [Article(**row._mapping) for row in await connection.execute(statement)]


def _place(row: Article) -> Cursor:
    return Cursor(row.published_at, row.id)


def _tuple(cursor: Cursor) -> sql.Tuple:
    return sql.tuple_(
        sql.literal(cursor.time, articles.c.published_at.type), sql.literal(cursor.id)
    )
