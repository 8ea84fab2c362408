"""Surges: wrong answers, comments and sounds counted, and from them how much work is asked for.

Every process adds what it saw to counts in Redis once a second, and reads what all saw; while
Redis is away its own counts serve. The step is the highest that any window of the last minutes
reached: it rises at once, falls by itself once it has been quieter for long enough, and all
processes come to the same one with nothing but the counts.
"""

import asyncio
import contextlib
import time
from collections import Counter as Tally
from collections.abc import Mapping
from enum import StrEnum
from itertools import accumulate

from prometheus_client import Gauge
from redis.exceptions import RedisError

from commentdesk.log import log
from commentdesk.redis_client import connect
from commentdesk.settings import Settings

SITE = ""
HIGHEST_STEP = 5
STEP = Gauge("commentdesk_captcha_surge_step", "0: none; 1: work is asked for; each more: twice it")
ARTICLES = Gauge("commentdesk_captcha_surge_articles", "Articles with a surge of their own")
_KEY = "commentdesk:surge:"
_PARTS = 6
_ROUND_SECONDS = 1.0
_MOST_WATCHED = 500
_WATCHED_SECONDS = 60.0


class Seen(StrEnum):
    """What is counted."""

    WRONG = "w"
    COMMENT = "c"
    # The sound is easier for machines than the picture; few people need it.
    SOUND = "s"


class Surge:
    """What goes on, site-wide (SITE) and by article; `step` never waits."""

    def __init__(self, settings: Settings) -> None:
        self.enabled = settings.limits
        self._redis = connect(settings.redis_url)
        self._part_seconds = settings.surge_window_seconds / _PARTS
        self._parts_kept = _PARTS + round(settings.surge_calm_seconds / self._part_seconds)
        # Counts in a window from which it is a surge; 0 for never.
        self._site = {
            Seen.WRONG: settings.surge_wrong,
            Seen.COMMENT: settings.surge_comments,
            Seen.SOUND: settings.surge_sounds,
        }
        self._article = {
            Seen.WRONG: settings.surge_wrong_article,
            Seen.COMMENT: settings.surge_comments_article,
            Seen.SOUND: settings.surge_sounds_article,
        }
        self._new: Tally[tuple[int, str]] = Tally()
        # By part of the window: what this process counted, and what all together did.
        self._here: dict[int, Tally[str]] = {}
        self._shared: dict[int, dict[str, int]] = {}
        self._asked: dict[str, float] = {}
        self._steps: dict[str, int] = {}

    def start(self) -> None:
        self._counting = asyncio.create_task(self._keep_counting())

    async def close(self) -> None:
        self._counting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._counting
        await self._redis.aclose()

    def count(self, seen: Seen, article: str) -> None:
        """One more of them, here and on the site."""
        if self.enabled:
            for scope in (SITE, article):
                self._new[self._part(), f"{seen}{scope}"] += 1
                self._asked[scope] = time.monotonic()

    def step(self, article: str) -> int:
        """0 in quiet times, up to HIGHEST_STEP."""
        if self.enabled and (article in self._asked or len(self._asked) < _MOST_WATCHED):
            self._asked[article] = time.monotonic()
        return max(self._steps.get(SITE, 0), self._steps.get(article, 0))

    def told(self) -> str:
        """The state for /readyz, in words."""
        site = self._steps.get(SITE, 0)
        articles = len(self._steps.keys() - {SITE})
        if not site and not articles:
            return "ok"
        where = ["the site"] if site else []
        where += [f"articles: {articles}"] if articles else []
        most = max(self._steps.values())
        return f"degraded: surge, work x{2 ** (most - 1)} is asked for ({', '.join(where)})"

    async def _keep_counting(self) -> None:
        pause = min(_ROUND_SECONDS, self._part_seconds)
        while True:
            await asyncio.sleep(pause)
            try:
                await self._count_together()
            except Exception as error:
                log.error("surge_not_counted", error=type(error).__name__)

    async def _count_together(self) -> None:
        new, self._new = self._new, Tally()
        for (part, field), number in new.items():
            self._here.setdefault(part, Tally())[field] += number
        for scope, asked in list(self._asked.items()):
            if asked < time.monotonic() - _WATCHED_SECONDS and not self._steps.get(scope):
                del self._asked[scope]
        newest = self._part()
        parts = range(newest - self._parts_kept + 1, newest + 1)
        await self._share(new, parts)
        for kept in (self._here, self._shared):
            for part in kept.keys() - set(parts):
                del kept[part]
        counted = [self._counted(part) for part in parts]
        for scope in [SITE, *(self._asked.keys() - {SITE})]:
            self._set(scope, self._step_of(scope, counted))

    async def _share(self, new: Tally[tuple[int, str]], parts: range) -> None:
        """Add what is new, and read what others may have added to: the parts of one window."""
        read = [part for part in parts if part not in self._shared or part > parts[-1] - _PARTS]
        seconds = round(self._part_seconds * (self._parts_kept + 1)) + 1
        try:
            async with self._redis.pipeline(transaction=False) as line:
                for (part, field), number in new.items():
                    line.hincrby(f"{_KEY}{part}", field, number)
                    line.expire(f"{_KEY}{part}", seconds)
                for part in read:
                    line.hgetall(f"{_KEY}{part}")
                answers = (await line.execute())[-len(read) :]
        except (RedisError, OSError):
            return
        for part, answer in zip(read, answers, strict=True):
            self._shared[part] = {field.decode(): int(count) for field, count in answer.items()}

    def _counted(self, part: int) -> Mapping[str, int]:
        """What all have counted: never less than this process has, with Redis away or emptied."""
        shared: Mapping[str, int] = self._shared.get(part, {})
        here: Mapping[str, int] = self._here.get(part, {})
        return {
            field: max(shared.get(field, 0), here.get(field, 0))
            for field in shared.keys() | here.keys()
        }

    def _step_of(self, scope: str, counted: list[Mapping[str, int]]) -> int:
        """The highest of all windows that are still remembered, whatever was counted."""
        thresholds = self._article if scope else self._site
        most = {
            seen: max(_windows([part.get(f"{seen}{scope}", 0) for part in counted]))
            for seen in Seen
        }
        return max(_doublings(most[seen], thresholds[seen]) for seen in Seen)

    def _set(self, scope: str, step: int) -> None:
        before = self._steps.get(scope, 0)
        if step:
            self._steps[scope] = step
        else:
            self._steps.pop(scope, None)
        if step != before:
            tell = log.warning if step > before else log.info
            event = "captcha_surge_rises" if step > before else "captcha_surge_falls"
            tell(event, article=scope or None, step=step, before=before)
        STEP.set(self._steps.get(SITE, 0))
        ARTICLES.set(len(self._steps.keys() - {SITE}))

    def _part(self) -> int:
        return int(time.time() / self._part_seconds)


def _doublings(count: int, threshold: int) -> int:
    """0 below the threshold; from there, one more each time the count has doubled."""
    if not threshold or count < threshold:
        return 0
    return min((count // threshold).bit_length(), HIGHEST_STEP)


def _windows(parts: list[int]) -> list[int]:
    """The sum of each _PARTS neighbours."""
    sums = [0, *accumulate(parts)]
    return [sums[end] - sums[max(0, end - _PARTS)] for end in range(1, len(sums))]
