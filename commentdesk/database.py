"""A SQL database, SQLite or PostgreSQL, behind one small face.

SQLite runs in WAL with synchronous=FULL: an acknowledged commit is on the disk.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# How long a writer waits for its turn.
_SQLITE_SECONDS = 20
# Less than those who ask /readyz wait for it: docker-compose.yml and the doctor, five seconds.
_PING_SECONDS = 3
_Result = TypeVar("_Result")

# Writes what was kept for the end of a transaction.
Ending = Callable[[AsyncConnection, Sequence[Any]], Awaitable[None]]


def now() -> datetime:
    """The time, UTC and aware."""
    return datetime.now(UTC)


class Moment(sql.types.TypeDecorator[datetime]):
    """A UTC time kept as microseconds since 1970: exact, sortable, the same on both databases."""

    impl = sql.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sql.Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: sql.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Database:
    """One pool of connections; `reading`, `writing` and `write` are the only ways in.

    `ending` writes what transactions keep for their end (`last_of_all`).
    """

    def __init__(self, url: str, ending: Ending | None = None) -> None:
        self.url = url
        self._ending = ending
        self.dialect = sql.make_url(url).get_backend_name()
        self.engine = _engine(url)
        self._writer = _SqliteWriter(url) if self.dialect == "sqlite" else None
        # SQLite lets one write at a time, whoever happens to ask; here they do it in their order,
        # and those who wait keep no connection from a reader.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else nullcontext()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the data and changes nothing."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed (and synced to disk) when the block ends well."""
        async with self._turn, self.engine.connect() as connection:
            kept: list[Any] = []
            await connection.execution_options(writes=True, kept=kept if self._ending else None)
            async with connection.begin():
                yield connection
                if self._ending and kept:
                    await self._ending(connection, kept)

    async def write(self, deed: Callable[[sql.Connection], _Result]) -> _Result:
        """Do it in one transaction, as `writing`; what it gave, once that is on the disk.

        On SQLite from beginning to end in one thread, where `writing` goes over to its
        connection's thread and back four times a statement, each time behind a busy loop.
        """
        if self._writer:
            return await self._writer.write(deed)
        async with self.writing() as connection:
            return await connection.run_sync(deed)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees all the data as of one moment, however long it looks."""
        async with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                # SQLite's transactions are so by nature.
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    def insert(self, table: sql.Table) -> Any:
        """An INSERT that knows ON CONFLICT, in the database's own dialect."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    async def ping(self) -> None:
        """Ask for an answer.

        Raises:
            SQLAlchemyError, OSError: there is none, or none within three seconds.
        """
        async with asyncio.timeout(_PING_SECONDS), self.reading() as connection:
            await connection.execute(sql.text("SELECT 1"))

    async def close(self) -> None:
        if self._writer:
            self._writer.close()
        await self.engine.dispose()


def last_of_all(connection: AsyncConnection, kept: Any) -> None:
    """Keep something for the end of this transaction; the database's `ending` writes it.

    Raises:
        TypeError: it is no transaction of `writing`, or its database has no ending.
    """
    begun = connection.sync_connection
    waiting = begun.get_execution_options().get("kept") if begun else None
    if waiting is None:
        raise TypeError("nobody would write it")
    waiting.append(kept)


class _SqliteWriter:
    """A thread with a connection of its own, both made when first wanted."""

    def __init__(self, url: str) -> None:
        self._engine = sql.create_engine(
            sql.make_url(url).set(drivername="sqlite"),
            connect_args={"timeout": _SQLITE_SECONDS},
            pool_size=1,
            hide_parameters=True,
        )
        _as_we_use_sqlite(self._engine)
        self._thread = ThreadPoolExecutor(1, "ledger")

    async def write(self, deed: Callable[[sql.Connection], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, deed)

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()

    def _write(self, deed: Callable[[sql.Connection], _Result]) -> _Result:
        with self._engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                return deed(connection)


def _engine(url: str) -> AsyncEngine:
    # An error's text goes where nobody looks after it, and its parameters are what readers typed.
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url, connect_args={"timeout": _SQLITE_SECONDS}, pool_size=5, hide_parameters=True
        )
        _as_we_use_sqlite(engine.sync_engine)
        return engine
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"timeout": 5},
        hide_parameters=True,
    )


def _as_we_use_sqlite(engine: sql.Engine) -> None:
    sql.event.listen(engine, "connect", _prepare_sqlite)
    sql.event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions are off; _begin_sqlite opens them, so that a writer waits
    # for its turn at BEGIN instead of failing in the middle.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: sql.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class DatabaseAway(OSError):
    """There is no way into the database; the text says why, in a line."""


async def reach(url: str) -> None:
    """See that there is a way into the database.

    Raises:
        DatabaseAway: it does not answer, or does not let us in.
    """
    database = Database(url)
    try:
        await database.ping()
    except (SQLAlchemyError, OSError) as error:
        why = getattr(error, "orig", None) or error
        line = str(why).partition("\n")[0] or "no answer in time"
        raise DatabaseAway(f"{type(why).__name__}: {line}") from error
    finally:
        await database.close()


def migrate(url: str, scripts: Path) -> None:
    """Bring the database to the newest version; safe to call again."""
    from alembic import command

    command.upgrade(_configuration(scripts, url=url), "head")


def migrate_within(connection: sql.Connection, scripts: Path, revision: str) -> None:
    """Bring the database to a revision in the caller's transaction."""
    from alembic import command

    command.upgrade(_configuration(scripts, connection=connection), revision)


def revision_of(connection: sql.Connection) -> str | None:
    """The revision the database is at; None before the first migration."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def known_revisions(scripts: Path) -> list[str]:
    """All revisions, the newest first."""
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(_configuration(scripts))
    return [script.revision for script in directory.walk_revisions()]


def run_migrations(metadata: sql.MetaData) -> None:
    """What every migrations/env.py calls."""
    from alembic import context

    attributes = context.config.attributes
    if "connection" in attributes:
        _upgrade(attributes["connection"], metadata)
    else:
        asyncio.run(_run_migrations(attributes["url"], metadata))


def _configuration(scripts: Path, **attributes: object) -> Any:
    # Imported here and above: Alembic is a good part of a second that no running process needs.
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(scripts))
    configuration.attributes.update(attributes)
    return configuration


async def _run_migrations(url: str, metadata: sql.MetaData) -> None:
    database = Database(url)
    try:
        async with database.writing() as connection:
            await connection.run_sync(_upgrade, metadata)
    finally:
        await database.close()


def _upgrade(connection: sql.Connection, metadata: sql.MetaData) -> None:
    from alembic import context

    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=False
    )
    if connection.dialect.name == "postgresql":
        # Two migrations started at once take turns.
        connection.execute(sql.text("SELECT pg_advisory_xact_lock(20200624)"))
    context.run_migrations()
