"""The page behind a link: its holder sets a password."""

from aiohttp import web

from commentdesk.ledger.accounts import Account
from commentdesk.ledger.invites import LinkGone, accept, guest_of
from commentdesk.ledger.passwords import SHORTEST, PasswordTooShort
from commentdesk.web import SETTINGS, Problem
from services.moderation.accounts.login import PASSWORD_LENGTH
from services.moderation.accounts.throttles import throttle_link
from services.moderation.fields import invalid, redirect
from services.moderation.formpages import with_form
from services.moderation.keys import BODY, LEDGER


async def show_invitation(request: web.Request) -> web.Response:
    """The form; looking at it uses nothing up."""
    return _page(request, await _guest(request))


async def accept_invitation(request: web.Request) -> web.Response:
    """Set the password, then on to the log-in; the link is used up."""
    guest = await _guest(request)
    try:
        password = new_password(request[BODY])
        await accept(request.app[LEDGER], request.match_info["token"], password)
    except PasswordTooShort:
        return _page(request, guest, invalid("new_password", "password_too_short"))
    except LinkGone:
        raise Problem(404, "link_gone") from None
    except Problem as problem:
        return _page(request, guest, problem)
    return redirect("/login?done=password")


def new_password(body: dict[str, object]) -> str:
    """A new password, typed twice alike.

    Raises:
        Problem: 422.
    """
    password, again = body.get("new_password"), body.get("again")
    if not isinstance(password, str) or len(password) > PASSWORD_LENGTH:
        raise invalid("new_password", "too_long", limit=PASSWORD_LENGTH)
    if password != again:
        raise invalid("again", "passwords_differ")
    return password


async def _guest(request: web.Request) -> Account:
    """Whose link it is; one that is used up, too old or made up is told apart by nobody."""
    await throttle_link(request)
    guest = None
    if request.app[SETTINGS].password_login:
        guest = await guest_of(request.app[LEDGER], request.match_info["token"])
    if guest is None:
        raise Problem(404, "link_gone")
    return guest


def _page(request: web.Request, guest: Account, problem: Problem | None = None) -> web.Response:
    return with_form(request, "invite.html", problem, guest=guest, shortest=SHORTEST)
