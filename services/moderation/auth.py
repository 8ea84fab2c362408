"""Who may call what: the session cookie, same-origin and CSRF checks, one role a route."""

import functools
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from commentdesk.ledger.accounts import Role
from commentdesk.ledger.sessions import Session, note_seen, session
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Problem, has_service_token, read_body, same_secret
from services.moderation.cookies import Cookie, read_cookie
from services.moderation.fields import query_path, redirect
from services.moderation.keys import BODY, LEDGER, SESSION

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


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
    # Open to who has yet to set up a second factor that is required.
    before_second_factor: bool = False
    # Asked for by an open page of itself: no sign that somebody is there.
    by_itself: bool = False


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
        if is_confined(request.app[SETTINGS], found) and not _is_open(route):
            return _lead_to_second_factor(request)
        if found is not None and not route.by_itself:
            await note_seen(request.app[LEDGER], found)
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


def is_confined(settings: Settings, found: Session | None) -> bool:
    """Whether a second factor is required and not there yet: then setting it up is all there is."""
    required = settings.second_factor == "required"
    return required and found is not None and not found.account.has_second_factor


def sections_of(request: web.Request) -> frozenset[str]:
    """The sections whose submissions are shown to whoever asks; none for all."""
    found: Session | None = request.get(SESSION)
    return found.account.sections if found else frozenset()


def viewer_of(request: web.Request) -> str:
    """The login of the moderator who asks; empty for a server."""
    found: Session | None = request.get(SESSION)
    return found.account.login if found else ""


async def _session(request: web.Request) -> Session | None:
    token = read_cookie(request, Cookie.SESSION)
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
    return redirect(query_path("/login", next=target))


def _is_open(route: Route) -> bool:
    return route.before_second_factor or route.who is Who.ANYONE


def _lead_to_second_factor(request: web.Request) -> web.Response:
    if is_api(request):
        raise Problem(403, "second_factor_needed")
    return redirect("/account/second-factor")


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
