"""One database's part of a backup: a JSON line a row, the same for SQLite and PostgreSQL.

What is written is one moment of the database, read while everything runs; what is loaded comes
in one transaction, schema included, or not at all. Neither holds more than some rows in memory.
"""

import asyncio
import base64
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database, known_revisions, migrate_within, now, revision_of
from commentdesk.domain.moments import stamp
from commentdesk.manifest import Manifest, Refused, Share, read_manifest

_ROWS_AT_ONCE = 100
_VERSIONS = "alembic_version"
# What JSON allows in a text, but what ends a line or steers a terminal: line and paragraph
# separators, the C1 controls, invisible marks and changes of direction.
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

Settle = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True)
class Part:
    """A database as backups know it."""

    name: str
    scripts: Path
    # Tables that no backup carries.
    left_out: frozenset[str] = frozenset()
    # Tables that a migration fills, so that rows in them do not mean the database is in use.
    planted: frozenset[str] = frozenset()


async def dump(database: Database, part: Part, file: Path) -> Share:
    """Add the database's rows to the backup.

    Raises:
        Refused: the database was never prepared.
    """
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        async with database.snapshot() as connection:
            revision = await connection.run_sync(revision_of)
            if revision is None:
                raise Refused(f"{part.name}: the database holds nothing of Commentdesk's yet")
            rows = {
                table.name: await _write_table(connection, table, part, archive)
                for table in await connection.run_sync(_tables)
                if table.name not in part.left_out
            }
    return Share(revision=revision, rows=rows)


async def load(
    database: Database, part: Part, file: Path, settle: Settle, agreed: Callable[[], None]
) -> None:
    """Fill an empty database from the backup and bring it to this version.

    `settle` works in the same transaction on what was loaded; `agreed` is called last before the
    commit and raises where it shall not be.

    Raises:
        Refused: the database holds something, or the backup does not fit; nothing was changed.
    """
    with ZipFile(file) as archive:
        share = _share(read_manifest(archive), part)
        async with database.writing() as connection:
            await _refuse_if_used(connection, share, part)
            await connection.run_sync(migrate_within, part.scripts, share.revision)
            await _load_tables(connection, share, part, archive)
            await connection.run_sync(migrate_within, part.scripts, "head")
            await settle(connection)
            agreed()


def both_agreed() -> None:
    """Say that all is loaded, and wait for the word that the other database's part is, too.

    Raises:
        Refused: the word did not come.
    """
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if sys.stdin.readline() != "commit\n":
        raise Refused("")


def say(share: Share) -> None:
    """Tell the command line what was written."""
    sys.stdout.write(share.model_dump_json() + "\n")


def run_plainly(deed: Coroutine[Any, Any, None]) -> None:
    """Run a command to its end; what goes wrong is said in a line that quotes no row."""
    try:
        asyncio.run(deed)
    except BrokenPipeError:
        # `… | head`: the rest is not wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Refused as error:
        sys.exit(str(error) or 1)
    except (SQLAlchemyError, OSError, BadZipFile) as error:
        # Of the database's words the first line alone: those after it may quote the row.
        told = str(getattr(error, "orig", None) or error)
        sys.exit(f"{type(error).__name__}: {told.partition(chr(10))[0]}")
    except KeyboardInterrupt:
        sys.exit(130)


def json_line(value: dict[str, Any]) -> str:
    """One line of JSON that stays one line wherever it is read; times as RFC 3339, bytes base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _tables(connection: sql.Connection) -> list[sql.Table]:
    """The tables as they are, those that others refer to first."""
    metadata = sql.MetaData()
    sql.event.listen(metadata, "column_reflect", _null_is_null)
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != _VERSIONS]


def _null_is_null(_inspector: object, _table: object, column: Any) -> None:
    """An absent JSON value comes back as NULL, not as JSON's null."""
    if isinstance(column["type"], sql.JSON):
        column["type"] = sql.JSON(none_as_null=True)


async def _write_table(
    connection: AsyncConnection, table: sql.Table, part: Part, archive: ZipFile
) -> int:
    count = 0
    entry = ZipInfo(_member(part, table.name), now().timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as member:
        async for row in _rows(connection, table):
            member.write(json_line(row).encode())
            count += 1
    return count


async def _rows(connection: AsyncConnection, table: sql.Table) -> AsyncIterator[dict[str, Any]]:
    query = sql.select(table).order_by(*table.primary_key)
    found = await connection.stream(query)
    async for rows in found.mappings().partitions(_ROWS_AT_ONCE):
        for row in rows:
            yield dict(row)


def _share(manifest: Manifest, part: Part) -> Share:
    share = manifest.databases.get(part.name)
    if share is None:
        raise Refused(f"{part.name}: nothing of it is in the backup")
    if share.revision not in known_revisions(part.scripts):
        raise Refused(
            f"{part.name}: its revision {share.revision} is not known here. "
            f"Restore it with Commentdesk {manifest.commentdesk} or newer"
        )
    return share


async def _refuse_if_used(connection: AsyncConnection, share: Share, part: Part) -> None:
    revision = await connection.run_sync(revision_of)
    if revision not in (None, share.revision):
        raise Refused(
            f"{part.name}: its tables are of another version (revision {revision}) than the "
            f"backup ({share.revision}). Give a database without tables; restore makes them"
        )
    for table in await connection.run_sync(_tables):
        if table.name in part.planted:
            continue
        if (await connection.execute(sql.select(sql.literal(1)).select_from(table).limit(1))).all():
            raise Refused(
                f"{part.name}: the database is in use, its table {table.name} is not empty. "
                "Restore into an empty one"
            )


async def _load_tables(
    connection: AsyncConnection, share: Share, part: Part, archive: ZipFile
) -> None:
    tables = await connection.run_sync(_tables)
    if strange := share.rows.keys() - {table.name for table in tables}:
        raise Refused(f"{part.name}: no table of ours is called {', '.join(sorted(strange))}")
    for table in reversed(tables):
        if table.name in part.planted:
            await connection.execute(table.delete())
    for table in tables:
        if table.name in share.rows:
            count = await _load_table(connection, table, part, archive)
            if count != share.rows[table.name]:
                raise Refused(f"{part.name}: rows of {table.name} are missing in the backup")


async def _load_table(
    connection: AsyncConnection, table: sql.Table, part: Part, archive: ZipFile
) -> int:
    count = 0
    columns = {column.name: isinstance(column.type, sql.LargeBinary) for column in table.columns}
    with archive.open(_member(part, table.name)) as member:
        rows = (_row(line, table.name, columns) for line in member)
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            await connection.execute(table.insert(), some)
            count += len(some)
    return count


def _row(line: bytes, table: str, columns: dict[str, bool]) -> dict[str, Any]:
    """The row of a line; `columns` tells of each whether it holds bytes."""
    try:
        row: dict[str, Any] = json.loads(line)
        if row.keys() != columns.keys():
            raise KeyError(table)
        for name in row:
            if columns[name] and row[name] is not None:
                row[name] = base64.b64decode(row[name], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"a row of {table} in the backup does not fit its table") from error
    return row


def _member(part: Part, table: str) -> str:
    return f"{part.name}/{table}.jsonl"
