"""Pages for admins: accounts."""

from aiohttp import web

from commentdesk.ledger import accounts
from commentdesk.web import Problem
from services.moderation.auth import session_of
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE

_LOGIN_LENGTH = 60
_PASSWORD_LENGTH = 1000
_ID_LENGTH = 36


async def show_accounts(request: web.Request) -> web.Response:
    """Everyone who may log in, or might once."""
    return await _accounts_page(request)


async def create_account(request: web.Request) -> web.Response:
    """A new moderator or admin."""
    body = request[BODY]
    password = body.get("password")
    try:
        login = text_field(body, "login", _LOGIN_LENGTH)
        if not isinstance(password, str) or len(password) > _PASSWORD_LENGTH:
            raise invalid("password", "wrong_type")
        await accounts.create_account(
            request.app[LEDGER],
            login,
            password,
            text_field(body, "role", _LOGIN_LENGTH),
            session_of(request).account.login,
        )
    except Problem as problem:
        return await _accounts_page(request, problem)
    except accounts.LoginTaken:
        return await _accounts_page(request, invalid("login", "login_taken"))
    except accounts.PasswordTooShort:
        return await _accounts_page(request, invalid("password", "password_too_short"))
    except ValueError:
        return await _accounts_page(request, invalid("login", "required"))
    return redirect("/accounts")


async def disable_account(request: web.Request) -> web.Response:
    """Shut an account out; one's own is refused, so that an admin is always left."""
    account = text_field(request[BODY], "account", _ID_LENGTH)
    own = session_of(request).account
    if account == own.id:
        return await _accounts_page(request, invalid("account", "own_account"))
    await accounts.disable_account(request.app[LEDGER], account, own.login)
    return redirect("/accounts")


async def _accounts_page(request: web.Request, problem: Problem | None = None) -> web.Response:
    listed = await accounts.list_accounts(request.app[LEDGER])
    return _with_form(request, "accounts.html", problem, accounts=listed, roles=list(accounts.Role))


def _with_form(
    request: web.Request, template: str, problem: Problem | None, **values: object
) -> web.Response:
    """The page, its form as it was typed and with what is wrong."""
    console = request.app[CONSOLE]
    typed = request[BODY] if problem else {}
    return console.render(
        request,
        template,
        status=problem.status if problem else 200,
        errors=console.messages(request, problem) if problem else [],
        typed={name: value for name, value in typed.items() if name != "password"},
        **values,
    )
