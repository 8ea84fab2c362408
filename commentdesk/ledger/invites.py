"""Links that set a password: an invite for a new account, a reset for one that has a password."""

from datetime import timedelta

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from commentdesk.ledger import audit as audits
from commentdesk.ledger.accounts import Account, LoginTaken, Newcomer, add_account, record_about
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.passwords import hash_password
from commentdesk.ledger.sessions import end_sessions
from commentdesk.ledger.tables import accounts
from commentdesk.ledger.tickets import TicketKind, holder_of, issue, revoke, spend

LINK_DAYS = 3


class LinkGone(ValueError):
    """The link was used, replaced or taken back, is too old, or never was one."""


async def invite(ledger: Ledger, newcomer: Newcomer, actor: str) -> str:
    """Make an account that nobody can log in to yet; its id.

    Raises:
        LoginTaken, ValueError (unknown role, empty login).
    """
    try:
        async with ledger.database.writing() as connection:
            return await add_account(connection, newcomer, actor, "invite")
    except IntegrityError as error:
        raise LoginTaken(newcomer.login) from error


async def make_link(ledger: Ledger, account: str, actor: str) -> str | None:
    """A fresh link's token, for an account that is not shut out; the link before is void."""
    async with ledger.database.writing() as connection:
        query = sql.select(accounts.c.login).where(
            accounts.c.id == account, accounts.c.disabled_at.is_(None)
        )
        if (await connection.execute(query.with_for_update())).first() is None:
            return None
        await revoke(connection, account, TicketKind.LINK)
        token = await issue(connection, account, TicketKind.LINK, timedelta(days=LINK_DAYS))
        await record_about(connection, actor, "make_link", account)
    return token


async def guest_of(ledger: Ledger, token: str) -> Account | None:
    """Whose password the link sets, if it still does."""
    return await holder_of(ledger, token, TicketKind.LINK)


async def accept(ledger: Ledger, token: str, password: str) -> None:
    """Set the password by a link, which is used up; whoever was logged in is so no more.

    Raises:
        LinkGone, PasswordTooShort.
    """
    guest = await guest_of(ledger, token)
    if guest is None:
        raise LinkGone
    hashed = await hash_password(password)
    async with ledger.database.writing() as connection:
        if not await spend(connection, token, TicketKind.LINK):
            raise LinkGone
        await connection.execute(
            accounts.update().where(accounts.c.id == guest.id).values(password_hash=hashed)
        )
        await revoke(connection, guest.id)
        await end_sessions(connection, guest.id)
        action = "reset_password" if guest.has_password else "accept_invite"
        await audits.record(connection, guest.login, action, None, {})


async def change_password(ledger: Ledger, account: Account, password: str, session: str) -> None:
    """Set one's own password; every other session ends, links and half log-ins are void.

    Raises:
        PasswordTooShort
    """
    hashed = await hash_password(password)
    async with ledger.database.writing() as connection:
        await connection.execute(
            accounts.update().where(accounts.c.id == account.id).values(password_hash=hashed)
        )
        await revoke(connection, account.id)
        await end_sessions(connection, account.id, but=session)
        await audits.record(connection, account.login, "change_password", None, {})
