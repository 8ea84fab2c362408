"""Logging in and out; every login gets a session of its own and ends the browser's old one."""

from aiohttp import web

from commentdesk.domain.addresses import address_bucket
from commentdesk.domain.text import has_control_character
from commentdesk.ledger.accounts import close_session, open_session, verify
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem, client_address
from services.moderation.auth import clear_session_cookie, set_session_cookie, token_of
from services.moderation.fields import local_path, redirect
from services.moderation.keys import BODY, LEDGER, LIMITS, SESSION
from services.moderation.pages import CONSOLE

_LOGIN_LENGTH = 100
_PASSWORD_LENGTH = 1000
# Guessing one login is stopped by the setting; this stops trying many logins, each of which
# costs us a password hash.
_ADDRESS_LIMIT = "60/minute"


async def show_login(request: web.Request) -> web.Response:
    """The form; who is logged in already goes on."""
    target = local_path(request.query.get("next", "/"))
    if request.get(SESSION):
        return redirect(target)
    return _form(request, target)


async def log_in(request: web.Request) -> web.Response:
    """A session for the right password; everything else gets one and the same answer."""
    body = request[BODY]
    target = local_path(body.get("next", "/"))
    login, password = _typed(body.get("login")), _typed(body.get("password"))
    try:
        await _throttle(request, login)
    except Problem as problem:
        return _form(request, target, login, problem)
    account = None
    if len(login) <= _LOGIN_LENGTH and len(password) <= _PASSWORD_LENGTH:
        account = await verify(request.app[LEDGER], login, password)
    if account is None:
        log.info("login_refused")
        return _form(request, target, login, Problem(403, "login_wrong"))
    if old := token_of(request):
        await close_session(request.app[LEDGER], old)
    settings = request.app[SETTINGS]
    token = await open_session(request.app[LEDGER], account, settings.session_hours)
    response = redirect(target)
    set_session_cookie(response, settings, token)
    return response


async def log_out(request: web.Request) -> web.Response:
    """End the session here and in the ledger."""
    await close_session(request.app[LEDGER], token_of(request))
    response = redirect("/login")
    clear_session_cookie(response, request.app[SETTINGS])
    return response


def _typed(value: object) -> str:
    return value if isinstance(value, str) and not has_control_character(value) else ""


async def _throttle(request: web.Request, login: str) -> None:
    settings, limits = request.app[SETTINGS], request.app[LIMITS]
    address = address_bucket(client_address(request, settings.trusted_proxies))
    for name, key, limit in (
        ("login", f"{address} {login.strip().casefold()}", settings.logins_limit),
        ("login_address", address, _ADDRESS_LIMIT),
    ):
        # Hashed with our key: who tried to log in from where is not for Redis to know.
        hashed = request.app[LEDGER].hashed(key)
        wait = await limits.hit(name, hashed.hex() if hashed else "", limit)
        if wait is not None:
            raise Problem(429, "too_many_requests", retry_after=wait)


def _form(
    request: web.Request, target: str, login: str = "", problem: Problem | None = None
) -> web.Response:
    console = request.app[CONSOLE]
    response = console.render(
        request,
        "login.html",
        status=problem.status if problem else 200,
        target=target,
        login=login,
        error=console.title_of(request, problem) if problem else None,
    )
    if problem and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
