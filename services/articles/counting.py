"""Versions and counts, kept beside what they count, in the transaction that changes them.

A count is counted anew each time, over an index, and never added to: so it cannot drift.
"""

from collections.abc import Iterable

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from services.articles.records import Change, Standing
from services.articles.tables import STANDS, articles, comments

_reply = comments.alias("reply")
REPLIES = (
    sql.select(sql.func.count())
    .where(_reply.c.root_id == comments.c.id, sql.text("NOT reply.removed"))
    .scalar_subquery()
)
_COMMENTS = (
    sql.select(sql.func.count())
    .where(comments.c.article_id == articles.c.id, STANDS)
    .scalar_subquery()
)


async def raise_versions(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, int]:
    """Give each article its next version, in one order, so that nobody waits in a ring."""
    return {article: await _raised(connection, article) for article in sorted(set(ids))}


async def recount(connection: AsyncConnection, changes: Iterable[Change]) -> dict[str, Standing]:
    """Count what changed: replies of each thread, then comments of each article."""
    changes = list(changes)
    tops = {change.thread for change in changes if change.thread != change.id}
    if tops:
        await connection.execute(
            sql.update(comments).where(comments.c.id.in_(sorted(tops))).values(reply_count=REPLIES)
        )
    return {
        article: await _recounted(connection, article)
        for article in sorted({change.article for change in changes})
    }


async def _raised(connection: AsyncConnection, article: str) -> int:
    statement = (
        sql.update(articles)
        .where(articles.c.id == article)
        .values(version=articles.c.version + 1)
        .returning(articles.c.version)
    )
    return int((await connection.execute(statement)).scalar_one())


async def _recounted(connection: AsyncConnection, article: str) -> Standing:
    statement = (
        sql.update(articles)
        .where(articles.c.id == article)
        .values(comment_count=_COMMENTS)
        .returning(articles.c.version, articles.c.comment_count)
    )
    row = (await connection.execute(statement)).one()
    return Standing(row.version, row.comment_count)
