"""Logging in by password, then by a code where there is a second factor; and logging out."""

from aiohttp import web

from commentdesk.ledger.accounts import Account, verify
from commentdesk.ledger.second_factor import accepts_code
from commentdesk.ledger.sessions import close_session
from commentdesk.ledger.tickets import TicketKind, count_try, holder_of, spend
from commentdesk.log import log
from commentdesk.web import SETTINGS, Problem
from services.moderation.accounts.entering import admit, enter
from services.moderation.accounts.throttles import throttle_code, throttle_login
from services.moderation.cookies import Cookie, drop_cookie, read_cookie
from services.moderation.fields import local_path, query_path, redirect, typed_text
from services.moderation.keys import BODY, LEDGER, SESSION
from services.moderation.pages import CONSOLE

LOGIN_LENGTH = 100
PASSWORD_LENGTH = 1000
CODE_LENGTH = 40


async def show_login(request: web.Request) -> web.Response:
    """The form; who is logged in already goes on."""
    target = local_path(request.query.get("next", "/"))
    if request.get(SESSION):
        return redirect(target)
    return login_page(request, target, told="done" in request.query)


async def log_in(request: web.Request) -> web.Response:
    """On for the right password; everything else gets one and the same answer."""
    body = request[BODY]
    target = local_path(body.get("next", "/"))
    login, password = typed_text(body.get("login")), typed_text(body.get("password"))
    try:
        account = await _account(request, login, password)
    except Problem as problem:
        return login_page(request, target, login, problem)
    return await admit(request, account, "password", target)


async def log_out(request: web.Request) -> web.Response:
    """End the session here and in the ledger."""
    await close_session(request.app[LEDGER], read_cookie(request, Cookie.SESSION))
    response = redirect("/login")
    drop_cookie(response, request.app[SETTINGS], Cookie.SESSION)
    return response


async def show_code(request: web.Request) -> web.Response:
    """The form for the code; who has shown no password goes back to that."""
    target = local_path(request.query.get("next", "/"))
    if await _who_is_halfway(request) is None:
        return _back_to_password(request, target)
    return _code_page(request, target)


async def enter_code(request: web.Request) -> web.Response:
    """A session for a right code that was not used before; a few wrong ones end the attempt."""
    target = local_path(request[BODY].get("next", "/"))
    account = await _who_is_halfway(request)
    if account is None:
        return _back_to_password(request, target)
    try:
        means = await _check_code(request, account)
    except Problem as problem:
        return _code_page(request, target, problem)
    return await enter(request, account, means, target)


def login_page(
    request: web.Request,
    target: str,
    login: str = "",
    problem: Problem | None = None,
    *,
    told: bool = False,
) -> web.Response:
    """The log-in page, with what went wrong."""
    settings = request.app[SETTINGS]
    return _page(
        request,
        "login.html",
        problem,
        target=target,
        login=login,
        told=told,
        password_login=settings.password_login,
        provider=settings.provider_name,
        openid=query_path("/login/openid", next=target),
    )


async def _account(request: web.Request, login: str, password: str) -> Account:
    if not request.app[SETTINGS].password_login:
        raise Problem(403, "password_login_off")
    await throttle_login(request, login)
    account = None
    if len(login) <= LOGIN_LENGTH and len(password) <= PASSWORD_LENGTH:
        account = await verify(request.app[LEDGER], login, password)
    if account is None:
        log.info("login_refused")
        raise Problem(403, "login_wrong")
    return account


async def _who_is_halfway(request: web.Request) -> Account | None:
    ticket = read_cookie(request, Cookie.SECOND_STEP)
    if not ticket:
        return None
    return await holder_of(request.app[LEDGER], ticket, TicketKind.SECOND_STEP)


async def _check_code(request: web.Request, account: Account) -> str:
    """What the code was; used up, and so is the ticket."""
    ledger, ticket = request.app[LEDGER], read_cookie(request, Cookie.SECOND_STEP)
    await throttle_code(request, account)
    code = typed_text(request[BODY].get("code"))
    means = None
    if await count_try(ledger, ticket, TicketKind.SECOND_STEP) and len(code) <= CODE_LENGTH:
        means = await accepts_code(ledger, account, code)
    if means is None:
        log.info("code_refused")
        raise Problem(403, "code_wrong")
    async with ledger.database.writing() as connection:
        if not await spend(connection, ticket, TicketKind.SECOND_STEP):
            raise Problem(403, "code_wrong")
    return means


def _back_to_password(request: web.Request, target: str) -> web.Response:
    response = redirect(query_path("/login", next=target))
    if read_cookie(request, Cookie.SECOND_STEP):
        drop_cookie(response, request.app[SETTINGS], Cookie.SECOND_STEP)
    return response


def _code_page(request: web.Request, target: str, problem: Problem | None = None) -> web.Response:
    return _page(request, "code.html", problem, target=target)


def _page(
    request: web.Request, template: str, problem: Problem | None, **values: object
) -> web.Response:
    console = request.app[CONSOLE]
    response = console.render(
        request,
        template,
        status=problem.status if problem else 200,
        error=console.title_of(request, problem) if problem else None,
        **values,
    )
    if problem and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
