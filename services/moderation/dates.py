"""Days that are asked for: what one is, and when it begins."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

DAY_PATTERN = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def day_of(text: str) -> date:
    """The day that YYYY-MM-DD names.

    Raises:
        ValueError: there is no such day.
    """
    day = date.fromisoformat(text)
    # The first and last years have days that are outside of UTC's.
    if not 1 < day.year < 9999:  # noqa: PLR2004
        raise ValueError(text)
    return day


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """When it begins by the clocks of that zone."""
    return datetime.combine(day, time(), zone)
