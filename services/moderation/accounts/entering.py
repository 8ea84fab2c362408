"""Coming in: a session for an account that has shown who it is; the browser's old one ends."""

from aiohttp import web

from commentdesk.domain.phone import mask_address
from commentdesk.ledger.accounts import Account
from commentdesk.ledger.sessions import Visit, close_session, open_session, renew_session, session
from commentdesk.ledger.tickets import SECOND_STEP, begin_second_step
from commentdesk.web import SETTINGS, client_address
from services.moderation.accounts.browsers import browser_of
from services.moderation.auth import session_of
from services.moderation.cookies import Cookie, drop_cookie, put_cookie, read_cookie
from services.moderation.fields import query_path, redirect
from services.moderation.keys import LEDGER, SESSION


async def admit(request: web.Request, account: Account, means: str, target: str) -> web.Response:
    """On to the second factor where the account has one, else in; `means` is what was shown."""
    if account.has_second_factor:
        return await _ask_for_code(request, account, target)
    return await enter(request, account, means, target)


async def enter(request: web.Request, account: Account, means: str, target: str) -> web.Response:
    """Open a session and lead there."""
    ledger, settings = request.app[LEDGER], request.app[SETTINGS]
    if old := read_cookie(request, Cookie.SESSION):
        await close_session(ledger, old)
    token = await open_session(ledger, account, _visit(request), means)
    if token is None:
        return redirect(query_path("/login", next=target))
    response = with_token(request, redirect(target), token)
    if read_cookie(request, Cookie.SECOND_STEP):
        drop_cookie(response, settings, Cookie.SECOND_STEP)
    return response


async def renew(request: web.Request) -> str:
    """Another token for this session, whose rights have changed; pages made from now on fit it."""
    ledger = request.app[LEDGER]
    token = await renew_session(ledger, session_of(request))
    if renewed := await session(ledger, token):
        request[SESSION] = renewed
    return token


def with_token(request: web.Request, response: web.Response, token: str) -> web.Response:
    """The answer, with which the browser gets the session's token."""
    settings = request.app[SETTINGS]
    put_cookie(response, settings, Cookie.SESSION, token, settings.session_hours * 3600)
    return response


async def _ask_for_code(request: web.Request, account: Account, target: str) -> web.Response:
    ticket = await begin_second_step(request.app[LEDGER], account)
    if ticket is None:
        return redirect(query_path("/login", next=target))
    response = redirect(query_path("/login/code", next=target))
    seconds = int(SECOND_STEP.total_seconds())
    put_cookie(response, request.app[SETTINGS], Cookie.SECOND_STEP, ticket, seconds)
    return response


def _visit(request: web.Request) -> Visit:
    address = client_address(request, request.app[SETTINGS].trusted_proxies)
    browser = browser_of(request.headers.get("User-Agent", ""))
    return Visit(browser, mask_address(address) if address else "")
