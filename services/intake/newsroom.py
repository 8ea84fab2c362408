"""What the newsroom says of an article over the article store: open, closed, a breaking story."""

import time
from dataclasses import dataclass

from commentdesk.ledger import Ledger
from commentdesk.ledger.policies import SITE, overrides_of, scope_of
from commentdesk.ledger.tightenings import standing
from commentdesk.log import log
from commentdesk.web.errors import DATABASE_AWAY

# A press in the console is felt this much later at most.
_FRESH_SECONDS = 2.0
_MOST_KEPT = 5_000


@dataclass(frozen=True)
class Ruling:
    """`comments` is open, closed, or None for what the store says; `tight`: a breaking story."""

    comments: str | None = None
    tight: bool = False


class Newsroom:
    """Rulings by article, asked of the ledger and kept briefly.

    While the ledger is away the last one known holds: no comment can be committed then anyway.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: dict[str, tuple[float, Ruling]] = {}

    async def on(self, article: str) -> Ruling:
        """What holds for the article now."""
        kept_at, ruling = self._kept.get(article, (0.0, Ruling()))
        if kept_at and time.monotonic() - kept_at <= _FRESH_SECONDS:
            return ruling
        try:
            ruling = await self._ask(article)
        except DATABASE_AWAY as error:
            log.warning("newsroom_not_asked", error=type(error).__name__)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[article] = (time.monotonic(), ruling)
        return ruling

    async def _ask(self, article: str) -> Ruling:
        scope = scope_of(article)
        said = await overrides_of(self._ledger, [scope])
        tight = await standing(self._ledger, [scope])
        ruled = [said[each].comments for each in (scope, SITE) if each in said]
        return Ruling(next(filter(None, ruled), None), bool(tight))
