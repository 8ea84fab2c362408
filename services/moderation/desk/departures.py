"""Hints that wait until a moment of grace is over.

One that is lost with this process costs a delay: the reconciler finds what is due.
"""

import asyncio
from datetime import datetime

from commentdesk.database import now
from commentdesk.queues import Queues

# The clocks of two machines may differ.
_LATER_SECONDS = 0.1


class Departures:
    """Hints the workers when the time has come."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self._waiting: set[asyncio.Task[None]] = set()

    def hint_at(self, moment: datetime, works: dict[str, list[str]]) -> None:
        """Hint these ids by the work to do then; returns at once."""
        task = asyncio.create_task(self._hint_at(moment, works))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    def close(self) -> None:
        """Leave what waits to the reconciler."""
        for task in self._waiting:
            task.cancel()

    async def _hint_at(self, moment: datetime, works: dict[str, list[str]]) -> None:
        await asyncio.sleep((moment - now()).total_seconds() + _LATER_SECONDS)
        for work, ids in works.items():
            await self._queues.hint(work, ids)
