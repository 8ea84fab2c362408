"""Page views, counted in memory and written every second: a read never waits for a write."""

import asyncio
import contextlib
from collections import Counter

from sqlalchemy.exc import SQLAlchemyError

from commentdesk.database import Database
from commentdesk.log import log
from services.articles.store import add_views

_SECONDS = 1.0


class ViewCount:
    """Views not yet written; a crash loses at most a second of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: Counter[str] = Counter()
        self._writing: Counter[str] = Counter()

    def add(self, article: str) -> None:
        """Count one view."""
        self._waiting[article] += 1

    def waiting(self, article: str) -> int:
        """How many views of the article are not written yet."""
        return self._waiting[article] + self._writing[article]

    async def flush(self) -> None:
        """Write what waits; what cannot be written waits on."""
        self._writing, self._waiting = self._waiting, Counter()
        try:
            if self._writing:
                await add_views(self._database, self._writing)
        except (SQLAlchemyError, OSError) as error:
            self._waiting.update(self._writing)
            log.warning("views_not_written", error=type(error).__name__)
        self._writing = Counter()

    async def keep_flushing(self, stopping: asyncio.Event) -> None:
        """Flush every second, and once more when told to stop."""
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _SECONDS)
            await self.flush()
