"""To the OpenID provider and back."""

from aiohttp import web

from commentdesk.ledger.accounts import Account
from commentdesk.ledger.identities import account_behind
from commentdesk.log import log
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Problem, same_secret
from services.moderation.accounts.entering import admit
from services.moderation.accounts.login import login_page
from services.moderation.accounts.openid import Asked, NotVouched, Provider, ProviderAway
from services.moderation.accounts.openid.asked import ASKED_SECONDS
from services.moderation.accounts.throttles import throttle_address
from services.moderation.cookies import Cookie, drop_cookie, put_cookie, read_cookie
from services.moderation.fields import local_path, redirect
from services.moderation.keys import LEDGER, OPENID

_LONGEST_CODE = 4_000


async def ask_provider(request: web.Request) -> web.Response:
    """Off to the provider; what was asked stays with this browser and nowhere else."""
    provider = _provider(request)
    asked = Asked.begin(local_path(request.query.get("next", "/")))
    settings = request.app[SETTINGS]
    try:
        await throttle_address(request)
        response = redirect(await provider.address(asked))
    except ProviderAway as error:
        return login_page(request, asked.target, problem=_away(error))
    except Problem as problem:
        return login_page(request, asked.target, problem=problem)
    put_cookie(response, settings, Cookie.OPENID, asked.seal(_sealing(settings)), ASKED_SECONDS)
    return response


async def come_back(request: web.Request) -> web.Response:
    """Back from the provider: in, for who has an account; one and the same answer otherwise.

    The one GET that opens a session. It needs what only the browser that asked has, and a code
    that the provider takes once.
    """
    provider, settings = _provider(request), request.app[SETTINGS]
    asked = Asked.unseal(_sealing(settings), read_cookie(request, Cookie.OPENID))
    state = request.query.get("state", "")
    if asked is None or not same_secret(state, asked.state):
        return login_page(request, "/", problem=Problem(403, "openid_stale"))
    try:
        response = await admit(
            request, await _account(request, provider, asked), "openid", asked.target
        )
    except Problem as problem:
        response = login_page(request, asked.target, problem=problem)
    # Whatever came of it: an answer counts once.
    drop_cookie(response, settings, Cookie.OPENID)
    return response


async def _account(request: web.Request, provider: Provider, asked: Asked) -> Account:
    await throttle_address(request)
    code, issuer = request.query.get("code", ""), request.query.get("iss")
    if not 0 < len(code) <= _LONGEST_CODE:
        # Somebody who changed their mind at the provider, for one.
        raise Problem(403, "openid_refused")
    try:
        identity = await provider.identity(asked, code, issuer)
    except ProviderAway as error:
        raise _away(error) from error
    except NotVouched as error:
        log.warning("openid_not_vouched", why=str(error))
        raise Problem(403, "openid_refused") from error
    role = request.app[SETTINGS].oidc_newcomer_role
    account = await account_behind(request.app[LEDGER], identity, role)
    if account is None:
        log.info("openid_no_account")
        raise Problem(403, "openid_refused")
    return account


def _provider(request: web.Request) -> Provider:
    if OPENID not in request.app:
        raise Problem(404, "not_found")
    return request.app[OPENID]


def _away(error: ProviderAway) -> Problem:
    log.error("openid_away", why=str(error))
    return Problem(503, "openid_away", retry_after=5)


def _sealing(settings: Settings) -> Sealing:
    return Sealing(settings.secret.get_secret_value(), "openid")
