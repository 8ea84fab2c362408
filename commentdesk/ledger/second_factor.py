"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes beside them.

Six digits, SHA-1, a step of 30 seconds: what every authenticator understands.
"""

import hashlib
import hmac
import secrets
import unicodedata

import pyotp
import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger import audit as audits
from commentdesk.ledger.accounts import Account, lock_account, record_about
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.sessions import end_sessions
from commentdesk.ledger.tables import recovery_codes, second_factors
from commentdesk.log import log
from commentdesk.sealing import Unsealable

# One step early or late: clocks differ, and typing takes time (RFC 6238 §5.2).
_STEPS = (-1, 0, 1)
_STEP_SECONDS = 30
_RECOVERY_CODES = 10
# Without what is easily misread. Sixteen of 31 letters are 79 bits: a plain hash hides them.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LETTERS = 4, 4


async def begin_second_factor(ledger: Ledger, account: Account) -> None:
    """Make a secret, in place of one that was not confirmed; it counts once it is."""
    row = {
        "account": account.id,
        "secret": ledger.seal(pyotp.random_base32(), _context(account)),
        "created_at": now(),
    }
    added = ledger.insert(second_factors).values(row)
    added = added.on_conflict_do_update(
        index_elements=["account"],
        set_={"secret": row["secret"], "created_at": row["created_at"]},
        where=second_factors.c.confirmed_at.is_(None),
    )
    async with ledger.database.writing() as connection:
        await connection.execute(added)


async def unconfirmed_secret(ledger: Ledger, account: Account) -> str | None:
    """The secret, in base32, that waits to be confirmed; a confirmed one is never shown again."""
    sealed = await _sealed(ledger, account, second_factors.c.confirmed_at.is_(None))
    return _unsealed(ledger, account, sealed) or None


def address_of(secret: str, account: Account, site_name: str) -> str:
    """What the authenticator reads from the picture (an `otpauth:` address)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=site_name)


async def confirm_second_factor(
    ledger: Ledger, account: Account, code: str, session: str
) -> list[str] | None:
    """Turn it on with its first code: the recovery codes, shown this once; None: a wrong code.

    All of the account's sessions but `session` end: they were opened without it.
    """
    sealed = await _sealed(ledger, account, second_factors.c.confirmed_at.is_(None))
    step = _step_of(_unsealed(ledger, account, sealed), code)
    if step is None:
        return None
    # This secret, and not one that another window has begun with meanwhile.
    same = sql.and_(second_factors.c.account == account.id, second_factors.c.secret == sealed)
    confirmed = (
        second_factors.update()
        .where(same, second_factors.c.confirmed_at.is_(None))
        .values(confirmed_at=now(), last_step=step)
    )
    async with ledger.database.writing() as connection:
        # Log-ins that are on their way without it wait, and then find it.
        await lock_account(connection, account.id)
        if not (await connection.execute(confirmed)).rowcount:
            return None
        codes = await _replace_recovery_codes(connection, account)
        await end_sessions(connection, account.id, but=session)
        await audits.record(connection, account.login, "add_second_factor", None, {})
    return codes


async def accepts_code(ledger: Ledger, account: Account, code: str) -> str | None:
    """Take a code, once: what it was (for the audit), or None where it is not accepted."""
    if _digits(code):
        return "second_factor" if await _accepts_step(ledger, account, code) else None
    spent = recovery_codes.delete().where(
        recovery_codes.c.account == account.id, recovery_codes.c.code_hash == _code_hash(code)
    )
    async with ledger.database.writing() as connection:
        was_there = (await connection.execute(spent)).rowcount == 1
    return "recovery_code" if was_there else None


async def remove_second_factor(
    ledger: Ledger, account: str, actor: str, kept_session: str = ""
) -> None:
    """Turn it off; its recovery codes go with it, and, where one is kept, other sessions."""
    async with ledger.database.writing() as connection:
        await connection.execute(recovery_codes.delete().where(recovery_codes.c.account == account))
        gone = second_factors.delete().where(second_factors.c.account == account)
        if not (await connection.execute(gone)).rowcount:
            return
        if kept_session:
            await end_sessions(connection, account, but=kept_session)
        await record_about(connection, actor, "remove_second_factor", account)


async def renew_recovery_codes(ledger: Ledger, account: Account) -> list[str]:
    """Ten new ones, shown this once; those before are void."""
    async with ledger.database.writing() as connection:
        codes = await _replace_recovery_codes(connection, account)
        await audits.record(connection, account.login, "renew_recovery_codes", None, {})
    return codes


async def recovery_codes_left(ledger: Ledger, account: Account) -> int:
    query = sql.select(sql.func.count()).where(recovery_codes.c.account == account.id)
    async with ledger.database.reading() as connection:
        return int(await connection.scalar(query) or 0)


async def _accepts_step(ledger: Ledger, account: Account, code: str) -> bool:
    sealed = await _sealed(ledger, account, second_factors.c.confirmed_at.is_not(None))
    step = _step_of(_unsealed(ledger, account, sealed), code)
    if step is None:
        return False
    # Of all who come with one code at once, one finds the step still unused.
    taken = (
        second_factors.update()
        .where(second_factors.c.account == account.id, second_factors.c.last_step < step)
        .values(last_step=step)
    )
    async with ledger.database.writing() as connection:
        return (await connection.execute(taken)).rowcount == 1


async def _sealed(ledger: Ledger, account: Account, which: sql.ColumnElement[bool]) -> bytes | None:
    query = sql.select(second_factors.c.secret).where(second_factors.c.account == account.id, which)
    async with ledger.database.reading() as connection:
        sealed: bytes | None = await connection.scalar(query)
    return sealed


def _unsealed(ledger: Ledger, account: Account, sealed: bytes | None) -> str:
    """The secret; empty for none, and for one that cannot be read."""
    try:
        return ledger.unseal(sealed, _context(account))
    except Unsealable:
        # Sealed with another COMMENTDESK_SECRET: recovery codes still serve, or an admin.
        log.error("second_factor_unreadable", account=account.id)
        return ""


def _context(account: Account) -> str:
    return f"second factor of {account.id}"


def _step_of(secret: str, code: str) -> int | None:
    """The step of time whose code this is; all are compared, whichever it is."""
    if not secret:
        return None
    current, digits = int(now().timestamp()) // _STEP_SECONDS, _digits(code)
    totp, found = pyotp.TOTP(secret), None
    for step in (current + away for away in _STEPS):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def _digits(code: str) -> str:
    """The six digits of a code as people type it; empty for anything else."""
    plain = "".join(unicodedata.normalize("NFKC", code).split())
    return plain if plain.isascii() and plain.isdecimal() and len(plain) == 6 else ""  # noqa: PLR2004


async def _replace_recovery_codes(connection: AsyncConnection, account: Account) -> list[str]:
    codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    await connection.execute(recovery_codes.delete().where(recovery_codes.c.account == account.id))
    rows = [{"account": account.id, "code_hash": _code_hash(code)} for code in codes]
    await connection.execute(recovery_codes.insert(), rows)
    return codes


def _recovery_code() -> str:
    groups = (
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def _code_hash(code: str) -> bytes:
    typed = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(typed.encode()).digest()
