"""The console's cookies: for this host alone, for no script, gone with what they are for."""

from enum import StrEnum

from aiohttp import web

from commentdesk.settings import Settings
from commentdesk.web import SETTINGS

_LONGEST = 2_000


class Cookie(StrEnum):
    """What a cookie holds."""

    SESSION = "session"
    # The password was right; a code is still to come.
    SECOND_STEP = "second_step"
    # What was asked of the OpenID provider.
    OPENID = "openid"


def is_https(settings: Settings) -> bool:
    """Whether browsers reach the console over https, and its cookies are for https alone."""
    return settings.moderation_url.startswith("https:")


def put_cookie(
    response: web.Response, settings: Settings, cookie: Cookie, value: str, seconds: int
) -> None:
    # Lax, not Strict: a link to a comment in a colleague's message has to open, and the provider
    # leads back by a link, too. No GET changes anything without a secret of its own in its
    # address, and every POST is checked three times over.
    response.set_cookie(
        _name(settings, cookie),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=is_https(settings),
        samesite="Lax",
    )


def drop_cookie(response: web.Response, settings: Settings, cookie: Cookie) -> None:
    response.del_cookie(
        _name(settings, cookie),
        path="/",
        httponly=True,
        secure=is_https(settings),
        samesite="Lax",
    )


def read_cookie(request: web.Request, cookie: Cookie) -> str:
    """What the browser holds; empty for nothing that we could have given."""
    value = request.cookies.get(_name(request.app[SETTINGS], cookie), "")
    return value if value.isascii() and len(value) <= _LONGEST else ""


def _name(settings: Settings, cookie: Cookie) -> str:
    """With https, a name that browsers take from this very host alone (RFC 6265bis §4.1.3.2)."""
    return f"{'__Host-' if is_https(settings) else ''}commentdesk_{cookie}"
