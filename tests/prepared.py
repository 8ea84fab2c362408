"""Databases with their tables and the demo articles: made once in each test process, then copied.

Three processes less for every installation that the tests start.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).parent.parent
Pair = tuple[URL, URL]
_STEPS = (
    ("commentdesk.ledger", "migrate"),
    ("services.articles", "migrate"),
    ("services.articles", "demo"),
)


def copy_prepared(urls: Pair, programs: Path | None) -> None:
    """Give an empty pair of databases (ledger, articles) their tables and the demo articles."""
    for kind, url in enumerate(urls):
        if url.get_backend_name() == "sqlite":
            shutil.copyfile(str(_sqlite()[kind].database), str(url.database))
        else:
            assert programs
            _copy_postgres(programs, url, _postgres(programs, url.port)[kind])


@cache
def _sqlite() -> Pair:
    folder = Path(tempfile.mkdtemp(prefix="commentdesk-prepared-"))
    ledger, articles = (
        URL.create("sqlite+aiosqlite", database=str(folder / name)) for name in ("l.db", "a.db")
    )
    _prepare((ledger, articles))
    return ledger, articles


@cache
def _postgres(programs: Path, port: int | None) -> Pair:
    server = make_url(f"postgresql+asyncpg://postgres@127.0.0.1:{port}/")
    pair = server.set(database="prepared-ledger"), server.set(database="prepared-articles")
    for url in pair:
        _call(programs / "createdb", url, str(url.database))
    _prepare(pair)
    return pair


def _prepare(urls: Pair) -> None:
    given = {
        "LEDGER_URL": urls[0].render_as_string(hide_password=False),
        "ARTICLES_DATABASE_URL": urls[1].render_as_string(hide_password=False),
        "REDIS_URL": "redis://127.0.0.1:1",
        "SECRET": secrets.token_hex(24),
        "SERVICE_TOKEN": secrets.token_hex(24),
    }
    environ = os.environ | {f"COMMENTDESK_{name}": value for name, value in given.items()}
    for step in _STEPS:
        subprocess.run([sys.executable, "-m", *step], env=environ, cwd=ROOT, check=True)


def _copy_postgres(programs: Path, url: URL, template: URL) -> None:
    _call(programs / "dropdb", url, str(url.database))
    _call(programs / "createdb", url, "-T", str(template.database), str(url.database))


def _call(program: Path, url: URL, *arguments: str) -> None:
    where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
    subprocess.run([program, *where, *arguments], check=True)
