"""How often passwords, codes and links may be tried."""

from aiohttp import web

from commentdesk.domain.addresses import address_bucket
from commentdesk.ledger.accounts import Account, plain_login
from commentdesk.web import SETTINGS, Problem, client_address
from services.moderation.keys import LEDGER, LIMITS

# Guessing one login is stopped by the setting; this stops trying many logins, each of which
# costs us a password hash.
_ADDRESS_LIMIT = "60/minute"
# Three codes of a million are right at a time: at this pace a guesser who has the password needs
# months for an even chance, and somebody who mistypes is not shut out.
_CODE_LIMITS = (("code", "10/15 minutes"), ("code_daily", "50/day"))
# Links are too long to be guessed; this spares the ledger.
_LINK_LIMIT = "30/minute"


async def throttle_login(request: web.Request, login: str) -> None:
    """Count a try of a login's password from this address.

    Raises:
        Problem: 429, one try too many.
    """
    limit, address = request.app[SETTINGS].logins_limit, _address(request)
    await _count(request, "login", f"{address} {plain_login(login)}", limit)
    await throttle_address(request)


async def throttle_address(request: web.Request) -> None:
    """Count a try to come in from this address, whoever is tried."""
    await _count(request, "login_address", _address(request), _ADDRESS_LIMIT)


async def throttle_code(request: web.Request, account: Account) -> None:
    """Count a try of an account's codes, wherever it comes from."""
    for name, limit in _CODE_LIMITS:
        await _count(request, name, account.id, limit)


async def throttle_link(request: web.Request) -> None:
    """Count a try of a link from this address."""
    await _count(request, "link", _address(request), _LINK_LIMIT)


def _address(request: web.Request) -> str:
    return address_bucket(client_address(request, request.app[SETTINGS].trusted_proxies))


async def _count(request: web.Request, name: str, key: str, limit: str) -> None:
    # Hashed with our key: who tried to log in from where is not for Redis to know.
    hashed = request.app[LEDGER].hashed(key)
    wait = await request.app[LIMITS].hit(name, hashed.hex() if hashed else "", limit)
    if wait is not None:
        raise Problem(429, "too_many_requests", retry_after=wait)
