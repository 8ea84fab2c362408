"""Reading comments: threads of an article, one level deep, and the newest of all for the feed.

Every list is read by an index in its own order, and no answer holds more than a page of anything:
33,000 comments under one article, or under one comment, cost what a hundred do.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database
from services.articles.cursors import Cursor
from services.articles.records import Change, Comment, Page, Part, Sort
from services.articles.tables import STANDS, VISIBLE_TOP, comments

REPLIES = 20
# On the page of one thread alone.
REPLIES_ALONE = 50
_CHANGES = 200


async def comments_page(database: Database, article_id: str, part: Part) -> Page[Comment]:
    """Threads of an article, each with its first replies."""
    statement = sql.select(comments).where(comments.c.article_id == article_id, VISIBLE_TOP)
    async with database.reading() as connection:
        rows, following = await _rows(connection, statement, part)
        tops = await _with_replies(connection, rows)
    return Page(tuple(tops), following)


async def replies_page(database: Database, article_id: str, top: str, part: Part) -> Page[Comment]:
    """Part of a thread's replies."""
    statement = _replies_of(top).where(comments.c.article_id == article_id)
    async with database.reading() as connection:
        rows, following = await _rows(connection, statement, part)
    return Page(tuple(_comment(row) for row in rows), following)


async def thread(
    database: Database, article_id: str, comment_id: str, limit: int = REPLIES
) -> Page[Comment]:
    """The one thread a comment is in; empty when it is in none that readers see.

    Its replies begin with the first one, or, where the comment would not be among them, with it.
    """
    async with database.reading() as connection:
        found = await _row(connection, article_id, comment_id)
        if found is None:
            return Page((), None)
        top = await _row(connection, article_id, found.root_id) if found.root_id else found
        if top is None or (top.removed and not top.reply_count):
            return Page((), None)
        statement = _replies_of(top.id)
        replies, following = await _rows(connection, statement, Part("oldest", None, limit))
        previous = None
        if found.root_id and not found.removed and all(row.id != found.id for row in replies):
            before = Cursor(found.received_at, found.id)
            part = Part("oldest", before, limit - 1)
            later, following = await _rows(connection, statement, part)
            replies, previous = [found, *later], before
    shown = _comment(top, [_comment(row) for row in replies], previous, following)
    return Page((shown,), Cursor(top.received_at, top.id))


async def thread_from(
    database: Database, article_id: str, top_id: str, cursor: Cursor
) -> Page[Comment]:
    """A thread with the replies after the cursor; empty where readers see no such thread."""
    async with database.reading() as connection:
        top = await _row(connection, article_id, top_id)
        if top is None or top.root_id or not top.reply_count:
            return Page((), None)
        part = Part("oldest", cursor, REPLIES_ALONE)
        replies, following = await _rows(connection, _replies_of(top.id), part)
    shown = _comment(top, [_comment(row) for row in replies], cursor, following)
    return Page((shown,), None)


async def newest_comments(database: Database, article_id: str, limit: int = 50) -> list[Comment]:
    """The newest comments of an article, replies among them."""
    statement = sql.select(comments).where(comments.c.article_id == article_id, STANDS)
    async with database.reading() as connection:
        rows, _ = await _rows(connection, statement, Part(limit=limit))
    return [_comment(row) for row in rows]


async def changes_since(
    database: Database, article_id: str, version: int
) -> tuple[list[Change], bool]:
    """What changed after that version of the article, the latest first, and whether that is all."""
    columns = (comments.c.id, comments.c.root_id, comments.c.removed)
    statement = (
        sql.select(*columns)
        .where(comments.c.article_id == article_id, comments.c.changed > version)
        .order_by(comments.c.changed.desc())
        .limit(_CHANGES + 1)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    changes = [
        Change(row.id, article_id, row.root_id or row.id, "removed" if row.removed else "published")
        for row in rows[:_CHANGES]
    ]
    return changes, len(rows) <= _CHANGES


async def _row(
    connection: AsyncConnection, article_id: str, comment_id: str
) -> sql.Row[Any] | None:
    statement = sql.select(comments).where(
        comments.c.id == comment_id, comments.c.article_id == article_id
    )
    return (await connection.execute(statement)).one_or_none()


async def _rows(
    connection: AsyncConnection, statement: sql.Select[Any], part: Part
) -> tuple[list[sql.Row[Any]], Cursor | None]:
    """The part's rows, and the cursor of the next part if there is more."""
    page = _from(_sorted(statement, part.sort), part).limit(part.limit + 1)
    rows = list((await connection.execute(page)).all())
    if len(rows) <= part.limit:
        return rows, None
    rows = rows[: part.limit]
    return rows, Cursor(rows[-1].received_at, rows[-1].id) if rows else part.cursor


def _sorted(statement: sql.Select[Any], sort: Sort) -> sql.Select[Any]:
    if sort == "newest":
        return statement.order_by(comments.c.received_at.desc(), comments.c.id.desc())
    return statement.order_by(comments.c.received_at, comments.c.id)


def _from(statement: sql.Select[Any], part: Part) -> sql.Select[Any]:
    if part.cursor is None:
        return statement
    here = sql.tuple_(comments.c.received_at, comments.c.id)
    last = sql.tuple_(
        sql.literal(part.cursor.time, comments.c.received_at.type), sql.literal(part.cursor.id)
    )
    return statement.where(here < last if part.sort == "newest" else here > last)


def _replies_of(top: str) -> sql.Select[Any]:
    return sql.select(comments).where(comments.c.root_id == top, STANDS)


async def _with_replies(connection: AsyncConnection, tops: Sequence[sql.Row[Any]]) -> list[Comment]:
    """The tops with their first replies: short threads by one question, each long one cut short."""
    short = [top.id for top in tops if 0 < top.reply_count <= REPLIES]
    long = [top.id for top in tops if top.reply_count > REPLIES]
    grouped: dict[str, list[Comment]] = {top.id: [] for top in tops}
    for statement in (_all_of(short), _first_of(long)):
        if statement is not None:
            for row in await connection.execute(statement):
                grouped[row.root_id].append(_comment(row))
    return [
        _comment(top, grouped[top.id][:REPLIES], None, _following(top, grouped[top.id]))
        for top in tops
    ]


def _all_of(tops: list[str]) -> sql.Select[Any] | None:
    if not tops:
        return None
    return _sorted(sql.select(comments).where(comments.c.root_id.in_(tops), STANDS), "oldest")


def _first_of(tops: list[str]) -> sql.CompoundSelect[Any] | None:
    """One question for many lists that are each cut short, as both databases can say it."""
    if not tops:
        return None
    cut = [_sorted(_replies_of(top), "oldest").limit(REPLIES) for top in tops]
    whole = sql.union_all(*(sql.select(part.subquery()) for part in cut))
    return whole.order_by("received_at", "id")


def _following(top: sql.Row[Any], replies: list[Comment]) -> Cursor | None:
    if top.reply_count <= REPLIES or not replies:
        return None
    return Cursor(replies[-1].received_at, replies[-1].id)


def _comment(
    row: sql.Row[Any],
    replies: Sequence[Comment] = (),
    previous: Cursor | None = None,
    following: Cursor | None = None,
) -> Comment:
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
        reply_count=row.reply_count,
        replies=tuple(replies),
        replies_previous=previous,
        replies_next=following,
    )
