"""Databases with their tables and the demo articles: made once in each test process, then copied.

Three processes less for every installation that the tests start.
"""

import os
import secrets
import shutil
import subprocess
from functools import cache
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from tests.forked import Forked
from tests.scratch import scratch

ROOT = Path(__file__).parent.parent
Pair = tuple[URL, URL]
_NAMES = ("prepared-ledger", "prepared-articles")
_STEPS = (
    ("commentdesk.ledger", "migrate"),
    ("services.articles", "migrate"),
    ("services.articles", "demo"),
)


def copy_prepared(urls: Pair, programs: Path | None) -> None:
    """Give an empty pair of databases (ledger, articles) their tables and the demo articles."""
    for kind, url in enumerate(urls):
        if url.get_backend_name() == "sqlite":
            shutil.copyfile(_sqlite()[kind], str(url.database))
        else:
            assert programs
            script = _postgres(programs, url.port)[kind]
            # A template is copied by way of two checkpoints, each a second on a slow disk.
            options = ("-qX", "-v", "ON_ERROR_STOP=1", "-1", "-o", os.devnull, "-f", str(script))
            _call(programs / "psql", url, *options, str(url.database))


@cache
def _sqlite() -> tuple[Path, Path]:
    """Two files to copy."""
    ledger, articles = (scratch() / f"{name}.db" for name in _NAMES)
    _prepare((_sqlite_url(ledger), _sqlite_url(articles)))
    return ledger, articles


def _sqlite_url(file: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(file))


def _postgres(programs: Path, port: int | None) -> tuple[Path, Path]:
    """Two scripts, made on the first server that needs them."""
    ledger, articles = (scratch() / f"{name}.sql" for name in _NAMES)
    if not articles.exists():
        server = make_url(f"postgresql+asyncpg://postgres@127.0.0.1:{port}/")
        urls = server.set(database=_NAMES[0]), server.set(database=_NAMES[1])
        for url in urls:
            _call(programs / "createdb", url, str(url.database))
        _prepare(urls)
        for url, script in zip(urls, (ledger, articles), strict=True):
            _call(programs / "pg_dump", url, "-f", str(script), str(url.database))
    return ledger, articles


def _prepare(urls: Pair) -> None:
    given = {
        "LEDGER_URL": urls[0].render_as_string(hide_password=False),
        "ARTICLES_DATABASE_URL": urls[1].render_as_string(hide_password=False),
        "REDIS_URL": "redis://127.0.0.1:1",
        "SECRET": secrets.token_hex(24),
        "SERVICE_TOKEN": secrets.token_hex(24),
    }
    environ = {**os.environ, **{f"COMMENTDESK_{name}": value for name, value in given.items()}}
    log = scratch() / "prepared.log"
    for step in _STEPS:
        assert Forked(step, environ, log).wait() == 0, log.read_text("utf-8")


def _call(program: Path, url: URL, *arguments: str) -> None:
    where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
    subprocess.run([program, *where, *arguments], check=True)
