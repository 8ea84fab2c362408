"""A backup of an older schema is brought to today's while it is restored, on both databases."""

import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database, Moment, migrate_within
from commentdesk.manifest import Refused, Share, describe, write_manifest
from commentdesk.snapshot import Part, dump, load
from tests.operator import two_databases

Open = Callable[[str], Awaitable[Database]]
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
ENVIRONMENT = """
from sqlalchemy import MetaData
from commentdesk.database import run_migrations
run_migrations(MetaData())
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
from commentdesk.database import Moment
revision, down_revision = "1", None
def upgrade():
    op.create_table(
        "people", sa.Column("id", sa.Text, primary_key=True), sa.Column("name", sa.Text),
    )
    op.create_table(
        "notes",
        sa.Column("person", sa.Text, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("sealed", sa.LargeBinary), sa.Column("facts", sa.JSON),
        sa.Column("score", sa.Float), sa.Column("open", sa.Boolean), sa.Column("at", Moment),
    )
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "2", "1"
def upgrade():
    op.add_column("people", sa.Column("length", sa.Integer))
    op.execute("UPDATE people SET length = length(name)")
"""
NOTES: list[dict[str, Any]] = [
    {
        "person": "huong",
        "number": 2**62,
        "sealed": bytes(range(256)),
        "facts": {"a": [1, None, 0.1, "ế\u2028"], "b": {}},
        "score": 0.1 + 0.2,
        "open": True,
        "at": datetime(2024, 2, 29, 23, 59, 59, 999999, UTC),
    },
    {
        "person": "huong",
        "number": -1,
        "sealed": None,
        "facts": None,
        "score": None,
        "open": False,
        "at": None,
    },
    {
        "person": "mai",
        "number": 0,
        "sealed": b"",
        "facts": [],
        "score": 1e-300,
        "open": None,
        "at": datetime(1960, 1, 1, tzinfo=UTC),
    },
]
metadata = sql.MetaData()
people = sql.Table("people", metadata, sql.Column("id", sql.Text), sql.Column("name", sql.Text))
notes = sql.Table(
    "notes",
    metadata,
    *(sql.Column("person", sql.Text), sql.Column("number", sql.BigInteger)),
    *(sql.Column("sealed", sql.LargeBinary), sql.Column("facts", sql.JSON(none_as_null=True))),
    *(sql.Column("score", sql.Float), sql.Column("open", sql.Boolean), sql.Column("at", Moment)),
)


@pytest.fixture
def part(tmp_path: Path) -> Part:
    """A small database with one revision; `grow` gives it the second."""
    versions = tmp_path / "scripts" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "scripts" / "env.py").write_text(ENVIRONMENT)
    (versions / "first.py").write_text(FIRST)
    return Part("small", tmp_path / "scripts", left_out=frozenset({"sessions"}))


def grow(part: Part) -> None:
    (part.scripts / "versions" / "second.py").write_text(SECOND)


@pytest.fixture
async def open_empty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Open]:
    """Opens a database that holds nothing, of the given kind."""
    opened: list[Database] = []

    async def begin(kind: str) -> Database:
        server = request.getfixturevalue("postgres") if kind == "postgresql" else None
        url, _ = await two_databases(kind, tmp_path_factory.mktemp("database"), server)
        opened.append(Database(url))
        return opened[-1]

    yield begin
    for database in opened:
        await database.close()


async def fill(database: Database, part: Part) -> None:
    async with database.writing() as connection:
        await connection.run_sync(migrate_within, part.scripts, "head")
        names = [{"id": "huong", "name": "Hương"}, {"id": "mai", "name": "Mai"}]
        await connection.execute(people.insert(), names)
        await connection.execute(notes.insert(), NOTES)


async def write(database: Database, part: Part, file: Path) -> None:
    share = await dump(database, part, file)
    write_manifest(file, describe(datetime.now(UTC), "0", {part.name: share}))


async def nothing_to_settle(_connection: AsyncConnection) -> None:
    pass


def agreed() -> None:
    pass


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
async def test_every_type_survives_and_the_schema_becomes_todays(
    open_empty: Open, part: Part, tmp_path: Path, source: str, target: str
) -> None:
    old, new = await open_empty(source), await open_empty(target)
    await fill(old, part)
    await write(old, part, tmp_path / "backup.zip")
    grow(part)
    await load(new, part, tmp_path / "backup.zip", nothing_to_settle, agreed)
    async with new.reading() as connection:
        rows = await connection.execute(sql.select(notes).order_by(notes.c.person, notes.c.number))
        found = [dict(row._mapping) for row in rows]
        lengths = await connection.execute(sql.text("SELECT length FROM people ORDER BY id"))
        assert [row[0] for row in lengths] == [5, 3]
        without = sql.text("SELECT number FROM notes WHERE facts IS NULL")
        assert [row[0] for row in await connection.execute(without)] == [-1]
    assert found == sorted(NOTES, key=lambda row: (row["person"], row["number"]))


@pytest.mark.parametrize("kind", KINDS)
async def test_without_agreement_not_even_a_table_stays(
    open_empty: Open, part: Part, tmp_path: Path, kind: str
) -> None:
    def not_agreed() -> None:
        raise Refused("the other one failed")

    old, new = await open_empty("sqlite"), await open_empty(kind)
    await fill(old, part)
    await write(old, part, tmp_path / "backup.zip")
    with pytest.raises(Refused, match="the other one failed"):
        await load(new, part, tmp_path / "backup.zip", nothing_to_settle, not_agreed)
    async with new.reading() as connection:
        names = await connection.run_sync(lambda found: sql.inspect(found).get_table_names())
    assert names == []


async def test_tables_of_another_version_are_not_filled(
    open_empty: Open, part: Part, tmp_path: Path
) -> None:
    old, new = await open_empty("sqlite"), await open_empty("sqlite")
    await fill(old, part)
    await write(old, part, tmp_path / "backup.zip")
    grow(part)
    async with new.writing() as connection:
        await connection.run_sync(migrate_within, part.scripts, "head")
    with pytest.raises(Refused, match="another version"):
        await load(new, part, tmp_path / "backup.zip", nothing_to_settle, agreed)


@pytest.mark.parametrize(
    "line",
    [b"{}", b"{", b"[]", b"\xff", b'{"id": "a"}', b'{"id": "a", "name": "b", "more": 1}'],
)
async def test_a_row_that_does_not_fit_is_told_without_its_words(
    open_empty: Open, part: Part, tmp_path: Path, line: bytes
) -> None:
    file = tmp_path / "backup.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("small/people.jsonl", line + b"\n")
    share = Share(revision="1", rows={"people": 1})
    write_manifest(file, describe(datetime.now(UTC), "0", {part.name: share}))
    with pytest.raises(Refused, match=r"^a row of people in the backup does not fit its table$"):
        await load(await open_empty("sqlite"), part, file, nothing_to_settle, agreed)


async def test_a_table_nobody_knows_is_named(open_empty: Open, part: Part, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    share = Share(revision="1", rows={"animals": 0})
    write_manifest(file, describe(datetime.now(UTC), "0", {part.name: share}))
    with pytest.raises(Refused, match="no table of ours is called animals"):
        await load(await open_empty("sqlite"), part, file, nothing_to_settle, agreed)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_written_is_one_moment(
    open_empty: Open, part: Part, tmp_path: Path, kind: str
) -> None:
    """A row that comes between two tables is in neither."""
    database = await open_empty(kind)
    await fill(database, part)
    async with database.snapshot() as connection:
        before = (await connection.execute(sql.select(people))).all()
        async with database.writing() as writer:
            await writer.execute(people.insert(), {"id": "nam", "name": "Nam"})
            await writer.execute(notes.insert(), {**NOTES[0], "person": "nam"})
        assert len((await connection.execute(sql.select(notes))).all()) == len(NOTES)
        assert (await connection.execute(sql.select(people))).all() == before
