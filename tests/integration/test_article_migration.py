"""An article store that was in use before counts were kept finds them counted."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from commentdesk.database import Database, migrate_within
from services.articles import shelf, threads
from services.articles.app import MIGRATIONS
from services.articles.records import Part
from tests.conftest import sqlite_urls
from tests.installation import Postgres

# Id, top comment, removed.
COMMENTS = (
    ("top", None, False),
    ("reply", "top", False),
    ("gone", "top", True),
    ("tombstone", None, True),
    ("under", "tombstone", False),
    ("nothing", None, True),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def older(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A store as it was."""
    url = sqlite_urls(tmp_path)[1]
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = await server.create(secrets.token_hex(6))
    database = Database(url)
    async with database.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "0001")
    yield database
    await database.close()


async def test_counts_are_there_for_what_stood_before(older: Database) -> None:
    async with older.writing() as connection:
        await connection.execute(
            sql.text(
                "INSERT INTO articles (id, title, lead, body, language, published_at, comments) "
                "VALUES ('a', 'A', '', '', 'vi', 1, 'open'), ('b', 'B', '', '', 'vi', 2, 'open')"
            )
        )
        for at, (comment, top, removed) in enumerate(COMMENTS):
            await connection.execute(
                sql.text(
                    "INSERT INTO comments (id, version, article_id, root_id, name, title, content, "
                    "language, received_at, removed) "
                    "VALUES (:id, 1, 'a', :top, 'An', '', 'Chữ', 'vi', :at, :removed)"
                ),
                {"id": comment, "top": top, "at": at, "removed": removed},
            )
    async with older.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "head")

    assert await shelf.counts(older, ["a", "b"]) == {"a": 3, "b": 0}
    page = await threads.comments_page(older, "a", Part("oldest"))
    assert [(top.id, top.reply_count) for top in page.items] == [("top", 1), ("tombstone", 1)]
