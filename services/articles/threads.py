"""Reading comments: threads of an article, one level deep, and the newest of all for the feed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database
from services.articles.cursors import Cursor
from services.articles.records import Comment, Page, Sort
from services.articles.tables import comments

_reply = comments.alias("reply")
_HAS_REPLIES = sql.exists().where(_reply.c.root_id == comments.c.id, sql.not_(_reply.c.removed))
_VISIBLE_TOP = sql.and_(
    comments.c.root_id.is_(None), sql.or_(sql.not_(comments.c.removed), _HAS_REPLIES)
)


async def comments_page(
    database: Database,
    article_id: str,
    *,
    sort: Sort = "newest",
    cursor: Cursor | None = None,
    limit: int = 50,
) -> Page[Comment]:
    """Threads of an article; replies stand oldest first."""
    statement = sql.select(comments).where(comments.c.article_id == article_id, _VISIBLE_TOP)
    statement = _from(_sorted(statement, sort), sort, cursor).limit(limit + 1)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
        tops = rows[:limit]
        replies = await _replies(connection, [row.id for row in tops])
    items = tuple(_comment(row, replies[row.id]) for row in tops)
    return Page(items, Cursor(tops[-1].received_at, tops[-1].id) if len(rows) > limit else None)


async def thread(database: Database, article_id: str, comment_id: str) -> Page[Comment]:
    """The one thread a comment is in; empty when it is in none that readers see."""
    top = (
        sql.select(sql.func.coalesce(comments.c.root_id, comments.c.id))
        .where(comments.c.id == comment_id)
        .scalar_subquery()
    )
    outer = comments.alias("comments")
    statement = sql.select(outer).where(outer.c.id == top, outer.c.article_id == article_id)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
        replies = await _replies(connection, [row.id for row in rows])
    shown = [row for row in rows if not row.removed or replies[row.id]]
    return Page(tuple(_comment(row, replies[row.id]) for row in shown), None)


async def newest_comments(database: Database, article_id: str, limit: int = 50) -> list[Comment]:
    """The newest comments of an article, replies among them."""
    statement = _sorted(
        sql.select(comments).where(
            comments.c.article_id == article_id, sql.not_(comments.c.removed)
        ),
        "newest",
    )
    async with database.reading() as connection:
        return [_comment(row) for row in await connection.execute(statement.limit(limit))]


def _sorted(statement: sql.Select[Any], sort: Sort) -> sql.Select[Any]:
    if sort == "newest":
        return statement.order_by(comments.c.received_at.desc(), comments.c.id.desc())
    return statement.order_by(comments.c.received_at, comments.c.id)


def _from(statement: sql.Select[Any], sort: Sort, cursor: Cursor | None) -> sql.Select[Any]:
    if cursor is None:
        return statement
    here = sql.tuple_(comments.c.received_at, comments.c.id)
    last = sql.tuple_(sql.literal(cursor.time, comments.c.received_at.type), sql.literal(cursor.id))
    return statement.where(here < last if sort == "newest" else here > last)


async def _replies(
    connection: AsyncConnection, tops: Iterable[str]
) -> defaultdict[str, tuple[Comment, ...]]:
    statement = _sorted(
        sql.select(comments).where(
            comments.c.root_id.in_(list(tops)), sql.not_(comments.c.removed)
        ),
        "oldest",
    )
    found: defaultdict[str, tuple[Comment, ...]] = defaultdict(tuple)
    grouped: defaultdict[str, list[Comment]] = defaultdict(list)
    for row in await connection.execute(statement):
        grouped[row.root_id].append(_comment(row))
    found.update({top: tuple(replies) for top, replies in grouped.items()})
    return found


def _comment(row: sql.Row[Any], replies: tuple[Comment, ...] = ()) -> Comment:
    return Comment(
        id=row.id,
        article=row.article_id,
        parent_id=row.parent_id,
        name=row.name,
        title=row.title,
        content=row.content,
        language=row.language,
        received_at=row.received_at,
        removed=row.removed,
        replies=replies,
    )
