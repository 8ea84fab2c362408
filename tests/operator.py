"""The operator of the tests: types `commentdesk …` and reads what it says."""

import json
import os
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sql

from commentdesk.ledger.tables import submissions
from tests.conftest import sqlite_urls
from tests.forked import Forked
from tests.installation import ROOT, Installation, Postgres
from tests.scratch import scratch

SECRET = "a secret that is long enough for the tests"


def start(
    *words: str | Path, settings: Mapping[str, str] | None = None, module: str = "commentdesk"
) -> "subprocess.Popen[str]":
    """Begin one command, with these settings and no others."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=ROOT,
        env=_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def commentdesk(
    *words: str | Path, settings: Mapping[str, str] | None = None, module: str = "commentdesk"
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    line = [module, *map(str, words)]
    with TemporaryDirectory(dir=scratch()) as folder:
        said, complained = Path(folder) / "output", Path(folder) / "errors"
        code = Forked(line, _environment(settings), said, complained).wait()
        output, errors = said.read_text("utf-8"), complained.read_text("utf-8")
    return subprocess.CompletedProcess(line, code, output, errors)


def _environment(settings: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "COMMENTDESK" not in name}
    return {**kept, **(settings or {})}


def succeeds(*words: str | Path, settings: Mapping[str, str] | None = None) -> str:
    """A command that must go well; what it said."""
    done = commentdesk(*words, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refuses(*words: str | Path, settings: Mapping[str, str] | None = None) -> str:
    """A command that must be refused in plain words; the words."""
    done = commentdesk(*words, settings=settings)
    assert done.returncode not in (0, 2), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def contents(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of a backup, by member."""
    with zipfile.ZipFile(file) as archive:
        return {
            name: [json.loads(line) for line in archive.read(name).decode().splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


async def two_databases(kind: str, folder: Path, server: Postgres | None) -> tuple[str, str]:
    """Addresses of a ledger and an article store that hold nothing."""
    if kind == "sqlite":
        return sqlite_urls(folder)
    assert server
    name = secrets.token_hex(6)
    return await server.create(f"{name}-l"), await server.create(f"{name}-a")


async def work_left(site: Installation) -> int:
    """How many submissions still wait for a worker."""
    ledger = site.ledger()
    query = sql.select(sql.func.count()).where(submissions.c.work.is_not(None))
    async with ledger.database.reading() as connection:
        count: int = (await connection.execute(query)).scalar_one()
    await ledger.close()
    return count
