"""Who an account is at an OpenID provider: issuer and subject, which alone stay the same there."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.accounts import (
    Account,
    Newcomer,
    account_of,
    add_account,
    plain_login,
    record_about,
    select_accounts,
)
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import accounts, identities
from commentdesk.ledger.tickets import TicketKind, revoke


@dataclass(frozen=True)
class Identity:
    """What a provider vouches for; `login` may change there, issuer and subject do not."""

    issuer: str
    subject: str
    login: str


async def account_behind(
    ledger: Ledger, identity: Identity, newcomer_role: str = ""
) -> Account | None:
    """The account of this identity; None where it has none or is shut out.

    The first time, it becomes that of the account with its login, unless that one is already
    somebody else's at this provider: addresses are given to new people. Nobody's login makes an
    account where newcomers have a role.
    """
    try:
        async with ledger.database.writing() as connection:
            if found := await _known(connection, identity):
                return found if found.disabled_at is None else None
            return await _first_time(connection, identity, newcomer_role)
    except IntegrityError:
        # Somebody else was first with this login, or this identity in another window.
        return None


async def forget_identity(ledger: Ledger, account: str, actor: str) -> None:
    """Let another identity with the account's login have it, as the first one did."""
    async with ledger.database.writing() as connection:
        gone = identities.delete().where(identities.c.account == account)
        if (await connection.execute(gone)).rowcount:
            await record_about(connection, actor, "forget_identity", account)


async def _known(connection: AsyncConnection, identity: Identity) -> Account | None:
    query = (
        select_accounts()
        .join(identities, identities.c.account == accounts.c.id)
        .where(identities.c.issuer == identity.issuer, identities.c.subject == identity.subject)
    )
    return await _one(connection, query)


async def _first_time(
    connection: AsyncConnection, identity: Identity, newcomer_role: str
) -> Account | None:
    login = plain_login(identity.login)
    by_login = select_accounts().where(accounts.c.login == login)
    found = await _one(connection, by_login)
    if found is None and newcomer_role:
        await add_account(connection, Newcomer(login, newcomer_role), login)
        found = await _one(connection, by_login)
    if found is None or found.disabled_at is not None:
        return None
    # One account has one identity an issuer, by the table's constraint.
    row = {"issuer": identity.issuer, "subject": identity.subject, "account": found.id}
    await connection.execute(identities.insert(), {**row, "at": now()})
    # Whoever else holds the invite would set a password for an account that is now somebody's.
    await revoke(connection, found.id, TicketKind.LINK)
    await audits.record(connection, login, "link_identity", None, {"issuer": identity.issuer})
    return await _one(connection, by_login)


async def _one(connection: AsyncConnection, query: sql.Select[Any]) -> Account | None:
    row = (await connection.execute(query)).first()
    return account_of(row) if row else None
