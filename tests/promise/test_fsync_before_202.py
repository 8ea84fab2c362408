"""A 202 is sent when the comment is on the disk: by the kernel's account, and by the server's."""

from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sql

from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.promise.trace import Answers, calls, under_strace
from tests.reader import Reader

FORMS = 20


async def test_every_202_follows_a_sync_of_the_ledger(
    redis: Redis, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    trace = tmp_path / "trace"
    program = under_strace(trace)
    site = Installation(tmp_path, redis, sqlite_urls(tmp_path))
    try:
        site.migrate()
        await site.start("articles")
        await site.start("intake", under=program)
        reader = Reader(site, http)
        for number in range(FORMS):
            await reader.accepted(content=f"Bình luận số {number}.")
        site.kill("intake")
    finally:
        site.stop()
    answers = Answers(file=str(tmp_path / "ledger.db"))
    for call in calls(iter(await written(trace))):
        answers.follow(call)
    assert answers.accepted == FORMS
    assert answers.faults == []
    assert answers.syncs >= FORMS


async def written(trace: Path) -> list[str]:
    """The lines of a trace whose process has ended."""

    async def whole() -> list[str]:
        lines = trace.read_text("utf-8", errors="replace").splitlines()
        return lines if "+++" in lines[-1] else []

    lines: list[str] = await until(whole, "the trace is written to its end")
    return lines


@pytest.mark.postgres
async def test_every_202_follows_a_flush_of_the_servers_log(
    postgres: Postgres, redis: Redis, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    urls = (await postgres.create(tmp_path.name), sqlite_urls(tmp_path)[1])
    site = Installation(tmp_path, redis, urls)
    ledger = site.ledger()

    async def asked(expression: str) -> str:
        async with ledger.database.reading() as connection:
            found = await connection.execute(sql.text(f"SELECT {expression}"))
            return str(found.scalar_one())

    try:
        site.migrate()
        await site.start("articles", "intake")
        reader = Reader(site, http)
        for number in range(FORMS):
            before = await asked("pg_current_wal_insert_lsn()::text")
            await reader.accepted(content=f"Bình luận số {number}.")
            # The comment was written behind that place: unless the log is flushed further than
            # it, the comment is in the server's memory alone.
            assert await asked(f"pg_current_wal_flush_lsn() > '{before}'") == "True"
    finally:
        site.stop()
        await ledger.close()


@pytest.mark.postgres
@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
async def test_the_ledgers_connections_wait_for_the_disk(
    postgres: Postgres, redis: Redis, tmp_path: Path, setting: str
) -> None:
    urls = (await postgres.create(tmp_path.name), sqlite_urls(tmp_path)[1])
    ledger = Installation(tmp_path, redis, urls).ledger()
    async with ledger.database.writing() as connection:
        shown = (await connection.execute(sql.text(f"SHOW {setting}"))).scalar_one()
    await ledger.close()
    assert shown == "on"
