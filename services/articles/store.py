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
from services.articles.counting import raise_versions, recount
from services.articles.placement import Place, place
from services.articles.records import Change, Result, Written
from services.articles.tables import STANDS, articles, comments

_WRITERS_LOCK = 20200624


async def put_article(database: Database, article_id: str, body: ArticleBody) -> bool:
    """Store an article, or what changed of it; True when it is new."""
    values = body.model_dump() | {"url": str(body.url) if body.url else None}
    async with _writing(database) as connection:
        known = await _known_articles(connection, [article_id])
        values["edition"] = await _next_edition(connection)
        await connection.execute(
            database.insert(articles)
            .values(id=article_id, **values)
            .on_conflict_do_update(
                index_elements=["id"], set_={**values, "version": articles.c.version + 1}
            )
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
    async with _writing(database) as connection:
        known = await _known_articles(connection, {item.article for item in items})
        welcome = [item for item in latest.values() if item.article in known]
        changes = await _apply(database, connection, welcome) if welcome else ()
        standings = await recount(connection, changes)
    applied = {change.id for change in changes}
    return Written(
        results=tuple((item.id, _result(item, latest, known, applied)) for item in items),
        changes=changes,
        standings=standings,
    )


async def remove_comment(database: Database, comment_id: str, version: int) -> Written:
    """Leave a tombstone at this version, even for a comment never seen; the text goes."""
    blank = {"version": version, "removed": True, "name": "", "title": "", "content": ""}
    async with _writing(database) as connection:
        versions, standing = await _stored(connection, {comment_id})
        if version <= versions.get(comment_id, -1):
            return Written(results=((comment_id, "absorbed"),))
        where = standing.get(comment_id)
        changed = await _raised(connection, where)
        stood = await connection.scalar(
            sql.select(comments.c.id).where(comments.c.id == comment_id, STANDS)
        )
        await connection.execute(
            database.insert(comments)
            .values(id=comment_id, language="", changed=changed, **blank)
            .on_conflict_do_update(index_elements=["id"], set_={**blank, "changed": changed})
        )
        changes = (
            (Change(comment_id, where.article, where.top, "removed"),) if where and stood else ()
        )
        standings = await recount(connection, changes)
    return Written(((comment_id, "applied"),), changes, standings)


@asynccontextmanager
async def _writing(database: Database) -> AsyncIterator[AsyncConnection]:
    """One writer at a time, as SQLite has it: no ring of waits, no race for a place or a number."""
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_WRITERS_LOCK)))
        yield connection


async def _raised(connection: AsyncConnection, where: Place | None) -> int:
    """The next version of the article it stands under; 0 for what never stood."""
    if where is None:
        return 0
    return (await raise_versions(connection, [where.article]))[where.article]


async def _next_edition(connection: AsyncConnection) -> int:
    latest = await connection.scalar(sql.select(sql.func.max(articles.c.edition)))
    return int(latest or 0) + 1


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
) -> tuple[Change, ...]:
    """Write what is newer than the stored; what changed by it."""
    ids = {item.id for item in items} | {item.parent_id for item in items if item.parent_id}
    versions, standing = await _stored(connection, ids)
    newer = [item for item in items if item.version > versions.get(item.id, -1)]
    if not newer:
        return ()
    places = place(newer, standing)
    changed = await raise_versions(connection, {places[item.id].article for item in newer})
    rows = [_row(item, places[item.id], changed) for item in newer]
    await connection.execute(_upsert(database), rows)
    return tuple(
        Change(item.id, places[item.id].article, places[item.id].top, "published") for item in newer
    )


async def _stored(
    connection: AsyncConnection, ids: Iterable[str]
) -> tuple[dict[str, int], dict[str, Place]]:
    """Versions and places of the comments, as far as they are stored."""
    columns = (comments.c.id, comments.c.version, comments.c.article_id, comments.c.root_id)
    rows = (
        await connection.execute(sql.select(*columns).where(comments.c.id.in_(list(ids))))
    ).all()
    versions = {row.id: row.version for row in rows}
    standing = {
        row.id: Place(row.article_id, row.root_id or row.id) for row in rows if row.article_id
    }
    return versions, standing


def _row(item: CommentBody, where: Place, changed: Mapping[str, int]) -> dict[str, Any]:
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
        "changed": changed[where.article],
    }


def _upsert(database: Database) -> Any:
    statement = database.insert(comments)
    changed = {
        column.name: statement.excluded[column.name]
        for column in comments.columns
        if column.name not in {"id", "reply_count"}
    }
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_=changed,
        where=comments.c.version < statement.excluded.version,
    )
