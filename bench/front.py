"""The reader's side alone, on SQLite, in a folder that goes with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.installation import Installation, Redis


@asynccontextmanager
async def front() -> AsyncIterator[Installation]:
    """Intake and the article store, started; no worker touches what is sent."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        urls = (f"sqlite+aiosqlite:///{folder}/l.db", f"sqlite+aiosqlite:///{folder}/a.db")
        site = Installation(folder, redis, urls)
        try:
            site.migrate()
            await site.start("articles", "intake")
            yield site
        finally:
            site.stop()
            redis.stop()
