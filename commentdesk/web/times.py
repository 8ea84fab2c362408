"""Moments as readers see them."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# As checks write it into what they saw: (2020-06-24 02:50 UTC).
_IN_UTC = re.compile(r"\((20\d\d-\d\d-\d\d \d\d:\d\d) UTC\)")


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """As Vietnamese papers print it: 09:50 24/06/2020, by the clocks of that zone."""
    return moment.astimezone(zone).strftime("%H:%M %d/%m/%Y")


def clock_of(stamped: str, zone: ZoneInfo) -> str:
    """The same of a moment written as RFC 3339 has it."""
    return clock(datetime.fromisoformat(stamped), zone)


def by_the_clock(text: str, zone: ZoneInfo) -> str:
    """The text with the moments that a check wrote into it by the clocks of that zone."""
    return _IN_UTC.sub(lambda found: _by_the_clock(found, zone), text)


def _by_the_clock(found: re.Match[str], zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        # A reader's words, quoted.
        return found[0]
    return f"({clock(moment, zone)})"
