"""Fingerprints of what came lately: by them floods, bursts and campaigns are told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.memory import Copies, Crowd
from commentdesk.domain.state import State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import fingerprints, submissions

# Bits of 64 that may differ where a least run of words is shared. Of 4,559 honest comments on
# news (train.jsonl) one pair came so near, the same prayer twice; of advertisements with a number
# added and one word changed 98 in 100 stay as near, with three words 84.
NEAR_BITS = 14
_ALL_BITS = 2**64 - 1
_MOST_LOOKED_AT = 2_000
_ONE_DAY = timedelta(days=1)
_LEAST = ("least1", "least2", "least3", "least4")
_WAITING = (str(State.RECEIVED), str(State.HELD))
# Any number; who joins campaigns takes turns (PostgreSQL; on SQLite writers do anyway).
_TURN = 20_200_625


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


@dataclass(frozen=True)
class Alike:
    """What is like one print: how much, and which ones."""

    copies: Copies
    others: frozenset[str]


async def keep_prints(ledger: Ledger, prints: Sequence[Print]) -> None:
    """Write them, or anew where they stand; committed before anybody is compared with them.

    So of two workers that check two copies at once, one at least sees the other's.
    """
    statement = ledger.insert(fingerprints)
    fixed = {"submission", "campaign"}
    changed = {c.name: statement.excluded[c.name] for c in fingerprints.c if c.name not in fixed}
    async with ledger.database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["submission"], set_=changed),
            # In one order, so that two workers never wait for each other.
            [_row(each) for each in sorted(prints, key=lambda each: each.submission)],
        )


async def alike(
    connection: AsyncConnection, prints: Sequence[Print], since: datetime
) -> dict[str, Alike]:
    """What came since with the same or nearly the same text, for those that have such."""
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
        if like := [row for row in near.values() if _is_like(each, row)]:
            found[each.submission] = _alike(each, like)
    return found


async def crowds(
    connection: AsyncConnection, prints: Sequence[Print], burst: timedelta
) -> dict[str, Crowd]:
    """How many came with each one's phone, from its address, on its article."""
    lately = min(each.at for each in prints) - burst
    until = max(each.at for each in prints)
    c = fingerprints.c
    by_phone = await _counted(
        connection, c.phone_hash, {p.phone_hash for p in prints}, c.name_hash, (lately, until)
    )
    by_network = await _counted(
        connection, c.network_hash, {p.network_hash for p in prints}, c.phone_hash, (lately, until)
    )
    by_article = await _on_articles(connection, {p.article for p in prints}, (lately, until))
    nobody = (0, 0)
    return {
        each.submission: Crowd(
            address=by_network.get(each.network_hash, nobody)[0],
            phone=by_phone.get(each.phone_hash, nobody)[0],
            article=by_article.get(each.article, 0),
            names_of_phone=by_phone.get(each.phone_hash, nobody)[1],
            phones_of_address=by_network.get(each.network_hash, nobody)[1],
        )
        for each in prints
    }


async def join_campaigns(ledger: Ledger, found: dict[str, Alike]) -> None:
    """Put each with what it is like into one campaign, named for its first member.

    Campaigns that a new member connects become one.
    """
    async with ledger.database.writing() as connection:
        if ledger.database.dialect == "postgresql":
            await connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_TURN)))
        for submission, each in sorted(found.items()):
            await _join(connection, {submission, *each.others})


async def forget_prints(connection: AsyncConnection, before: datetime) -> None:
    """Those of before, but for what still waits for a moderator, so that the desk can fold it."""
    waiting = sql.select(submissions.c.id).where(submissions.c.state.in_(_WAITING))
    await connection.execute(
        fingerprints.delete().where(
            fingerprints.c.at < before, fingerprints.c.submission.not_in(waiting)
        )
    )


async def _join(connection: AsyncConnection, members: Collection[str]) -> None:
    """Read anew, now that nobody else joins any."""
    query = sql.select(fingerprints.c.submission, fingerprints.c.campaign)
    rows = (await connection.execute(query.where(fingerprints.c.submission.in_(members)))).all()
    names = {row.campaign for row in rows if row.campaign}
    first = min(names | {row.submission for row in rows}, default=None)
    outside = [row.submission for row in rows if row.campaign != first]
    if first is None or not outside:
        return
    belongs = sql.or_(
        fingerprints.c.submission.in_(outside), fingerprints.c.campaign.in_(names - {first})
    )
    await connection.execute(fingerprints.update().where(belongs).values(campaign=first))


def _candidates(prints: Sequence[Print], since: datetime) -> sql.Select[Any]:
    """The newest that share a least shingle with any; copies share them all."""
    c = fingerprints.c
    shared = [
        c[name].in_({each.least[place] for each in prints}) for place, name in enumerate(_LEAST)
    ]
    wanted = [c.submission, c.at, c.exact_hash, c.simhash, *(c[name] for name in _LEAST)]
    query = sql.select(*wanted).where(c.at >= since, sql.or_(*shared))
    return query.order_by(c.submission.desc()).limit(_MOST_LOOKED_AT)


def _is_like(each: Print, row: sql.Row[Any]) -> bool:
    if each.exact_hash == row.exact_hash:
        return True
    if each.simhash is None or row.simhash is None:
        return False
    differing: int = (each.simhash ^ row.simhash) & _ALL_BITS
    return differing.bit_count() <= NEAR_BITS


def _alike(each: Print, rows: Sequence[Any]) -> Alike:
    same = sum(row.exact_hash == each.exact_hash for row in rows)
    first = min(row.at for row in rows)
    copies = Copies(same=same, near=len(rows) - same, since=first)
    return Alike(copies, frozenset(row.submission for row in rows))


async def _counted(
    connection: AsyncConnection,
    key: sql.Column[Any],
    values: Iterable[bytes | None],
    of: sql.Column[Any],
    burst: tuple[datetime, datetime],
) -> dict[bytes | None, tuple[int, int]]:
    """By key: how many in the burst's time, and how many different `of` within a day."""
    lately, until = burst
    in_burst = sql.func.sum(sql.case((fingerprints.c.at >= lately, 1), else_=0))
    query = (
        sql.select(key, in_burst.label("number"), sql.func.count(sql.distinct(of)).label("of"))
        .where(key.in_([value for value in values if value]))
        .where(fingerprints.c.at >= min(lately, until - _ONE_DAY), fingerprints.c.at <= until)
        .group_by(key)
    )
    rows = await connection.execute(query)
    return {row[0]: (int(row.number), row.of) for row in rows}


async def _on_articles(
    connection: AsyncConnection, articles: Collection[str], burst: tuple[datetime, datetime]
) -> dict[str, int]:
    c = fingerprints.c
    query = sql.select(c.article, sql.func.count().label("number"))
    query = query.where(c.article.in_(articles), c.at >= burst[0], c.at <= burst[1])
    rows = await connection.execute(query.group_by(c.article))
    return {row.article: row.number for row in rows}


def _row(each: Print) -> dict[str, Any]:
    least = dict(zip(_LEAST, each.least or (None,) * len(_LEAST), strict=True))
    names = ("submission", "at", "article", "phone_hash", "network_hash", "name_hash")
    known = {name: getattr(each, name) for name in names}
    return {**known, "exact_hash": each.exact_hash, "simhash": each.simhash, **least}
