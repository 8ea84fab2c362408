"""Walks along the audit's chain as it grows, and along all of it again and again."""

import asyncio
from time import monotonic

from prometheus_client import Gauge

from commentdesk.ledger import Ledger
from commentdesk.ledger.chain import Head
from commentdesk.ledger.verification import Fault, Walk
from commentdesk.log import log
from services.moderation.oversight.watch import Watch

# Between steps of the first walk, that others get their turns.
_PAUSE_SECONDS = 0.05
_HEAD_LOG_SECONDS = 60.0
# As much of a MAC as a float holds exactly.
_TOLD_BYTES = 6
FAULTS = Gauge("commentdesk_audit_faults", "Breaks in the audit's chain; 0 is right")
NUMBER = Gauge("commentdesk_audit_head_number", "Number of the audit's last row; never goes back")
MAC = Gauge("commentdesk_audit_head_mac", "The first 48 bits of that row's MAC, as a number")
CHECKED = Gauge("commentdesk_audit_checked_number", "Rows of the audit that were walked along")


class AuditWatch(Watch):
    """Every row is looked at as it comes, and some old ones each time, over and over.

    Where it has been it sees again: an older database put in the place of this one is a fault.
    """

    name = "audit"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger
        self._onward, self._again = Walk(ledger), Walk(ledger)
        self._found_again: list[Fault] = []
        self._whole = False
        self._told: tuple[list[Fault], Head, float] = ([], Head(), float("-inf"))

    @property
    def head(self) -> Head:
        """Where the chain ended when it was last looked at."""
        return self._onward.head

    @property
    def checked(self) -> int:
        """The number of the last row that was looked at."""
        return self._onward.place.number

    @property
    def faults(self) -> list[Fault]:
        """Every break that is known."""
        known = dict.fromkeys([*self._onward.faults, *self._found_again, *self._again.faults])
        return sorted(known, key=lambda fault: (fault.number, fault.kind))

    @property
    def holds(self) -> bool | None:
        """Whether the chain is whole; None until all of it was looked at."""
        if self.faults:
            return False
        return True if self._whole else None

    async def look(self) -> None:
        """Look at all rows that are new and at some that are not; metrics, log, alarm follow."""
        while not await self._onward.step():
            self._tell()
            await asyncio.sleep(_PAUSE_SECONDS)
        self._whole = True
        if await self._again.step():
            self._found_again = list(self._again.faults)
            self._again = Walk(self._ledger)
        self._tell()

    def _tell(self) -> None:
        faults, head = self.faults, self.head
        FAULTS.set(len(faults))
        NUMBER.set(head.number)
        MAC.set(int.from_bytes(head.mac[:_TOLD_BYTES]))
        CHECKED.set(self.checked)
        old_faults, old_head, told_at = self._told
        if faults and faults != old_faults:
            first = faults[0]
            log.error(
                "audit_chain_broken", faults=len(faults), kind=str(first.kind), number=first.number
            )
        if head != old_head and monotonic() - told_at >= _HEAD_LOG_SECONDS:
            log.info("audit_head", head=str(head))
            old_head, told_at = head, monotonic()
        self._told = faults, old_head, told_at
