"""Setting up one's own second factor, and turning it off."""

import io

from aiohttp import web

from commentdesk.ledger.second_factor import (
    address_of,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    unconfirmed_secret,
)
from commentdesk.web import SETTINGS, Problem
from services.moderation.accounts.entering import renew, with_token
from services.moderation.accounts.login import CODE_LENGTH
from services.moderation.accounts.own_account import check_own_password
from services.moderation.accounts.throttles import throttle_code
from services.moderation.auth import Route, Who, session_of
from services.moderation.fields import invalid, redirect, typed_text
from services.moderation.formpages import with_form
from services.moderation.keys import BODY, LEDGER

_PAGE = "/account/second-factor"
_PIXELS_A_MODULE = 5
_LETTERS_A_GROUP = 4


async def show_second_factor(request: web.Request) -> web.Response:
    """Off; being set up; or on."""
    return await _page(request)


async def begin(request: web.Request) -> web.Response:
    """Make a secret, which counts once a code of it was typed."""
    await begin_second_factor(request.app[LEDGER], session_of(request).account)
    return redirect(_PAGE)


async def send_picture(request: web.Request) -> web.Response:
    """The secret as a picture for an authenticator, while it waits to be confirmed."""
    import segno

    account = session_of(request).account
    secret = await unconfirmed_secret(request.app[LEDGER], account)
    if secret is None:
        raise Problem(404, "not_found")
    drawn = io.BytesIO()
    address = address_of(secret, account, request.app[SETTINGS].site_name)
    # Dark on light whatever the page's colours are: not every camera reads the reverse.
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=_PIXELS_A_MODULE, light="#fff", svgclass=None, lineclass=None
    )
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    return web.Response(body=drawn.getvalue(), content_type="image/svg+xml", headers=headers)


async def confirm(request: web.Request) -> web.Response:
    """Turn it on with the first code; the recovery codes are on this page and on no other."""
    session, ledger = session_of(request), request.app[LEDGER]
    if session.account.has_second_factor:
        return redirect(_PAGE)
    try:
        await throttle_code(request, session.account)
    except Problem as problem:
        return await _page(request, problem)
    code = typed_text(request[BODY].get("code"))[:CODE_LENGTH]
    codes = await confirm_second_factor(ledger, session.account, code, session.id)
    if codes is None:
        return await _page(request, invalid("code", "code_wrong"))
    token = await renew(request)
    return with_token(request, _codes_page(request, codes), token)


async def turn_off(request: web.Request) -> web.Response:
    """Off, for who can still show the password; other sessions end."""
    session, ledger = session_of(request), request.app[LEDGER]
    try:
        await check_own_password(request, session.account)
    except Problem as problem:
        return await _page(request, problem)
    account = session.account
    await remove_second_factor(ledger, account.id, account.login, kept_session=session.id)
    return with_token(request, redirect("/account?done=factor"), await renew(request))


async def renew_codes(request: web.Request) -> web.Response:
    """Ten new recovery codes in place of those that are left."""
    account = session_of(request).account
    if not account.has_second_factor:
        return redirect(_PAGE)
    try:
        await check_own_password(request, account)
    except Problem as problem:
        return await _page(request, problem)
    return _codes_page(request, await renew_recovery_codes(request.app[LEDGER], account))


def _codes_page(request: web.Request, codes: list[str]) -> web.Response:
    return with_form(request, "recovery_codes.html", None, codes=codes)


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    account, ledger = session_of(request).account, request.app[LEDGER]
    secret = None if account.has_second_factor else await unconfirmed_secret(ledger, account)
    return with_form(
        request,
        "second_factor.html",
        problem,
        secret=_grouped(secret) if secret else "",
        required=request.app[SETTINGS].second_factor == "required",
    )


def _grouped(secret: str) -> str:
    groups = range(0, len(secret), _LETTERS_A_GROUP)
    return " ".join(secret[at : at + _LETTERS_A_GROUP] for at in groups)


# All that is open to who has yet to set one up where it is required.
ROUTES = tuple(
    Route(method, _PAGE + path, handler, Who.MODERATOR, before_second_factor=True)
    for method, path, handler in (
        ("GET", "", show_second_factor),
        ("POST", "/begin", begin),
        ("GET", "/picture", send_picture),
        ("POST", "/confirm", confirm),
        ("POST", "/off", turn_off),
        ("POST", "/codes", renew_codes),
    )
)
