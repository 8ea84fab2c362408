"""Cursors of lists ordered by time, then id: opaque to callers, exact to the microsecond."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime


class BadCursor(ValueError):
    """The text is no cursor of ours."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row a page showed."""

    time: datetime
    id: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.time.isoformat()} {self.id}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read a cursor.

        Raises:
            BadCursor: it was not made here.
        """
        try:
            time, _, name = (
                base64.b64decode(text, altchars=b"-_", validate=True).decode().partition(" ")
            )
            moment = datetime.fromisoformat(time)
        except (binascii.Error, ValueError) as error:
            raise BadCursor(text) from error
        if moment.tzinfo is None or not name or "\x00" in name:
            raise BadCursor(text)
        return cls(moment, name)
