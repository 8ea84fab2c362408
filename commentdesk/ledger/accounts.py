"""Moderators' accounts and sessions; passwords by argon2id (RFC 9106), tokens kept as hashes."""

import asyncio
import functools
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.exc import IntegrityError

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import accounts, sessions

_HASHER = PasswordHasher()
_PASSWORD_LENGTH = 12


class Role(StrEnum):
    """Each may do what those before it may.

    A moderator decides, an editor also lays down rules, an admin also says who may log in.
    """

    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


class LoginTaken(ValueError):
    """Another account has this login."""


class PasswordTooShort(ValueError):
    """The password has fewer than 12 characters."""


@dataclass(frozen=True)
class Account:
    """Without `sections` it is there for all of them."""

    id: str
    login: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    sections: frozenset[str] = frozenset()

    def may_act_as(self, role: Role) -> bool:
        """Whether its role is this one or one above it."""
        order = list(Role)
        return order.index(Role(self.role)) >= order.index(role)


@dataclass(frozen=True)
class Session:
    account: Account
    csrf: str


async def create_account(
    ledger: Ledger, login: str, password: str, role: str, actor: str = "commentdesk"
) -> str:
    """Make an account; its id.

    Raises:
        LoginTaken, PasswordTooShort, ValueError (unknown role, empty login).
    """
    if len(password) < _PASSWORD_LENGTH:
        raise PasswordTooShort
    if not login.strip():
        raise ValueError("empty login")
    row = {
        "id": new_id(),
        "login": login.strip().casefold(),
        "password_hash": _HASHER.hash(password),
        "role": str(Role(role)),
        "created_at": now(),
    }
    try:
        async with ledger.database.writing() as connection:
            await connection.execute(accounts.insert(), row)
            detail = {"login": row["login"], "role": row["role"]}
            await audits.record(connection, actor, "create_account", None, detail)
    except IntegrityError as error:
        raise LoginTaken(login) from error
    return str(row["id"])


async def list_accounts(ledger: Ledger) -> Sequence[Account]:
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.select(accounts).order_by(accounts.c.login))
        return [_account(row) for row in rows]


async def disable_account(ledger: Ledger, account: str, actor: str) -> None:
    """Shut an account out at once: its sessions end too."""
    async with ledger.database.writing() as connection:
        await connection.execute(
            accounts.update().where(accounts.c.id == account).values(disabled_at=now())
        )
        await connection.execute(sessions.delete().where(sessions.c.account == account))
        await audits.record(connection, actor, "disable_account", None, {"account": account})


async def verify(ledger: Ledger, login: str, password: str) -> Account | None:
    """The account whose password this is; a login nobody has takes as long to refuse."""
    async with ledger.database.reading() as connection:
        query = sql.select(accounts).where(accounts.c.login == login.strip().casefold())
        row = (await connection.execute(query)).first()
    usable = row is not None and row.disabled_at is None
    hashed = row.password_hash if row is not None and usable else _nobody()
    try:
        # Slow on purpose, so not in the event loop.
        await asyncio.to_thread(_HASHER.verify, hashed, password)
    except VerifyMismatchError:
        return None
    return _account(row) if usable else None


async def open_session(ledger: Ledger, account: Account, hours: int) -> str:
    """A fresh session; the token to give to the browser, of which only a hash is kept."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": _token_hash(token),
        "account": account.id,
        "csrf": secrets.token_urlsafe(32),
        "created_at": now(),
        "expires_at": now() + timedelta(hours=hours),
    }
    async with ledger.database.writing() as connection:
        await connection.execute(sessions.delete().where(sessions.c.expires_at < now()))
        await connection.execute(sessions.insert(), row)
        await audits.record(connection, account.login, "log_in", None, {})
    return token


async def session(ledger: Ledger, token: str) -> Session | None:
    """The live session of this token, or None."""
    query = (
        sql.select(accounts, sessions.c.csrf)
        .join(sessions, sessions.c.account == accounts.c.id)
        .where(
            sessions.c.token_hash == _token_hash(token),
            sessions.c.expires_at > now(),
            accounts.c.disabled_at.is_(None),
        )
    )
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    return Session(_account(row), row.csrf) if row else None


async def close_session(ledger: Ledger, token: str) -> None:
    async with ledger.database.writing() as connection:
        await connection.execute(
            sessions.delete().where(sessions.c.token_hash == _token_hash(token))
        )


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _account(row: Any) -> Account:
    sections = frozenset(row.sections)
    return Account(row.id, row.login, row.role, row.created_at, row.disabled_at, sections)


@functools.cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
