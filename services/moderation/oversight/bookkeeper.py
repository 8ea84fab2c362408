"""Looks at the books again and again: metrics, and an alarm where they do not balance."""

from prometheus_client import Gauge

from commentdesk.ledger import Ledger
from commentdesk.ledger.books import Books, books
from commentdesk.log import log
from services.moderation.oversight.watch import Watch

RECEIVED = Gauge("commentdesk_received", "Submissions ever received")
PLACED = Gauge("commentdesk_submissions", "Submissions by the place they are in", ["place"])
DIFFERENCE = Gauge(
    "commentdesk_books_difference", "Received less those in a place; anything but 0 is an alarm"
)


class Bookkeeper(Watch):
    """Asks the ledger for the books and remembers whether they balanced."""

    name = "books"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger
        self.difference = 0

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
