"""The policy of the site and of each article, as scores; read again every two seconds at most."""

import time
from collections.abc import Collection

from commentdesk.domain.policy import Override, Thresholds
from commentdesk.ledger import Ledger
from commentdesk.ledger.policies import SITE, overrides_of, scope_of
from commentdesk.ledger.tightenings import standing
from commentdesk.settings import Settings
from workers.thresholds import honest_curve

_FRESH_SECONDS = 2.0


class SitePolicies:
    """The settings' policy, what the site says over it, and over both what an article says.

    And a breaking story's tightening, of the site or the article, over all of that.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._ledger = ledger
        self._settled = settings.policy
        self._read_at = 0.0
        self._known: dict[str, Thresholds] = {}

    async def of(self, articles: Collection[str]) -> dict[str, Thresholds]:
        """The thresholds of these articles, by article; two queries for what is not known."""
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._known, self._read_at = {}, time.monotonic()
        if missing := set(articles) - self._known.keys():
            scopes = [scope_of(article) for article in missing]
            said = await overrides_of(self._ledger, scopes)
            tight = await standing(self._ledger, scopes)
            of_site = said.get(SITE, Override()).over(self._settled)
            for article in missing:
                policy = said.get(scope_of(article), Override()).over(of_site)
                breaking = SITE in tight or scope_of(article) in tight
                self._known[article] = policy.thresholds(honest_curve(), tight=breaking)
        return {article: self._known[article] for article in articles}
