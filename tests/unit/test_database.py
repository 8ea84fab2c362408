"""Readers and writers of one process at one SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from commentdesk.database import Database

# More than the pool has connections.
MANY = 40


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'own.db'}")
    async with opened.writing() as connection:
        await connection.execute(sql.text("CREATE TABLE written (number INTEGER)"))
    yield opened
    await opened.close()


async def test_many_who_wait_to_write_keep_no_reader_waiting_and_write_in_their_order(
    database: Database,
) -> None:
    may_end = asyncio.Event()

    async def write(number: int) -> None:
        async with database.writing() as connection:
            await connection.execute(sql.text("INSERT INTO written VALUES (:n)"), {"n": number})
            await may_end.wait()

    writers = [asyncio.create_task(write(number)) for number in range(MANY)]
    for _ in writers:
        await asyncio.sleep(0)
    assert await written(database) == []
    may_end.set()
    await asyncio.gather(*writers)
    assert await written(database) == list(range(MANY))


async def written(database: Database) -> list[int]:
    async with database.reading() as connection:
        found = await connection.scalars(sql.text("SELECT number FROM written ORDER BY rowid"))
        return list(found)
