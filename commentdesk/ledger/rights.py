"""Changing what an account may do, and shutting it out; an admin who can log in is always left."""

from collections.abc import Iterable

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.ledger.accounts import Role, record_about
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.sessions import end_sessions
from commentdesk.ledger.tables import accounts, identities
from commentdesk.ledger.tickets import revoke


class LastAdmin(ValueError):
    """Nobody would be left who says who may log in."""


async def disable_account(ledger: Ledger, account: str, actor: str) -> None:
    """Shut an account out at once: its sessions and links end too.

    Raises:
        LastAdmin
    """
    async with ledger.database.writing() as connection:
        await _keep_an_admin(connection, without=account)
        await connection.execute(
            accounts.update().where(accounts.c.id == account).values(disabled_at=now())
        )
        await end_sessions(connection, account)
        await revoke(connection, account)
        await record_about(connection, actor, "disable_account", account)


async def enable_account(ledger: Ledger, account: str, actor: str) -> None:
    """Let an account in again, with the password and the second factor it had."""
    enabled = (
        accounts.update()
        .where(accounts.c.id == account, accounts.c.disabled_at.is_not(None))
        .values(disabled_at=None)
    )
    async with ledger.database.writing() as connection:
        if (await connection.execute(enabled)).rowcount:
            await record_about(connection, actor, "enable_account", account)


async def change_rights(
    ledger: Ledger, account: str, role: str, sections: Iterable[str], actor: str
) -> None:
    """Another role, other sections. A changed role ends the account's sessions: no token that
    was given for one role serves another.

    Raises:
        LastAdmin, ValueError (unknown role).
    """
    role, listed = str(Role(role)), sorted(sections)
    query = sql.select(accounts.c.role, accounts.c.sections).where(accounts.c.id == account)
    async with ledger.database.writing() as connection:
        if role != Role.ADMIN:
            await _keep_an_admin(connection, without=account)
        row = (await connection.execute(query.with_for_update())).first()
        if row is None or (row.role, row.sections) == (role, listed):
            return
        await connection.execute(
            accounts.update().where(accounts.c.id == account).values(role=role, sections=listed)
        )
        if row.role != role:
            await end_sessions(connection, account)
        detail = {"role": role, "sections": ", ".join(listed)}
        await record_about(connection, actor, "change_rights", account, **detail)


async def _keep_an_admin(connection: AsyncConnection, without: str) -> None:
    """Refuse where no other admin can log in.

    Their rows are locked, so that two admins who shut each other out take turns: the second
    finds the first's deed. SQLite's writers take turns by themselves.
    """
    identity = sql.exists().where(identities.c.account == accounts.c.id)
    query = (
        sql.select(accounts.c.id)
        .where(
            accounts.c.role == str(Role.ADMIN),
            accounts.c.disabled_at.is_(None),
            sql.or_(accounts.c.password_hash != "", identity),
        )
        .order_by(accounts.c.id)
        .with_for_update()
    )
    left = set((await connection.scalars(query)).all())
    if without in left and len(left) == 1:
        raise LastAdmin
