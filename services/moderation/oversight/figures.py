"""The stretches of time that statistics are about, and their figures for some moments kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from commentdesk.database import now
from commentdesk.ledger import Ledger
from commentdesk.ledger.coverage import Coverage, coverage
from commentdesk.ledger.statistics import HOUR, Figures, Own, figures, own_figures
from commentdesk.web.times import NEWSROOM_TIME

_DAY = timedelta(days=1)
# Days before today that belong to it too, or none: then it is the last 24 hours.
WINDOWS: Mapping[str, int | None] = {"24h": None, "7d": 6, "30d": 29}
# Everyone who looks within so many seconds sees the same; a month changes slowly.
_KEPT_SECONDS: Mapping[str, float] = {"24h": 5.0, "7d": 15.0, "30d": 60.0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def beginning(window: str) -> datetime:
    """When it begins: the full hour 23 hours ago, or midnight in the newsroom some days ago."""
    days = WINDOWS[window]
    local = now().astimezone(NEWSROOM_TIME).replace(minute=0, second=0, microsecond=0)
    if days is None:
        return local - 23 * HOUR
    return local.replace(hour=0) - days * _DAY


def step(window: str) -> timedelta:
    """What one column of its charts and tables is about: an hour, or a day where they are many."""
    return _DAY if window == "30d" else HOUR


def columns(window: str, since: datetime, until: datetime) -> list[datetime]:
    """When each column begins, newsroom time."""
    count = (until - since) // step(window) + 1
    return [since + number * step(window) for number in range(count)]


def by_column(window: str, since: datetime, until: datetime, hours: Mapping[int, int]) -> list[int]:
    """The hours' numbers, added up for each column."""
    found = [0] * len(columns(window, since, until))
    for hour, number in hours.items():
        place = (_EPOCH + hour * HOUR - since) // step(window)
        if 0 <= place < len(found):
            found[place] += number
    return found


class RecentFigures:
    """Asks the ledger once for all who want the same at the same time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: dict[tuple[str, str], tuple[float, asyncio.Future[Any]]] = {}

    async def of_site(self, window: str) -> Figures:
        found: Figures = await self._once("site", window, figures)
        return found

    async def of_parts(self, window: str) -> Coverage:
        """By section and article."""
        found: Coverage = await self._once("parts", window, coverage)
        return found

    async def of_one(self, login: str, window: str) -> Own:
        """A moderator's own: asked for by one alone, so never kept."""
        return await own_figures(self._ledger, login, beginning(window))

    async def _once(
        self, kind: str, window: str, ask: Callable[[Ledger, datetime], Awaitable[Any]]
    ) -> Any:
        asked_at, asked = self._kept.get((kind, window), (float("-inf"), None))
        failed = asked is not None and asked.done() and asked.exception() is not None
        if asked is None or failed or monotonic() - asked_at > _KEPT_SECONDS[window]:
            asked = asyncio.ensure_future(ask(self._ledger, beginning(window)))
            self._kept[kind, window] = monotonic(), asked
        # Whoever goes away takes it from nobody else.
        return await asyncio.shield(asked)
