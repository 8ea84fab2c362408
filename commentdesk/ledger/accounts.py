"""Who may log in, and as what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.passwords import hash_password, is_password
from commentdesk.ledger.tables import accounts, identities, second_factors


class Role(StrEnum):
    """Each may do what those before it may.

    A moderator decides, an editor also lays down rules, an admin also says who may log in.
    """

    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


class LoginTaken(ValueError):
    """Another account has this login."""


@dataclass(frozen=True)
class Account:
    """Without `sections` it is there for all of them."""

    id: str
    login: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    sections: frozenset[str] = frozenset()
    # Another with every password that is set; empty for none.
    password_mark: str = ""
    has_second_factor: bool = False
    has_identity: bool = False

    @property
    def has_password(self) -> bool:
        return self.password_mark != ""

    def may_act_as(self, role: Role) -> bool:
        """Whether its role is this one or one above it."""
        order = list(Role)
        return order.index(Role(self.role)) >= order.index(role)


@dataclass(frozen=True)
class Newcomer:
    """An account to be."""

    login: str
    role: str
    sections: Iterable[str] = ()
    password_hash: str = ""


async def create_account(
    ledger: Ledger, login: str, password: str, role: str, actor: str = "commentdesk"
) -> str:
    """Make an account; its id.

    Raises:
        LoginTaken, PasswordTooShort, ValueError (unknown role, empty login).
    """
    newcomer = Newcomer(login, role, password_hash=await hash_password(password))
    try:
        async with ledger.database.writing() as connection:
            return await add_account(connection, newcomer, actor)
    except IntegrityError as error:
        raise LoginTaken(login) from error


async def add_account(
    connection: AsyncConnection, newcomer: Newcomer, actor: str, action: str = "create_account"
) -> str:
    """Add the row, written down as `action`, in the caller's transaction; its id.

    Raises:
        ValueError: unknown role, empty login.
        IntegrityError: another account has the login.
    """
    if not (login := plain_login(newcomer.login)):
        raise ValueError("empty login")
    row: dict[str, Any] = {
        "id": new_id(),
        "login": login,
        "password_hash": newcomer.password_hash,
        "role": str(Role(newcomer.role)),
        "sections": sorted(newcomer.sections),
        "created_at": now(),
    }
    await connection.execute(accounts.insert(), row)
    detail = {"login": login, "role": row["role"], "sections": ", ".join(row["sections"])}
    await audits.record(connection, actor, action, None, detail)
    return str(row["id"])


async def list_accounts(ledger: Ledger) -> Sequence[Account]:
    async with ledger.database.reading() as connection:
        rows = await connection.execute(select_accounts().order_by(accounts.c.login))
        return [account_of(row) for row in rows]


async def find_account(ledger: Ledger, account: str) -> Account | None:
    """The account with this id."""
    async with ledger.database.reading() as connection:
        query = select_accounts().where(accounts.c.id == account)
        row = (await connection.execute(query)).first()
    return account_of(row) if row else None


async def record_about(
    connection: AsyncConnection, actor: str, action: str, account: str, **more: object
) -> None:
    """Write down a deed about an account, by its login, in the caller's transaction."""
    login = await connection.scalar(sql.select(accounts.c.login).where(accounts.c.id == account))
    await audits.record(connection, actor, action, None, {"login": login, **more})


async def verify(ledger: Ledger, login: str, password: str) -> Account | None:
    """The account whose password this is; a login nobody has takes as long to refuse."""
    query = select_accounts().where(
        accounts.c.login == plain_login(login), accounts.c.disabled_at.is_(None)
    )
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    is_right = await is_password(row.password_hash if row else "", password)
    return account_of(row) if row and is_right else None


async def lock_account(connection: AsyncConnection, account: str) -> None:
    """Let no other transaction change the account before this one ends."""
    await connection.execute(
        sql.select(accounts.c.id).where(accounts.c.id == account).with_for_update()
    )


async def is_unchanged(connection: AsyncConnection, account: Account) -> bool:
    """Whether the account is as it was when somebody showed who they are; it stays so, locked.

    Hashing a password takes long enough for another password, or a second factor, to be set.
    """
    await lock_account(connection, account.id)
    query = select_accounts().where(accounts.c.id == account.id)
    row = (await connection.execute(query)).first()
    return row is not None and account_of(row) == account


def plain_login(login: str) -> str:
    """The login as it is kept: case and outer blanks count for nothing."""
    return login.strip().casefold()


def select_accounts(*more: Any) -> sql.Select[Any]:
    """Accounts with all that `account_of` reads, and what else is asked for."""
    factor = sql.exists().where(
        second_factors.c.account == accounts.c.id, second_factors.c.confirmed_at.is_not(None)
    )
    identity = sql.exists().where(identities.c.account == accounts.c.id)
    return sql.select(
        accounts,
        factor.correlate(accounts).label("has_second_factor"),
        identity.correlate(accounts).label("has_identity"),
        *more,
    ).select_from(accounts)


def account_of(row: Any) -> Account:
    """The account of a row of `select_accounts`."""
    return Account(
        row.id,
        row.login,
        row.role,
        row.created_at,
        row.disabled_at,
        frozenset(row.sections),
        # Of the salted hash; nothing can be tried out on it.
        password_mark=row.password_hash and sha256(row.password_hash.encode()).hexdigest(),
        has_second_factor=bool(row.has_second_factor),
        has_identity=bool(row.has_identity),
    )
