"""The newsroom's time: what a day is, and when it begins."""

from datetime import date, datetime

from commentdesk.web.times import NEWSROOM_TIME

DAY_PATTERN = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def start_of(day: str) -> datetime:
    """When the newsroom's day YYYY-MM-DD begins.

    Raises:
        ValueError: there is no such day.
    """
    parsed = date.fromisoformat(day)
    # The first and last years have days that are outside of UTC's.
    if not 1 < parsed.year < 9999:  # noqa: PLR2004
        raise ValueError(day)
    return datetime(parsed.year, parsed.month, parsed.day, tzinfo=NEWSROOM_TIME)
