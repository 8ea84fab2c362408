"""What a one-time code is not sent for: numbers that cost too much, and budgets that are spent."""

from commentdesk.limits import Limits
from commentdesk.phones import PhoneKind, PhoneNumber
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings

# Some plans (+1) do not tell mobile from fixed.
_MOBILE = {PhoneKind.MOBILE, PhoneKind.FIXED_OR_MOBILE}


class CodeBudget:
    """Counted whatever COMMENTDESK_LIMITS says: text messages are money."""

    def __init__(self, settings: Settings, sealing: Sealing) -> None:
        self._settings = settings
        self._sealing = sealing
        self._countries = set(settings.phone_code_countries) or {settings.phone_region}
        self._limits = Limits(settings.redis_url, enabled=True)

    async def wait_of_address(self, address_hash: str) -> int | None:
        """Count one code asked for from an address; seconds to wait if it was one too many."""
        rate = f"{self._settings.phone_codes_address_hourly}/hour"
        return await self._limits.hit("phone-codes-address", address_hash, rate)

    async def refusal(self, number: PhoneNumber) -> str | None:
        """Why nothing is sent to the number, or None; then one more is counted."""
        if number.kind not in _MOBILE:
            return "kind"
        if number.region not in self._countries:
            return "country"
        return await self._spent(self._sealing.keyed_hash(f"number\n{number.e164}").hex())

    async def _spent(self, number_hash: str) -> str | None:
        settings = self._settings
        budgets = (
            ("number_hourly", number_hash, f"{settings.phone_codes_number_hourly}/hour"),
            ("number_daily", number_hash, f"{settings.phone_codes_number_daily}/day"),
            # Last, so that what the others refuse costs the site nothing.
            ("site_daily", "site", f"{settings.phone_codes_site_daily}/day"),
        )
        for name, key, rate in budgets:
            wait = await self._limits.hit(f"phone-codes-{name}", key, rate)
            if not self._limits.healthy:
                # Without Redis every process would have a budget of its own.
                return "uncounted"
            if wait is not None:
                return name
        return None
