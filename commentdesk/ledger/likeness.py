"""Why campaigns are campaigns, for a moderator: on cards, and of orders."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.memory import Tie
from commentdesk.domain.state import State
from commentdesk.ledger.campaign_orders import CampaignOrder, campaign_name
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.filters import within
from commentdesk.ledger.tables import fingerprints, submissions, ways_out
from commentdesk.ledger.ways_out import FEWEST
from commentdesk.sealing import Unsealable

_MOST_SHOWN = 3


@dataclass(frozen=True)
class Common:
    """What so many have in common; `shown` is a host or contact, a number masked, or empty."""

    tie: Tie
    count: int
    shown: str = ""


async def waiting_by_tie(
    connection: AsyncConnection, campaigns: set[str], sections: frozenset[str]
) -> dict[str, Counter[Tie]]:
    """How many of each campaign wait for a moderator of these sections, by what tied them to it."""
    found: defaultdict[str, Counter[Tie]] = defaultdict(Counter)
    if not campaigns:
        return found
    c, waits = fingerprints.c, submissions.c.state == str(State.HELD)
    query = (
        sql.select(c.campaign, c.tie, sql.func.count())
        .join(submissions, submissions.c.id == c.submission)
        .where(c.campaign.in_(campaigns), waits, *within(sections))
        .group_by(c.campaign, c.tie)
    )
    for campaign, tie, count in await connection.execute(query):
        found[campaign][_tie(tie)] += count
    return found


async def most_shared(
    ledger: Ledger, connection: AsyncConnection, ids: Collection[str]
) -> dict[str, dict[Tie, str]]:
    """What each of these advertises together with others: of each kind what most do."""
    other = ways_out.alias()
    carriers = sql.select(sql.func.count()).where(other.c.mark == ways_out.c.mark).scalar_subquery()
    query = sql.select(ways_out, carriers.label("carriers")).where(ways_out.c.submission.in_(ids))
    found: defaultdict[str, dict[Tie, str]] = defaultdict(dict)
    rows = (await connection.execute(query)).all() if ids else []
    for row in sorted(rows, key=lambda row: -row.carriers):
        if row.carriers > 1:
            found[row.submission].setdefault(Tie(row.tie), _shown(ledger, row))
    return found


async def goes_by(ledger: Ledger, orders: Sequence[CampaignOrder]) -> dict[str, list[Common]]:
    """What the next ones are told by that each order is for, by its campaign."""
    names = {order.campaign for order in orders}
    alone = {order.alone for order in orders if order.alone}
    async with ledger.database.reading() as connection:
        found = await _texts_and_phones(connection, names)
        ways = await _ways(connection, names, alone)
        one_of_each = ways_out.c.submission.in_({row.carrier for row in ways})
        rows = await connection.execute(sql.select(ways_out).where(one_of_each))
        shown = {(row.submission, row.mark): _shown(ledger, row) for row in rows}
    for row in ways:
        said = shown.get((row.carrier, row.mark), "")
        if sum(each.tie == row.tie for each in found[row.name]) < _MOST_SHOWN:
            found[row.name].append(Common(Tie(row.tie), row.carriers, said))
    return found


async def _texts_and_phones(
    connection: AsyncConnection, names: Collection[str]
) -> defaultdict[str, list[Common]]:
    c, name = fingerprints.c, campaign_name().label("name")
    by_phone = sql.func.sum(sql.case((c.tie == str(Tie.PHONE), 1), else_=0))
    query = sql.select(name, sql.func.count(c.exact_hash).label("texts"), by_phone.label("phones"))
    rows = await connection.execute(query.where(_of(names)).group_by(name))
    found: defaultdict[str, list[Common]] = defaultdict(list)
    for row in rows:
        counts = {Tie.TEXT: row.texts, Tie.PHONE: row.phones}
        found[row.name] += [Common(tie, count) for tie, count in counts.items() if count]
    return found


async def _ways(
    connection: AsyncConnection, names: Collection[str], alone: Collection[str]
) -> Sequence[sql.Row[Any]]:
    """What is advertised by enough of each campaign, or by what stood alone; most first."""
    name, count = campaign_name().label("name"), sql.func.count().label("carriers")
    carrier = sql.func.min(ways_out.c.submission)
    meant = sql.func.max(sql.case((ways_out.c.submission.in_(alone), 1), else_=0))
    query = (
        sql.select(name, ways_out.c.tie, ways_out.c.mark, count, carrier.label("carrier"))
        .join(fingerprints, fingerprints.c.submission == ways_out.c.submission)
        .where(_of(names))
        .group_by(name, ways_out.c.tie, ways_out.c.mark)
        .having(sql.or_(sql.func.count() >= FEWEST, meant == 1))
        .order_by(sql.desc("carriers"))
    )
    return (await connection.execute(query)).all()


def _of(names: Collection[str]) -> sql.ColumnElement[bool]:
    return sql.or_(fingerprints.c.campaign.in_(names), fingerprints.c.submission.in_(names))


def _tie(stored: str | None) -> Tie:
    return Tie(stored) if stored else Tie.TEXT


def _shown(ledger: Ledger, row: sql.Row[Any]) -> str:
    """Empty where it was sealed with another secret than today's."""
    try:
        return ledger.unseal(row.shown_sealed, row.submission)
    except Unsealable:
        return ""
