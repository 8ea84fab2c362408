"""Knows since when the oldest comment waits, and says when that is longer than it should be."""

from datetime import datetime, timedelta

from prometheus_client import Gauge

from commentdesk.database import now
from commentdesk.ledger import Ledger
from commentdesk.ledger.waiting import oldest_waiting
from commentdesk.log import log
from services.moderation.oversight.watch import Watch

OLDEST = Gauge(
    "commentdesk_oldest_waiting_seconds",
    "How long the oldest waits for a moderator; 0: none",
)
TARGET = Gauge("commentdesk_waiting_target_seconds", "How long a comment should wait at most")


class WaitingWatch(Watch):
    """Remembers the oldest that waits; whether it is late is worked out when asked."""

    name = "waiting"

    def __init__(self, ledger: Ledger, target: timedelta) -> None:
        super().__init__()
        self._ledger = ledger
        self.target = target
        self.oldest: datetime | None = None
        self._was_late = False

    @property
    def is_late(self) -> bool:
        """Whether the oldest waits longer than the target."""
        return self.oldest is not None and now() - self.oldest > self.target

    async def look(self) -> datetime | None:
        """Since when the oldest waits; metrics and alarm follow."""
        self.oldest = await oldest_waiting(self._ledger)
        seconds = (now() - self.oldest).total_seconds() if self.oldest else 0.0
        OLDEST.set(seconds)
        TARGET.set(self.target.total_seconds())
        if self.is_late and not self._was_late:
            log.warning("waiting_too_long", seconds=round(seconds))
        if self._was_late and not self.is_late:
            log.warning("waiting_in_time_again", seconds=round(seconds))
        self._was_late = self.is_late
        return self.oldest
