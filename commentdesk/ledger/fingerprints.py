"""Fingerprints of what came lately: by them floods, bursts and campaigns are told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.memory import Copies, Crowd, Tie
from commentdesk.domain.state import State
from commentdesk.ledger.bulk import insert_rows
from commentdesk.ledger.campaign_orders import campaign_name, standing
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import fingerprints, submissions
from commentdesk.ledger.ways_out import WayOut, forget_ways, keep_ways, sharing

# Bits of 64 that may differ where a least run of words is shared. Of 4,559 honest comments on
# news (train.jsonl) one pair came so near, the same prayer twice; of advertisements with a number
# added and one word changed 98 in 100 stay as near, with three words 84.
NEAR_BITS = 14
# Of what one phone sends: its writer repeats himself, or a flood is rewritten by hand.
NEAR_BITS_OF_ONE_PHONE = 18
_ALL_BITS = 2**64 - 1
_MOST_LOOKED_AT = 1_000
_ONE_DAY = timedelta(days=1)
_LEAST = ("least1", "least2", "least3", "least4")
_WAITING = (str(State.RECEIVED), str(State.HELD))


@dataclass(frozen=True)
class Print:
    """One submission's; the text's parts are None and empty where it is too short to tell."""

    submission: str
    at: datetime
    article: str
    phone_hash: bytes | None
    network_hash: bytes | None
    name_hash: bytes | None
    exact_hash: bytes | None = None
    simhash: int | None = None
    least: tuple[int, ...] = ()
    ways: tuple[WayOut, ...] = ()
    # Of the submission, when it was read.
    version: int = 0


@dataclass(frozen=True)
class Alike:
    """What is like one print: how much, and those that are in no campaign, or one of each."""

    copies: Copies = field(default_factory=Copies)
    ties: dict[str, Tie] = field(default_factory=dict)


async def keep_prints(
    ledger: Ledger, prints: Sequence[Print], corrected: Collection[str] = ()
) -> frozenset[str]:
    """Write them, or anew where they stand; committed before anybody is compared with them.

    So of two workers that check two copies at once, one at least sees the other's. A `corrected`
    text is no longer of the campaign its first wording was of. Those whose later version stands
    by now are left alone, and named: whoever read them stalled, and their reader corrected them.
    """
    fixed = {"submission", "campaign", "tie"}
    renewed = tuple(column.name for column in fingerprints.c if column.name not in fixed)
    # In one order, so that two workers never wait for each other.
    rows = [_row(each) for each in sorted(prints, key=lambda each: each.submission)]

    def keep(connection: sql.Connection) -> frozenset[str]:
        kept = insert_rows(
            connection, fingerprints, rows, once="submission", renewed=renewed, newest="version"
        )
        late = frozenset() if kept == len(rows) else _late(connection, prints)
        anew = set(corrected) - late
        if anew:
            left = fingerprints.update().where(fingerprints.c.submission.in_(anew))
            connection.execute(left.values(campaign=None, tie=None))
        ways = {p.submission: p.ways for p in prints if p.ways and p.submission not in late}
        keep_ways(connection, ways, anew=anew)
        return late

    return await ledger.database.write(keep)


async def alike(
    connection: AsyncConnection,
    prints: Sequence[Print],
    since: datetime,
    *,
    bursts: Collection[bytes] = (),
    lately: datetime | None = None,
) -> dict[str, Alike]:
    """What came since and belongs to these, for those that have such: by the text, by what it
    advertises, and all since `lately` of a phone that is in `bursts`.

    Campaigns that an order stands on are known however long ago they came.
    """
    found = await _like_texts(connection, prints, since)
    marks = {each.submission: _marks(each, bursts) for each in prints}
    shared = await sharing(connection, marks, since, bursts=bursts, lately=lately)
    for submission, ties in shared.items():
        known = found.get(submission, Alike())
        found[submission] = replace(known, ties={**ties, **known.ties})
    return found


def _late(connection: sql.Connection, prints: Sequence[Print]) -> frozenset[str]:
    """Those of which a later version stands."""
    read = {each.submission: each.version for each in prints}
    query = sql.select(fingerprints.c.submission, fingerprints.c.version)
    rows = connection.execute(query.where(fingerprints.c.submission.in_(read)))
    return frozenset(row.submission for row in rows if row.version > read[row.submission])


async def _like_texts(
    connection: AsyncConnection, prints: Sequence[Print], since: datetime
) -> dict[str, Alike]:
    told = [each for each in prints if each.exact_hash is not None]
    if not told:
        return {}
    rows = (await connection.execute(_candidates(told, since))).all()
    by_least: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        for name in _LEAST:
            by_least[getattr(row, name)].append(row)
    found: dict[str, Alike] = {}
    for each in told:
        near = {row.submission: row for least in each.least for row in by_least[least]}
        near.pop(each.submission, None)
        if like := [row for row in near.values() if _is_like(each, row, NEAR_BITS)]:
            found[each.submission] = _alike(each, like, since)
        if each.phone_hash and (looser := [r for r in near.values() if _is_of_one_phone(each, r)]):
            known = found.get(each.submission, Alike())
            ties = {**_one_of_each(looser, Tie.PHONE), **known.ties}
            found[each.submission] = replace(known, ties=ties)
    return found


async def crowds(
    connection: AsyncConnection, prints: Sequence[Print], burst: timedelta
) -> dict[str, Crowd]:
    """How many came with each one's phone, from its address, on its article; one query."""
    lately, until = min(p.at for p in prints) - burst, max(p.at for p in prints)
    c = fingerprints.c
    counted = [
        _counted(c.phone_hash, {p.phone_hash for p in prints}, c.name_hash, lately, until),
        _counted(c.network_hash, {p.network_hash for p in prints}, c.phone_hash, lately, until),
        _counted(c.article, {p.article for p in prints}, None, lately, until),
    ]
    rows = (await connection.execute(sql.union_all(*counted))).all()
    found = {(row.kind, row.hash or row.article): (int(row.number), row.of) for row in rows}

    def of(kind: sql.Column[Any], key: bytes | str | None) -> tuple[int, int]:
        return found.get((kind.name, key), (0, 0))

    return {
        p.submission: Crowd(
            address=of(c.network_hash, p.network_hash)[0],
            phone=of(c.phone_hash, p.phone_hash)[0],
            article=of(c.article, p.article)[0],
            names_of_phone=of(c.phone_hash, p.phone_hash)[1],
            phones_of_address=of(c.network_hash, p.network_hash)[1],
        )
        for p in prints
    }


async def forget_prints(connection: AsyncConnection, before: datetime) -> None:
    """Those of before; but for what still waits for a moderator, so that the desk can fold it, and
    for what an order knows the next ones by.
    """
    waiting = sql.select(submissions.c.id).where(submissions.c.state.in_(_WAITING))
    await connection.execute(
        fingerprints.delete().where(
            fingerprints.c.at < before,
            fingerprints.c.submission.not_in(waiting),
            campaign_name().not_in(standing(now())),
        )
    )
    await forget_ways(connection)


def _candidates(prints: Sequence[Print], since: datetime) -> sql.Select[Any]:
    """The newest that share a least shingle with any; copies share them all."""
    c = fingerprints.c
    shared = [
        c[name].in_({each.least[place] for each in prints}) for place, name in enumerate(_LEAST)
    ]
    wanted = [
        c.submission,
        c.at,
        c.campaign,
        c.phone_hash,
        c.exact_hash,
        c.simhash,
        *(c[name] for name in _LEAST),
    ]
    known = sql.or_(c.at >= since, campaign_name().in_(standing(now())))
    query = sql.select(*wanted).where(known, sql.or_(*shared))
    return query.order_by(c.submission.desc()).limit(_MOST_LOOKED_AT)


def _is_like(each: Print, row: sql.Row[Any], bits: int) -> bool:
    if each.exact_hash == row.exact_hash:
        return True
    if each.simhash is None or row.simhash is None:
        return False
    differing: int = (each.simhash ^ row.simhash) & _ALL_BITS
    return differing.bit_count() <= bits


def _is_of_one_phone(each: Print, row: sql.Row[Any]) -> bool:
    return row.phone_hash == each.phone_hash and _is_like(each, row, NEAR_BITS_OF_ONE_PHONE)


def _alike(each: Print, rows: Sequence[Any], since: datetime) -> Alike:
    late = [row for row in rows if row.at >= since]
    same = sum(row.exact_hash == each.exact_hash for row in late)
    first = min((row.at for row in late), default=None)
    copies = Copies(same=same, near=len(late) - same, since=first)
    return Alike(copies, _one_of_each(rows, Tie.TEXT))


def _one_of_each(rows: Sequence[Any], tie: Tie) -> dict[str, Tie]:
    """Of those in no campaign, and of each campaign one."""
    found = {row.campaign or row.submission: row.submission for row in rows}
    return dict.fromkeys(found.values(), tie)


def _marks(each: Print, bursts: Collection[bytes]) -> dict[bytes, Tie]:
    marks = {way.mark: way.tie for way in each.ways}
    if each.phone_hash and each.phone_hash in bursts:
        marks[each.phone_hash] = Tie.PHONE
    return marks


def _counted(
    key: sql.Column[Any],
    values: Iterable[bytes | str | None],
    of: sql.Column[Any] | None,
    lately: datetime,
    until: datetime,
) -> sql.Select[Any]:
    """By key: how many since `lately`, and how many different `of` within a day."""
    at, is_hash = fingerprints.c.at, isinstance(key.type, sql.LargeBinary)
    since = lately if of is None else min(lately, until - _ONE_DAY)
    return (
        sql.select(
            sql.literal(key.name).label("kind"),
            (key if is_hash else sql.cast(sql.null(), sql.LargeBinary)).label("hash"),
            (sql.cast(sql.null(), sql.Text) if is_hash else key).label("article"),
            sql.func.sum(sql.case((at >= lately, 1), else_=0)).label("number"),
            (sql.literal(0) if of is None else sql.func.count(sql.distinct(of))).label("of"),
        )
        .where(key.in_([value for value in values if value]), at >= since, at <= until)
        .group_by(key)
    )


def _row(each: Print) -> dict[str, Any]:
    least = dict(zip(_LEAST, each.least or (None,) * len(_LEAST), strict=True))
    names = ("submission", "at", "article", "phone_hash", "network_hash", "name_hash")
    text = ("exact_hash", "simhash", "version")
    return {**{name: getattr(each, name) for name in (*names, *text)}, **least}
