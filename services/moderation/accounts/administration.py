"""Pages for admins: who may log in, and as what."""

from aiohttp import web

from commentdesk.domain.text import normalize_line
from commentdesk.ledger.accounts import (
    Account,
    LoginTaken,
    Newcomer,
    Role,
    find_account,
    list_accounts,
)
from commentdesk.ledger.articles import known_sections
from commentdesk.ledger.identities import forget_identity
from commentdesk.ledger.invites import LINK_DAYS, invite, make_link
from commentdesk.ledger.rights import LastAdmin, change_rights, disable_account, enable_account
from commentdesk.ledger.second_factor import remove_second_factor
from commentdesk.ledger.sessions import sessions_of, sign_out
from commentdesk.web import SETTINGS, Problem
from services.moderation.accounts.login import LOGIN_LENGTH
from services.moderation.auth import session_of
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.formpages import with_form
from services.moderation.keys import BODY, LEDGER

_ID_LENGTH = 36
_ROLE_LENGTH = 20
_SECTIONS_LENGTH = 2_000
_SECTION_LENGTH = 200


async def show_accounts(request: web.Request) -> web.Response:
    """Everyone who may log in, may soon, or might once."""
    return await _list_page(request)


async def show_account(request: web.Request) -> web.Response:
    """One of them, and what can be done about it."""
    return await _account_page(request, await _find(request, request.match_info["id"]))


async def invite_account(request: web.Request) -> web.Response:
    """An account for a newcomer, and the link by which they set their password, shown once."""
    body, ledger = request[BODY], request.app[LEDGER]
    actor = session_of(request).account.login
    try:
        newcomer = Newcomer(
            normalize_line(text_field(body, "login", LOGIN_LENGTH)), _role(body), _sections(body)
        )
        account = await invite(ledger, newcomer, actor)
    except LoginTaken:
        return await _list_page(request, invalid("login", "login_taken"))
    except Problem as problem:
        return await _list_page(request, problem)
    except ValueError:
        return await _list_page(request, invalid("login", "required"))
    return await _with_link(request, account)


async def make_account_link(request: web.Request) -> web.Response:
    """Another link, for who forgot the password or let the invite grow old."""
    account = await _named(request)
    if account.disabled_at or not request.app[SETTINGS].password_login:
        raise Problem(404, "not_found")
    return await _with_link(request, account.id)


async def change_account(request: web.Request) -> web.Response:
    """Another role, other sections."""
    account, body = await _named(request), request[BODY]
    actor = session_of(request).account.login
    try:
        await change_rights(request.app[LEDGER], account.id, _role(body), _sections(body), actor)
    except LastAdmin:
        return await _account_page(request, account, invalid("role", "last_admin"))
    except Problem as problem:
        return await _account_page(request, account, problem)
    return redirect(f"/accounts/{account.id}")


async def disable(request: web.Request) -> web.Response:
    """Shut an account out; one's own is refused, lest it be done by mistake."""
    account, own = await _named(request), session_of(request).account
    if account.id == own.id:
        return await _account_page(request, account, invalid("account", "own_account"))
    try:
        await disable_account(request.app[LEDGER], account.id, own.login)
    except LastAdmin:
        return await _account_page(request, account, invalid("account", "last_admin"))
    return redirect(f"/accounts/{account.id}")


async def enable(request: web.Request) -> web.Response:
    """Let it in again."""
    account = await _named(request)
    await enable_account(request.app[LEDGER], account.id, session_of(request).account.login)
    return redirect(f"/accounts/{account.id}")


async def end_account_sessions(request: web.Request) -> web.Response:
    """Sign it out wherever it is logged in."""
    account = await _named(request)
    await sign_out(request.app[LEDGER], account.id, session_of(request).account.login)
    return redirect(f"/accounts/{account.id}")


async def remove_account_factor(request: web.Request) -> web.Response:
    """For somebody who lost the authenticator and the recovery codes."""
    account = await _named(request)
    await remove_second_factor(request.app[LEDGER], account.id, session_of(request).account.login)
    return redirect(f"/accounts/{account.id}")


async def forget_account_identity(request: web.Request) -> web.Response:
    """For somebody whom the provider knows as another now."""
    account = await _named(request)
    await forget_identity(request.app[LEDGER], account.id, session_of(request).account.login)
    return redirect(f"/accounts/{account.id}")


async def _named(request: web.Request) -> Account:
    return await _find(request, text_field(request[BODY], "account", _ID_LENGTH))


async def _find(request: web.Request, account: str) -> Account:
    found = await find_account(request.app[LEDGER], account)
    if found is None:
        raise Problem(404, "not_found")
    return found


def _role(body: dict[str, object]) -> str:
    role = text_field(body, "role", _ROLE_LENGTH)
    if role not in set(Role):
        raise invalid("role", "unknown_value")
    return role


def _sections(body: dict[str, object]) -> frozenset[str]:
    """One a line."""
    lines = map(normalize_line, text_field(body, "sections", _SECTIONS_LENGTH).splitlines())
    found = frozenset(line for line in lines if line)
    if any(len(section) > _SECTION_LENGTH for section in found):
        raise invalid("sections", "too_long", limit=_SECTION_LENGTH)
    return found


async def _list_page(request: web.Request, problem: Problem | None = None) -> web.Response:
    ledger = request.app[LEDGER]
    return with_form(
        request,
        "accounts.html",
        problem,
        accounts=await list_accounts(ledger),
        roles=list(Role),
        known_sections=await known_sections(ledger),
    )


async def _with_link(request: web.Request, account: str) -> web.Response:
    """The account's page with a fresh link on it, which no other page will show again."""
    settings, link = request.app[SETTINGS], ""
    if settings.password_login:
        actor = session_of(request).account.login
        token = await make_link(request.app[LEDGER], account, actor)
        link = f"{settings.moderation_url}/invite/{token}" if token else ""
    return await _account_page(request, await _find(request, account), link=link)


async def _account_page(
    request: web.Request, account: Account, problem: Problem | None = None, link: str = ""
) -> web.Response:
    ledger, settings = request.app[LEDGER], request.app[SETTINGS]
    return with_form(
        request,
        "account_of.html",
        problem,
        account=account,
        link=link,
        link_days=LINK_DAYS,
        roles=list(Role),
        known_sections=await known_sections(ledger),
        sessions=await sessions_of(ledger, account.id),
        password_login=settings.password_login,
        provider=settings.provider_name,
    )
