"""Bans of phones, addresses and names, by keyed hash: a ban tells nobody whom it is about.

Moderators ban what a submission holds, so that no number needs to be typed or shown. An address
is banned with its /64 where it is IPv6; a name in every spelling that folds to it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.domain.moments import stamp
from commentdesk.domain.text import fold
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.filters import Wanted, within
from commentdesk.ledger.fingerprints import Print
from commentdesk.ledger.tables import bans, submissions


class BanOfAnother(PermissionError):
    """It is its maker's to lift, an editor's or an admin's."""


class NothingToBan(ValueError):
    """The submission holds no such thing, or nothing any more."""


@dataclass(frozen=True)
class Ban:
    """`submission` is where it was taken from; without `until` it has no end.

    A ban holds for the whole site, and is shown to everybody; what it was taken from, and the
    note, to those of that section alone. Others find None and nothing.
    """

    id: str
    kind: BanKind
    submission: str | None
    until: datetime | None
    actor: str
    at: datetime
    note: str


async def ban(  # noqa: PLR0913
    ledger: Ledger,
    submission: str,
    kind: BanKind,
    actor: str,
    *,
    until: datetime | None = None,
    note: str = "",
    sections: frozenset[str] = frozenset(),
    own_only: bool = False,
) -> Ban | None:
    """Ban the phone, address or name of a submission; one that stands is set anew.

    With `own_only` another's ban that stands can become longer alone, and stays theirs. None
    where there is no such submission in these sections.

    Raises:
        NothingToBan: it has no phone, or its personal data was erased.
    """
    async with ledger.database.writing() as connection:
        query = sql.select(submissions).where(submissions.c.id == submission, *within(sections))
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        if (value := _value(ledger, row, kind)) is None:
            raise NothingToBan
        written = Ban(new_id(), kind, submission, until, actor, now(), note)
        standing = await _write(ledger, connection, value, written, own_only=own_only)
        [shown] = await _as_seen_from(sections, connection, [standing])
        detail = {"ban": str(kind), "note": note}
        if until:
            detail["until"] = stamp(until)
        await audits.record(connection, actor, "ban", submission, detail)
    return shown


async def hash_to_ban(ledger: Ledger, submission: str, kind: str) -> bytes | None:
    """By what a ban would match; None where the submission is gone, or has no such thing."""
    query = sql.select(submissions).where(submissions.c.id == submission)
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    return None if row is None else _value(ledger, row, BanKind(kind))


async def waiting_like(
    ledger: Ledger, submission: str, kind: BanKind, sections: frozenset[str] = frozenset()
) -> Wanted | None:
    """What waits with the same phone, from the same address, or under the same name.

    None where the submission has no such thing any more.
    """
    query = sql.select(submissions).where(submissions.c.id == submission)
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).one()
    wanted = Wanted(view="waiting", sections=sections)
    match kind:
        case BanKind.PHONE:
            narrowed = replace(wanted, phone=row.phone_hash)
        case BanKind.ADDRESS:
            narrowed = replace(wanted, network=row.network_hash)
        case BanKind.NAME:
            narrowed = replace(wanted, same_name=row.folded_name)
    # Without it all would be meant that waits.
    return None if narrowed == wanted or not _value(ledger, row, kind) else narrowed


async def list_bans(
    ledger: Ledger,
    cursor: str | None = None,
    limit: int = 50,
    sections: frozenset[str] = frozenset(),
) -> Sequence[Ban]:
    """The newest before `cursor` (a ban's id), those that have ended too, as seen from sections."""
    query = sql.select(bans).order_by(bans.c.id.desc()).limit(limit)
    if cursor:
        query = query.where(bans.c.id < cursor)
    async with ledger.database.reading() as connection:
        found = [_ban(row) for row in await connection.execute(query)]
        return await _as_seen_from(sections, connection, found)


async def lift_ban(ledger: Ledger, ban_id: str, actor: str, *, own_only: bool = False) -> bool:
    """Whether there was such a ban; there is none now.

    Raises:
        BanOfAnother: with `own_only`, somebody else made it.
    """
    this = bans.c.id == ban_id
    async with ledger.database.writing() as connection:
        # Locked: who sets it anew just now makes it theirs, and takes turns.
        row = (await connection.execute(sql.select(bans).where(this).with_for_update())).first()
        if row is None:
            return False
        if own_only and row.actor != actor:
            raise BanOfAnother
        await connection.execute(bans.delete().where(this))
        await audits.record(connection, actor, "lift_ban", row.submission, {"ban": row.kind})
    return True


async def banned(
    connection: AsyncConnection, prints: Sequence[Print], at: datetime
) -> dict[str, frozenset[BanKind]]:
    """What of each one's is banned at this time, by submission; one query."""
    values = {each.submission: _values(each) for each in prints}
    wanted = {pair for pairs in values.values() for pair in pairs}
    if not wanted:
        return {}
    query = sql.select(bans.c.kind, bans.c.value_hash).where(
        bans.c.value_hash.in_({value for _, value in wanted}),
        sql.or_(bans.c.until.is_(None), bans.c.until > at),
    )
    standing = {(row.kind, row.value_hash) for row in await connection.execute(query)}
    found: defaultdict[str, set[BanKind]] = defaultdict(set)
    for submission, pairs in values.items():
        found[submission] = {kind for kind, value in pairs if (str(kind), value) in standing}
    return {submission: frozenset(kinds) for submission, kinds in found.items()}


async def bans_on(ledger: Ledger, connection: AsyncConnection, row: Any, at: datetime) -> list[Ban]:
    """The bans that hold at this time on what a row of submissions has, the newest first."""
    pairs = [(str(kind), value) for kind in BanKind if (value := _value(ledger, row, kind))]
    query = sql.select(bans).where(
        sql.tuple_(bans.c.kind, bans.c.value_hash).in_(pairs),
        sql.or_(bans.c.until.is_(None), bans.c.until > at),
    )
    rows = await connection.execute(query.order_by(bans.c.id.desc()))
    return [_ban(row) for row in rows]


async def forget_ended(connection: AsyncConnection, at: datetime) -> None:
    """What has ended is nobody's to keep."""
    await connection.execute(bans.delete().where(bans.c.until <= at))


def name_hash(ledger: Ledger, name: str) -> bytes | None:
    """The keyed hash of a name as compared."""
    return ledger.hashed(fold(name))


def _values(each: Print) -> list[tuple[BanKind, bytes]]:
    known = (
        (BanKind.PHONE, each.phone_hash),
        (BanKind.ADDRESS, each.network_hash),
        (BanKind.NAME, each.name_hash),
    )
    return [(kind, value) for kind, value in known if value]


def _value(ledger: Ledger, row: Any, kind: BanKind) -> bytes | None:
    match kind:
        case BanKind.PHONE:
            value: bytes | None = row.phone_hash
        case BanKind.ADDRESS:
            value = row.network_hash
        case BanKind.NAME:
            value = name_hash(ledger, row.name)
    return value


async def _write(
    ledger: Ledger, connection: AsyncConnection, value: bytes, written: Ban, *, own_only: bool
) -> Ban:
    statement = ledger.insert(bans)
    new = statement.excluded
    names = ("submission", "until", "actor", "at", "note")
    changed = {name: new[name] for name in names}
    if own_only:
        # Decided by the database, so that of two at once the second knows of the first.
        theirs = sql.and_(
            bans.c.actor != new.actor, sql.or_(bans.c.until.is_(None), bans.c.until > new.at)
        )
        is_longer = sql.and_(
            bans.c.until.is_not(None), sql.or_(new.until.is_(None), new.until > bans.c.until)
        )
        changed = {name: sql.case((theirs, bans.c[name]), else_=new[name]) for name in names}
        kept = sql.and_(theirs, sql.not_(is_longer))
        changed["until"] = sql.case((kept, bans.c.until), else_=new.until)
    row = {**written.__dict__, "kind": str(written.kind), "value_hash": value}
    made = await connection.execute(
        statement.values(row)
        .on_conflict_do_update(index_elements=["kind", "value_hash"], set_=changed)
        .returning(*bans.c)
    )
    return _ban(made.one())


async def _as_seen_from(
    sections: frozenset[str], connection: AsyncConnection, found: list[Ban]
) -> list[Ban]:
    if not sections:
        return found
    query = sql.select(submissions.c.id).where(
        submissions.c.id.in_([each.submission for each in found]), *within(sections)
    )
    ours = set(await connection.scalars(query))
    return [
        each if each.submission in ours else replace(each, submission=None, note="")
        for each in found
    ]


def _ban(row: Any) -> Ban:
    names = ("id", "submission", "until", "actor", "at", "note")
    return Ban(kind=BanKind(row.kind), **{name: getattr(row, name) for name in names})
