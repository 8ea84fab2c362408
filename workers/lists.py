"""The site's facts that checks look at, read from the ledger again every two seconds at most."""

import time

from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import list_accounts
from commentdesk.ledger.words import list_words
from commentdesk.settings import Settings
from workers.checks import CheckContext

_FRESH_SECONDS = 2.0


class SiteLists:
    """Word lists, staff and the site's own hosts and names as one context for all checks."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._read_at = 0.0
        self._context: CheckContext | None = None

    async def context(self) -> CheckContext:
        """What the checks may know now."""
        if self._context is None or time.monotonic() - self._read_at > _FRESH_SECONDS:
            words = await list_words(self._ledger)
            accounts = await list_accounts(self._ledger)
            self._context = CheckContext.build(
                region=self._settings.phone_region,
                words=[(word.kind, word.text, word.folded) for word in words],
                own_hosts=frozenset(origin[1] for origin in self._settings.allowed_origins),
                staff=[account.login for account in accounts if account.disabled_at is None],
                reserved=[self._settings.site_name, *self._settings.reserved_names],
            )
            self._read_at = time.monotonic()
        return self._context
