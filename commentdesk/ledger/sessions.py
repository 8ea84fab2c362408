"""Sessions: who is logged in, from where and since when; tokens are kept as hashes alone."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.accounts import (
    Account,
    account_of,
    is_unchanged,
    record_about,
    select_accounts,
)
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import accounts, sessions
from commentdesk.settings import Settings

# Seen is written at most so often: a moderator asks for a page every few seconds.
_SEEN_APART = timedelta(minutes=5)
_WRITES_AN_IDLE_TIME = 4


@dataclass(frozen=True)
class Visit:
    """What a log-in came from, as it may be kept: a browser in two words, a masked address."""

    browser: str = ""
    address: str = ""


@dataclass(frozen=True)
class Session:
    account: Account
    csrf: str
    # Tells sessions apart and opens none: a hash of the token.
    id: str
    created_at: datetime
    seen_at: datetime
    visit: Visit


async def open_session(ledger: Ledger, account: Account, visit: Visit, means: str) -> str | None:
    """A fresh session; the token to give to the browser, of which only a hash is kept.

    `means` is what was shown to get it, for the audit. None where the account has changed since:
    what was shown may not be enough any more.
    """
    token, at = secrets.token_urlsafe(32), now()
    row = {
        "token_hash": token_hash(token),
        "account": account.id,
        "csrf": secrets.token_urlsafe(32),
        "created_at": at,
        "expires_at": at + timedelta(hours=ledger.settings.session_hours),
        "seen_at": at,
        "browser": visit.browser,
        "address": visit.address,
    }
    async with ledger.database.writing() as connection:
        if not await is_unchanged(connection, account):
            return None
        await connection.execute(sessions.delete().where(~_alive(ledger.settings)))
        await connection.execute(sessions.insert(), row)
        await audits.record(connection, account.login, "log_in", None, {"means": means})
    return token


async def session(ledger: Ledger, token: str) -> Session | None:
    """The live session of this token, or None."""
    found = await _sessions(ledger, sessions.c.token_hash == token_hash(token))
    return found[0] if found else None


async def sessions_of(ledger: Ledger, account: str) -> Sequence[Session]:
    """The account's live sessions, the newest first."""
    return await _sessions(ledger, sessions.c.account == account)


async def note_seen(ledger: Ledger, found: Session) -> None:
    """Keep that the session was used; most calls write nothing."""
    apart = _SEEN_APART
    if idle := ledger.settings.session_idle_minutes:
        apart = min(apart, timedelta(minutes=idle) / _WRITES_AN_IDLE_TIME)
    if now() - found.seen_at < apart:
        return
    async with ledger.database.writing() as connection:
        await connection.execute(sessions.update().where(_is(found.id)).values(seen_at=now()))


async def renew_session(ledger: Ledger, found: Session) -> str:
    """Another token for a session whose rights have changed; the old one and its csrf are void."""
    token = secrets.token_urlsafe(32)
    renewed = {"token_hash": token_hash(token), "csrf": secrets.token_urlsafe(32)}
    async with ledger.database.writing() as connection:
        await connection.execute(sessions.update().where(_is(found.id)).values(renewed))
    return token


async def close_session(ledger: Ledger, token: str) -> None:
    async with ledger.database.writing() as connection:
        await connection.execute(
            sessions.delete().where(sessions.c.token_hash == token_hash(token))
        )


async def sign_out(ledger: Ledger, account: str, actor: str, only: str = "", but: str = "") -> int:
    """End an account's sessions: all, one, or all but one (by session id); how many."""
    async with ledger.database.writing() as connection:
        count = await end_sessions(connection, account, only=only, but=but)
        if count:
            await record_about(connection, actor, "sign_out", account, count=count)
    return count


async def end_sessions(
    connection: AsyncConnection, account: str, *, only: str = "", but: str = ""
) -> int:
    """The same in the caller's transaction, not written down."""
    ended = sessions.delete().where(sessions.c.account == account)
    if only:
        ended = ended.where(_is(only))
    if but:
        ended = ended.where(~_is(but))
    return (await connection.execute(ended)).rowcount


def token_hash(token: str) -> bytes:
    """What is kept of a token: it is long and random, so that a plain hash hides it."""
    return hashlib.sha256(token.encode()).digest()


async def _sessions(ledger: Ledger, which: sql.ColumnElement[bool]) -> Sequence[Session]:
    kept = [column for column in sessions.c if column.name not in {"account", "created_at"}]
    query = (
        select_accounts(*kept, sessions.c.created_at.label("opened_at"))
        .join(sessions, sessions.c.account == accounts.c.id)
        .where(which, _alive(ledger.settings), accounts.c.disabled_at.is_(None))
        .order_by(sessions.c.created_at.desc())
    )
    async with ledger.database.reading() as connection:
        return [_session(row) for row in await connection.execute(query)]


def _session(row: Any) -> Session:
    visit = Visit(row.browser, row.address)
    return Session(
        account_of(row), row.csrf, row.token_hash.hex(), row.opened_at, row.seen_at, visit
    )


def _alive(settings: Settings) -> sql.ColumnElement[bool]:
    """Neither too old nor idle for too long."""
    at = now()
    alive = sessions.c.expires_at > at
    if settings.session_idle_minutes:
        idle = timedelta(minutes=settings.session_idle_minutes)
        alive = sql.and_(alive, sessions.c.seen_at > at - idle)
    return alive


def _is(session_id: str) -> sql.ColumnElement[bool]:
    try:
        return sessions.c.token_hash == bytes.fromhex(session_id)
    except ValueError:
        return sql.false()
