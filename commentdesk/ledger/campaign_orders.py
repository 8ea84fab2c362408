"""Orders on campaigns: what a moderator wants done with the next ones like this, for a time.

An order stands on the campaign of the submission it was made from, or, where nothing like that
came yet, on the submission itself: it will name the campaign, or be moved to it. It catches what
joins the campaign, by the text or by what it advertises, and nothing more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.memory import Ordered
from commentdesk.domain.moments import stamp
from commentdesk.domain.state import Action
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import campaign_orders, fingerprints, submissions, ways_out

# Any number; who joins campaigns or orders on one takes turns (PostgreSQL; on SQLite writers do
# anyway).
_TURN = 20_200_625
_NAMES = ("campaign", "action", "until", "actor", "at", "alone")


class NothingAlike(ValueError):
    """The text is too short to tell others like it, or its fingerprint is forgotten."""


@dataclass(frozen=True)
class CampaignOrder:
    """`caught` is how many like it were received since; `title` is its first one's.

    `alone` is the submission it was made from, where that stood alone.
    """

    campaign: str
    action: Action
    until: datetime
    actor: str
    at: datetime
    alone: str | None = None
    caught: int = 0
    title: str = ""


async def order_next(
    ledger: Ledger, submission: str, action: Action, actor: str, until: datetime
) -> CampaignOrder | None:
    """Have the next ones like a submission held or rejected; an order that stands is set anew.

    `submission` may be a campaign's name, too. None where there is no such submission.

    Raises:
        NothingAlike: no other submission could be told to be like this one.
    """
    async with ledger.database.writing() as connection:
        await take_turn(ledger, connection)
        campaign, alone = await _campaign_of(connection, submission)
        if campaign is None:
            query = sql.select(submissions.c.id).where(submissions.c.id == submission)
            if (await connection.execute(query)).first() is None:
                return None
            raise NothingAlike
        stands_alone = campaign if alone else None
        made = CampaignOrder(campaign, action, until, actor, now(), alone=stands_alone)
        row = {name: getattr(made, name) for name in _NAMES} | {"action": str(action)}
        statement = ledger.insert(campaign_orders)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["campaign"], set_=row), row
        )
        detail = {"order": str(action), "until": stamp(until)}
        await audits.record(connection, actor, "order_campaign", submission, detail)
    return made


async def end_order(ledger: Ledger, submission: str, actor: str) -> bool:
    """Whether there was an order on the campaign of that name or of that submission; now none."""
    async with ledger.database.writing() as connection:
        await take_turn(ledger, connection)
        campaign, _ = await _campaign_of(connection, submission)
        names = {submission, campaign} - {None}
        ended = await connection.execute(
            campaign_orders.delete().where(campaign_orders.c.campaign.in_(names))
        )
        if ended.rowcount:
            await audits.record(connection, actor, "end_campaign_order", submission, {})
    return bool(ended.rowcount)


async def list_orders(ledger: Ledger) -> list[CampaignOrder]:
    """Those that stand, the newest first."""
    c = campaign_orders.c
    caught = (
        sql.select(sql.func.count())
        .where(fingerprints.c.campaign == c.campaign, fingerprints.c.at >= c.at)
        .scalar_subquery()
    )
    query = (
        sql.select(campaign_orders, caught.label("caught"), submissions.c.title)
        .outerjoin(submissions, submissions.c.id == c.campaign)
        .where(c.until > now())
        .order_by(c.at.desc())
    )
    async with ledger.database.reading() as connection:
        return [_order(row) for row in await connection.execute(query)]


async def orders_on(
    connection: AsyncConnection, ids: Collection[str], at: datetime
) -> dict[str, Ordered]:
    """What is ordered for these, by submission; one question, so that no merge comes between."""
    c = campaign_orders.c
    query = (
        sql.select(fingerprints.c.submission, c.action, c.until, c.actor)
        .join(campaign_orders, c.campaign == campaign_name())
        .where(fingerprints.c.submission.in_(ids), c.until > at)
    )
    rows = await connection.execute(query)
    return {row.submission: Ordered(Action(row.action), row.until, row.actor) for row in rows}


async def any_stands(connection: AsyncConnection, at: datetime) -> bool:
    """Whether there is any order at this time."""
    return (await connection.execute(standing(at).limit(1))).first() is not None


async def follow_merge(connection: AsyncConnection, names: Collection[str], into: str) -> None:
    """Campaigns of these names become one: the order made last on any of them stands on it."""
    c = campaign_orders.c
    query = sql.select(campaign_orders).where(c.campaign.in_(names), c.until > now())
    last = (await connection.execute(query.order_by(c.at.desc()).limit(1))).first()
    if last is None:
        return
    await connection.execute(campaign_orders.delete().where(c.campaign.in_(names)))
    await connection.execute(campaign_orders.insert(), {**last._mapping, "campaign": into})


async def forget_ended(connection: AsyncConnection, at: datetime) -> None:
    """What has ended is nobody's to keep."""
    await connection.execute(campaign_orders.delete().where(campaign_orders.c.until <= at))


async def take_turn(ledger: Ledger, connection: AsyncConnection) -> None:
    """Wait until nobody else joins campaigns or orders on one; to the end of the transaction."""
    if ledger.database.dialect == "postgresql":
        await connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_TURN)))


def standing(at: datetime) -> sql.Select[Any]:
    """The names of the campaigns that an order stands on."""
    return sql.select(campaign_orders.c.campaign).where(campaign_orders.c.until > at)


def standing_alone(at: datetime) -> sql.Select[Any]:
    """The submissions that an order was made from while nothing like them had come."""
    return sql.select(campaign_orders.c.alone).where(
        campaign_orders.c.until > at, campaign_orders.c.alone.is_not(None)
    )


def campaign_name() -> sql.ColumnElement[str]:
    """The campaign of a fingerprint, or the one it would name."""
    return sql.func.coalesce(fingerprints.c.campaign, fingerprints.c.submission)


async def _campaign_of(connection: AsyncConnection, submission: str) -> tuple[str | None, bool]:
    """By a member or by its own name, for its first member may be erased; whether it is alone."""
    c = fingerprints.c
    advertises = sql.exists().where(ways_out.c.submission == c.submission)
    told = sql.or_(c.exact_hash.is_not(None), c.campaign.is_not(None), advertises)
    query = sql.select(campaign_name(), c.campaign.is_(None)).where(
        sql.or_(sql.and_(c.submission == submission, told), c.campaign == submission)
    )
    row: Sequence[Any] | None = (await connection.execute(query.limit(1))).first()
    return (str(row[0]), bool(row[1])) if row else (None, False)


def _order(row: Any) -> CampaignOrder:
    known = {name: getattr(row, name) for name in _NAMES}
    return CampaignOrder(
        **{**known, "action": Action(row.action)}, caught=row.caught, title=row.title or ""
    )
