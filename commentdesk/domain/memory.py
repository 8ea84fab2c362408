"""What the ledger remembers around one submission: texts like it, crowds, its writer's past."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from commentdesk.domain.state import Action


class BanKind(StrEnum):
    """What of a submission can be banned."""

    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"


class Tie(StrEnum):
    """What two of a campaign have in common; of several the first here counts."""

    TEXT = "text"
    # In what they say: a link's host, a number to call, a name in a messenger or a mail address.
    LINK = "link"
    NUMBER = "number"
    CONTACT = "contact"
    # The phone they were sent with.
    PHONE = "phone"


@dataclass(frozen=True)
class Copies:
    """Other submissions with the same text, and with nearly the same; since the first of them."""

    same: int = 0
    near: int = 0
    since: datetime | None = None

    @property
    def count(self) -> int:
        return self.same + self.near


@dataclass(frozen=True)
class Crowd:
    """How many came lately, this one with them: from its address, with its phone, on its article.

    And, within a day, how many names the phone was given with and phones the address gave.
    """

    address: int = 0
    phone: int = 0
    article: int = 0
    names_of_phone: int = 0
    phones_of_address: int = 0


@dataclass(frozen=True)
class Past:
    """What became of earlier submissions; `vouched`: approved by a moderator, not the machine."""

    approved: int = 0
    vouched: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Ordered:
    """What a moderator wants done with every text like this: HOLD or REJECT, and until when."""

    action: Action
    until: datetime
    actor: str


@dataclass(frozen=True)
class Memory:
    """All of it. Somebody's phone number anybody can type; the browser is harder to borrow."""

    copies: Copies = field(default_factory=Copies)
    crowd: Crowd = field(default_factory=Crowd)
    phone: Past = field(default_factory=Past)
    browser: Past = field(default_factory=Past)
    bans: frozenset[BanKind] = frozenset()
    order: Ordered | None = None
