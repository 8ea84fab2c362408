"""The site's facts that checks look at, read from the ledger again every two seconds at most."""

import time

from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import list_accounts
from commentdesk.ledger.learned import newest_version, read_learned
from commentdesk.ledger.words import list_words
from commentdesk.settings import Settings
from workers.checks import SiteFacts, Tolerance
from workers.checks.spam.site import NOTHING_LEARNED, SiteModel

_FRESH_SECONDS = 2.0


class SiteLists:
    """Word lists, staff and the site's own hosts and names as one value for all checks."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._read_at = 0.0
        self._facts: SiteFacts | None = None
        self._learned_version, self._learned = 0, NOTHING_LEARNED

    async def facts(self) -> SiteFacts:
        """What the checks may know now."""
        if self._facts is None or time.monotonic() - self._read_at > _FRESH_SECONDS:
            words = await list_words(self._ledger)
            accounts = await list_accounts(self._ledger)
            self._facts = SiteFacts.build(
                region=self._settings.phone_region,
                words=[(word.kind, word.text, word.folded, word.match) for word in words],
                own_hosts=frozenset(origin[1] for origin in self._settings.allowed_origins),
                staff=[account.login for account in accounts if account.disabled_at is None],
                reserved=[self._settings.site_name, *self._settings.reserved_names],
                hold_links=self._settings.hold_links,
                learned=await self._newest_learned(),
                tolerance=_tolerance(self._settings),
            )
            self._read_at = time.monotonic()
        return self._facts

    async def _newest_learned(self) -> SiteModel:
        """The site's own layer, read again only when there is a new version."""
        version = await newest_version(self._ledger)
        if version != self._learned_version:
            stored = await read_learned(self._ledger, version)
            self._learned = SiteModel.read(stored.weights) if stored else NOTHING_LEARNED
            self._learned_version = version
        return self._learned


def _tolerance(settings: Settings) -> Tolerance:
    return Tolerance(
        copies=settings.flood_copies,
        from_address=settings.burst_address,
        with_phone=settings.burst_phone,
        on_article=settings.burst_article,
        names_per_phone=settings.names_per_phone,
        phones_per_address=settings.phones_per_address,
        newcomers_held=settings.newcomers_held,
        trusted_after=settings.trusted_after,
    )
