"""One's own account: password, sessions."""

from aiohttp import web

from commentdesk.ledger.accounts import Account, verify
from commentdesk.ledger.invites import change_password
from commentdesk.ledger.passwords import SHORTEST, PasswordTooShort
from commentdesk.ledger.second_factor import accepts_code, recovery_codes_left
from commentdesk.ledger.sessions import sessions_of, sign_out
from commentdesk.web import SETTINGS, Problem
from services.moderation.accounts.entering import renew, with_token
from services.moderation.accounts.invitation import new_password
from services.moderation.accounts.login import PASSWORD_LENGTH
from services.moderation.accounts.throttles import throttle_code, throttle_login
from services.moderation.auth import session_of
from services.moderation.fields import invalid, redirect, text_field, typed_text
from services.moderation.formpages import with_form
from services.moderation.keys import BODY, LEDGER

_SESSION_LENGTH = 64
_DEEDS = frozenset({"password", "session", "sessions", "factor"})


async def show_own_account(request: web.Request) -> web.Response:
    """Password, second factor, where one is logged in."""
    return await _page(request)


async def change_own_password(request: web.Request) -> web.Response:
    """Another password; one stays logged in here, under another token, and nowhere else."""
    session, body = session_of(request), request[BODY]
    try:
        await check_own_password(request, session.account)
        password = new_password(body)
        await change_password(request.app[LEDGER], session.account, password, session.id)
    except PasswordTooShort:
        return await _page(request, invalid("new_password", "password_too_short"))
    except Problem as problem:
        return await _page(request, problem)
    return with_token(request, redirect("/account?done=password"), await renew(request))


async def end_own_session(request: web.Request) -> web.Response:
    """Sign out one browser, perhaps this one."""
    own, chosen = session_of(request), text_field(request[BODY], "session", _SESSION_LENGTH)
    if not chosen:
        return await _page(request, invalid("session", "required"))
    await sign_out(request.app[LEDGER], own.account.id, own.account.login, only=chosen)
    return redirect("/account?done=session")


async def end_other_sessions(request: web.Request) -> web.Response:
    """Sign out everywhere but here."""
    own = session_of(request)
    await sign_out(request.app[LEDGER], own.account.id, own.account.login, but=own.id)
    return redirect("/account?done=sessions")


async def check_own_password(request: web.Request, account: Account) -> None:
    """That it is really its owner who sits here: by password, or by code where there is none.

    Raises:
        Problem: 422, or 429 after too many tries.
    """
    if not account.has_password:
        await throttle_code(request, account)
        code = typed_text(request[BODY].get("code"))
        if await accepts_code(request.app[LEDGER], account, code) is None:
            raise invalid("code", "code_wrong")
        return
    await throttle_login(request, account.login)
    password = typed_text(request[BODY].get("password"))
    right = len(password) <= PASSWORD_LENGTH and await verify(
        request.app[LEDGER], account.login, password
    )
    if not right:
        raise invalid("password", "password_wrong")


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    own, ledger, settings = session_of(request), request.app[LEDGER], request.app[SETTINGS]
    done = request.query.get("done", "")
    return with_form(
        request,
        "account.html",
        problem,
        sessions=await sessions_of(ledger, own.account.id),
        codes_left=await recovery_codes_left(ledger, own.account),
        may_have_password=settings.password_login,
        shortest=SHORTEST,
        required=settings.second_factor == "required",
        done=done if done in _DEEDS else "",
    )
