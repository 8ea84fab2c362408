"""Looks at the books again and again: metrics, and an alarm where they do not balance."""

import asyncio

from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from commentdesk.ledger import Ledger
from commentdesk.ledger.books import Books, books
from commentdesk.log import log

_LOOK_SECONDS = 10.0
RECEIVED = Gauge("commentdesk_received", "Submissions ever received")
PLACED = Gauge("commentdesk_submissions", "Submissions by the place they are in", ["place"])
DIFFERENCE = Gauge(
    "commentdesk_books_difference", "Received less those in a place; anything but 0 is an alarm"
)


class Bookkeeper:
    """Asks the ledger for the books and remembers whether they balanced."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._looking: asyncio.Task[None] | None = None
        self.difference = 0

    async def start(self) -> None:
        self._looking = asyncio.create_task(self._keep_looking())

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()

    async def look(self) -> Books:
        """The books as they are now; metrics and alarm follow.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the ledger is away.
        """
        found = await books(self._ledger)
        RECEIVED.set(found.received)
        DIFFERENCE.set(found.difference)
        for place, number in found.places.items():
            PLACED.labels(place).set(number)
        if found.difference and found.difference != self.difference:
            log.error("books_do_not_balance", difference=found.difference, received=found.received)
        self.difference = found.difference
        return found

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("books_not_seen", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
