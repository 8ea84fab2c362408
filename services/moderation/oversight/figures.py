"""The stretches of time that statistics are about, and their figures for some moments kept."""

import asyncio
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile
from time import monotonic
from zoneinfo import ZoneInfo

from commentdesk.database import now
from commentdesk.ledger import Ledger
from commentdesk.ledger.statistics import HOUR, Figures, Own, figures, own_figures
from services.moderation.dates import start_of

_DAY = timedelta(days=1)
# Days before today that belong to it too, or none: then it is the last 24 hours.
WINDOWS: Mapping[str, int | None] = {"24h": None, "7d": 6, "30d": 29}
# Everyone who looks within so many seconds sees the same; a month changes slowly.
_KEPT_SECONDS: Mapping[str, float] = {"24h": 5.0, "7d": 15.0, "30d": 60.0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def beginning(window: str, zone: ZoneInfo) -> datetime:
    """When it begins, in that zone: the hour 23 hours ago, or midnight some days ago."""
    at, days = now(), WINDOWS[window]
    if days is None:
        begun = at.replace(minute=0, second=0, microsecond=0) - 23 * HOUR
        return begun.astimezone(zone)
    return start_of(at.astimezone(zone).date() - days * _DAY, zone)


def step(window: str) -> timedelta:
    """What one column of its charts and tables is about: an hour, or a day where they are many."""
    return _DAY if window == "30d" else HOUR


def columns(window: str, since: datetime, until: datetime) -> list[datetime]:
    """When each column begins, in the time zone of `since`."""
    # Days are counted by the zone's clocks, hours by none: some days have 23 of them, or 25.
    first = since if step(window) == _DAY else since.astimezone(UTC)
    begun = (first + number * step(window) for number in count())
    return [each.astimezone(since.tzinfo) for each in takewhile(until.__ge__, begun)]


def by_column(window: str, since: datetime, until: datetime, hours: Mapping[int, int]) -> list[int]:
    """The hours' numbers, added up for the column in which each hour ends."""
    begun = [each.astimezone(UTC) for each in columns(window, since, until)]
    found = [0] * len(begun)
    for hour, number in hours.items():
        place = bisect_left(begun, _EPOCH + (hour + 1) * HOUR) - 1
        if place >= 0:
            found[place] += number
    return found


class RecentFigures:
    """Asks the ledger once for all who want the same at the same time."""

    def __init__(self, ledger: Ledger, zone: ZoneInfo) -> None:
        self._ledger = ledger
        self._zone = zone
        self._kept: dict[str, tuple[float, asyncio.Future[Figures]]] = {}

    async def of_site(self, window: str) -> Figures:
        """The whole site's, and those of its sections and articles."""
        asked_at, asked = self._kept.get(window, (float("-inf"), None))
        failed = asked is not None and asked.done() and asked.exception() is not None
        if asked is None or failed or monotonic() - asked_at > _KEPT_SECONDS[window]:
            asked = asyncio.ensure_future(figures(self._ledger, beginning(window, self._zone)))
            self._kept[window] = monotonic(), asked
        # Whoever goes away takes it from nobody else.
        return await asyncio.shield(asked)

    async def of_one(self, login: str, window: str) -> Own:
        """A moderator's own: asked for by one alone, so never kept."""
        return await own_figures(self._ledger, login, beginning(window, self._zone))
