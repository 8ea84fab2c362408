"""Writing: articles, view counts, comments by id and version.

A comment carries a version, and a write of a version not above the stored one is absorbed. So the
same call made twice, or a late publish after a removal, changes nothing.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database
from services.articles.bodies import ArticleBody, CommentBody
from services.articles.placement import Place, place
from services.articles.records import Change, Result, Written
from services.articles.tables import articles, comments

_COMMENTS_LOCK = 20200624


async def put_article(database: Database, article_id: str, body: ArticleBody) -> bool:
    """Store an article, or what changed of it; True when it is new."""
    values = body.model_dump() | {"url": str(body.url) if body.url else None}
    async with database.writing() as connection:
        known = await _known_articles(connection, [article_id])
        await connection.execute(
            database.insert(articles)
            .values(id=article_id, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )
    return not known


async def add_views(database: Database, views: Mapping[str, int]) -> None:
    """Add to the view counts, each article's at once."""
    statement = (
        sql.update(articles)
        .where(articles.c.id == sql.bindparam("article"))
        .values(views=articles.c.views + sql.bindparam("more"))
    )
    rows = [{"article": article, "more": more} for article, more in sorted(views.items())]
    async with database.writing() as connection:
        await connection.execute(statement, rows)


async def put_comments(database: Database, items: Sequence[CommentBody]) -> Written:
    """Publish comments in one transaction."""
    latest = _latest_versions(items)
    async with _writing_comments(database) as connection:
        known = await _known_articles(connection, {item.article for item in items})
        welcome = [item for item in latest.values() if item.article in known]
        applied = await _apply(database, connection, welcome) if welcome else set()
    return Written(
        results=tuple((item.id, _result(item, latest, known, applied)) for item in items),
        changes=tuple(
            Change(item.id, item.article, "published")
            for item in latest.values()
            if item.id in applied
        ),
    )


async def remove_comment(database: Database, comment_id: str, version: int) -> Written:
    """Leave a tombstone at this version, even for a comment never seen; the text goes."""
    blank = {"version": version, "removed": True, "name": "", "title": "", "content": ""}
    async with _writing_comments(database) as connection:
        stood = await connection.scalar(
            sql.select(comments.c.article_id).where(
                comments.c.id == comment_id, sql.not_(comments.c.removed)
            )
        )
        row = await connection.scalar(
            database.insert(comments)
            .values(id=comment_id, language="", **blank)
            .on_conflict_do_update(
                index_elements=["id"], set_=blank, where=comments.c.version < version
            )
            .returning(comments.c.id)
        )
    if row is None:
        return Written(results=((comment_id, "absorbed"),), changes=())
    changes = (Change(comment_id, stood, "removed"),) if stood else ()
    return Written(results=((comment_id, "applied"),), changes=changes)


@asynccontextmanager
async def _writing_comments(database: Database) -> AsyncIterator[AsyncConnection]:
    """One writer of comments at a time, as SQLite has it: no ring of waits, no race for a place."""
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_COMMENTS_LOCK)))
        yield connection


def _latest_versions(items: Iterable[CommentBody]) -> dict[str, CommentBody]:
    """One item an id, the newest."""
    latest: dict[str, CommentBody] = {}
    for item in sorted(items, key=lambda item: item.id):
        if item.id not in latest or latest[item.id].version < item.version:
            latest[item.id] = item
    return latest


def _result(
    item: CommentBody, latest: Mapping[str, CommentBody], known: set[str], applied: set[str]
) -> Result:
    if item.article not in known:
        return "unknown_article"
    return "applied" if item is latest[item.id] and item.id in applied else "absorbed"


async def _known_articles(connection: AsyncConnection, ids: Iterable[str]) -> set[str]:
    rows = await connection.scalars(sql.select(articles.c.id).where(articles.c.id.in_(list(ids))))
    return set(rows)


async def _apply(
    database: Database, connection: AsyncConnection, items: Sequence[CommentBody]
) -> set[str]:
    """Write what is newer than the stored; the ids written."""
    versions, standing = await _stored(connection, items)
    newer = [item for item in items if item.version > versions.get(item.id, -1)]
    if not newer:
        return set()
    places = place(newer, standing)
    rows = [_row(item, places[item.id]) for item in newer]
    return set(await connection.scalars(_upsert(database), rows))


async def _stored(
    connection: AsyncConnection, items: Sequence[CommentBody]
) -> tuple[dict[str, int], dict[str, Place]]:
    """Versions and places of the comments and their parents, as far as they are stored."""
    ids = {item.id for item in items} | {item.parent_id for item in items if item.parent_id}
    columns = (comments.c.id, comments.c.version, comments.c.article_id, comments.c.root_id)
    rows = (await connection.execute(sql.select(*columns).where(comments.c.id.in_(ids)))).all()
    versions = {row.id: row.version for row in rows}
    standing = {
        row.id: Place(row.article_id, row.root_id or row.id) for row in rows if row.article_id
    }
    return versions, standing


def _row(item: CommentBody, where: Place) -> dict[str, Any]:
    return {
        "id": item.id,
        "version": item.version,
        "article_id": where.article,
        "root_id": None if where.top == item.id else where.top,
        "parent_id": item.parent_id,
        "name": item.name,
        "title": item.title,
        "content": item.content,
        "language": item.language,
        "received_at": item.received_at,
        "removed": False,
    }


def _upsert(database: Database) -> Any:
    statement = database.insert(comments)
    changed = {
        column.name: statement.excluded[column.name]
        for column in comments.columns
        if column.name != "id"
    }
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_=changed,
        where=comments.c.version < statement.excluded.version,
    ).returning(comments.c.id)
