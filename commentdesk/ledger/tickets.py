"""Tickets: random texts, kept as hashes, that let their holder do one thing once, for a time."""

import secrets
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger.accounts import Account, account_of, is_unchanged, select_accounts
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.sessions import token_hash
from commentdesk.ledger.tables import accounts, tickets

# Wrong codes after which the password is asked for again.
_MOST_TRIES = 5
SECOND_STEP = timedelta(minutes=5)


class TicketKind(StrEnum):
    """What a ticket is for."""

    # Setting a password: an invite, or a reset.
    LINK = "link"
    # The password was right; a code is still to come.
    SECOND_STEP = "second_step"


async def begin_second_step(ledger: Ledger, account: Account) -> str | None:
    """A ticket for who has shown the password; None where the account has changed since."""
    async with ledger.database.writing() as connection:
        if not await is_unchanged(connection, account):
            return None
        return await issue(connection, account.id, TicketKind.SECOND_STEP, SECOND_STEP)


async def issue(
    connection: AsyncConnection, account: str, kind: TicketKind, lifetime: timedelta
) -> str:
    """A fresh ticket for an account; the text for its holder."""
    token, at = secrets.token_urlsafe(32), now()
    row = {
        "token_hash": token_hash(token),
        "kind": str(kind),
        "account": account,
        "created_at": at,
        "expires_at": at + lifetime,
    }
    await connection.execute(tickets.delete().where(tickets.c.expires_at <= at))
    await connection.execute(tickets.insert(), row)
    return token


async def holder_of(ledger: Ledger, token: str, kind: TicketKind) -> Account | None:
    """Whose ticket it is, if it is still good."""
    query = (
        select_accounts()
        .join(tickets, tickets.c.account == accounts.c.id)
        .where(_good(token, kind), accounts.c.disabled_at.is_(None))
    )
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    return account_of(row) if row else None


async def count_try(ledger: Ledger, token: str, kind: TicketKind) -> bool:
    """Take one of its tries; whether there was one left."""
    tried = tickets.update().where(_good(token, kind)).values(tries=tickets.c.tries + 1)
    async with ledger.database.writing() as connection:
        return (await connection.execute(tried)).rowcount == 1


async def spend(connection: AsyncConnection, token: str, kind: TicketKind) -> bool:
    """Use it up; of all who try at once one is told that it was good."""
    spent = tickets.delete().where(_good(token, kind, tries=_MOST_TRIES + 1))
    return (await connection.execute(spent)).rowcount == 1


async def revoke(connection: AsyncConnection, account: str, kind: TicketKind | None = None) -> None:
    """No ticket of the account, of this kind or of any, is good from now on."""
    void = tickets.delete().where(tickets.c.account == account)
    await connection.execute(void if kind is None else void.where(tickets.c.kind == str(kind)))


def _good(token: str, kind: TicketKind, tries: int = _MOST_TRIES) -> sql.ColumnElement[bool]:
    return sql.and_(
        tickets.c.token_hash == token_hash(token),
        tickets.c.kind == str(kind),
        tickets.c.expires_at > now(),
        tickets.c.tries < tries,
    )
