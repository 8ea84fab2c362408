"""What a way out of the page is."""

from dataclasses import dataclass
from enum import StrEnum


class ContactKind(StrEnum):
    LINK = "link"
    PHONE = "phone"
    HANDLE = "handle"
    MAIL = "mail"
    # Another reader, or who knows: "@an_nguyen" where no messenger is named.
    MENTION = "mention"


@dataclass(frozen=True)
class Contact:
    """A way out: a host, a number's digits, a name; it stands at `start` to `stop` of a text."""

    kind: ContactKind
    value: str
    start: int
    stop: int
