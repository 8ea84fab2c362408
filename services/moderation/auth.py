"""Who may call what: the session cookie, same-origin and CSRF checks, one role a route."""

import functools
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from commentdesk.ledger.accounts import Role, Session, session
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Problem, has_service_token, read_body, same_secret
from services.moderation.fields import redirect
from services.moderation.keys import BODY, LEDGER, SESSION

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_LENGTH = 200


class Who(StrEnum):
    """Who a route is for."""

    ANYONE = "anyone"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"
    # Reading by a moderator, or by another server that has the service token.
    READER = "reader"


@dataclass(frozen=True)
class Route:
    """One row of ROUTES; there is no route without a `who`."""

    method: str
    path: str
    handler: Handler
    who: Who


def guard(route: Route) -> web.RouteDef:
    """The route for aiohttp, its handler reached only by those it is for."""

    @functools.wraps(route.handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        found = await _session(request)
        if found is not None:
            request[SESSION] = found
        if not _admits(route.who, request, found):
            return _refuse(request, found)
        if request.method not in _SAFE:
            await _check_unsafe(request, route.who, found)
        return await route.handler(request)

    if route.method == "GET":
        return web.get(route.path, guarded)
    return web.route(route.method, route.path, guarded)


def is_api(request: web.Request) -> bool:
    """Whether the answer is for a program, not for a person's browser."""
    return request.path.startswith("/v1/")


def session_of(request: web.Request) -> Session:
    """The session of a route that is for moderators or admins."""
    found: Session | None = request.get(SESSION)
    if found is None:
        raise Problem(401, "unauthorized")
    return found


def sections_of(request: web.Request) -> frozenset[str]:
    """The sections whose submissions are shown to whoever asks; none for all."""
    found: Session | None = request.get(SESSION)
    return found.account.sections if found else frozenset()


def viewer_of(request: web.Request) -> str:
    """The login of the moderator who asks; empty for a server."""
    found: Session | None = request.get(SESSION)
    return found.account.login if found else ""


def is_https(settings: Settings) -> bool:
    """Whether browsers reach the console over https, and its cookies are for https alone."""
    return settings.moderation_url.startswith("https:")


def cookie_name(settings: Settings) -> str:
    """With https, a name that browsers take from this very host alone (RFC 6265bis §4.1.3.2)."""
    return f"{'__Host-' if is_https(settings) else ''}commentdesk_session"


def set_session_cookie(response: web.Response, settings: Settings, token: str) -> None:
    # Lax, not Strict: a link to a comment in a colleague's message has to open. No GET changes
    # anything, and every POST is checked three times over.
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=settings.session_hours * 3600,
        path="/",
        httponly=True,
        secure=is_https(settings),
        samesite="Lax",
    )


def clear_session_cookie(response: web.Response, settings: Settings) -> None:
    response.del_cookie(
        cookie_name(settings),
        path="/",
        httponly=True,
        secure=is_https(settings),
        samesite="Lax",
    )


def token_of(request: web.Request) -> str:
    """The session token the browser holds; empty for none."""
    token = request.cookies.get(cookie_name(request.app[SETTINGS]), "")
    return token if token.isascii() and len(token) <= _TOKEN_LENGTH else ""


async def _session(request: web.Request) -> Session | None:
    token = token_of(request)
    return await session(request.app[LEDGER], token) if token else None


def _admits(who: Who, request: web.Request, found: Session | None) -> bool:
    match who:
        case Who.ANYONE:
            return True
        case Who.MODERATOR | Who.EDITOR | Who.ADMIN:
            return found is not None and found.account.may_act_as(Role(str(who)))
        case Who.READER:
            return found is not None or has_service_token(request)


def _refuse(request: web.Request, found: Session | None) -> web.Response:
    if found is not None:
        raise Problem(403, "forbidden")
    if is_api(request):
        raise Problem(401, "unauthorized")
    target = request.path_qs if request.method == "GET" else "/"
    return redirect("/login?" + urlencode({"next": target}) if target != "/" else "/login")


async def _check_unsafe(request: web.Request, who: Who, found: Session | None) -> None:
    _check_origin(request, needed=who is Who.ANYONE)
    # What a DELETE is about stands in its address.
    request[BODY] = {} if request.method == "DELETE" else await read_body(request)
    if who is Who.ANYONE or found is None:
        return
    offered = request.headers.get("X-CSRF-Token") or request[BODY].get("csrf")
    if not isinstance(offered, str) or not same_secret(offered, found.csrf):
        raise Problem(403, "csrf")


def _check_origin(request: web.Request, *, needed: bool) -> None:
    """Only our own pages may post; `needed` where no CSRF token can prove it instead."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        ours = site == "same-origin"
    elif origin is not None:
        ours = _is_ours(request, origin)
    else:
        ours = not needed
    if not ours:
        raise Problem(403, "other_origin")


def _is_ours(request: web.Request, origin: str) -> bool:
    """Whether it is the console's own origin, to the letter: www. or http: would be another."""
    own = URL(request.app[SETTINGS].moderation_url).origin()
    # A console reached by another name than the settings' is still itself.
    return origin in {str(own), f"{own.scheme}://{request.host}"}
