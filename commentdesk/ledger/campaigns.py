"""Campaigns: what belongs together is joined, and said to a moderator."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sql

from commentdesk.domain.memory import Tie
from commentdesk.ledger.campaign_orders import follow_merge, take_turn
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import fingerprints
from commentdesk.ledger.ways_out import Ties

_STRONGEST_FIRST = tuple(Tie)


async def join_campaigns(ledger: Ledger, ties: Ties) -> None:
    """Put each with what it belongs to into one campaign, named for its first member.

    Campaigns that a new member connects become one, and the orders on them one order.
    """
    groups = [{submission, *others} for submission, others in ties.items()]
    query = sql.select(fingerprints.c.submission, fingerprints.c.campaign)
    query = query.where(fingerprints.c.submission.in_(set().union(*groups)))
    async with ledger.database.writing() as connection:
        await take_turn(ledger, connection)
        # Read anew, now that nobody else joins any.
        rows = (await connection.execute(query)).all()
        known = {row.submission: row.campaign for row in rows}
        for names in _connected(groups, known):
            first = min(names)
            outside = [name for name in names if known.get(name, first) != first]
            if outside:
                belongs = sql.or_(
                    fingerprints.c.submission.in_(outside),
                    fingerprints.c.campaign.in_(names - {first}),
                )
                await connection.execute(
                    fingerprints.update()
                    .where(belongs)
                    .values(campaign=first, tie=_tie_of(outside, ties))
                )
                await follow_merge(connection, names, first)


def _connected(groups: Iterable[set[str]], known: dict[str, str | None]) -> list[set[str]]:
    """The groups that share a member or a campaign put together, with the campaigns' names."""
    together: list[set[str]] = []
    for group in groups:
        members = {name for name in group if name in known}
        merged = members | {name for m in members if (name := known[m])}
        apart = [other for other in together if not other & merged]
        for other in together:
            if other & merged:
                merged |= other
        together = [*apart, merged]
    return [names for names in together if names]


def _tie_of(names: Collection[str], ties: Ties) -> sql.ColumnElement[str]:
    """The strongest of each; who is in a campaign already keeps what it came into it by."""
    found: defaultdict[str, set[Tie]] = defaultdict(set)
    for submission, others in ties.items():
        for other, tie in others.items():
            found[submission].add(tie)
            found[other].add(tie)
    strongest = {
        name: min(found[name], key=_STRONGEST_FIRST.index) for name in names if found[name]
    }
    of_each = [
        (fingerprints.c.submission.in_(those), str(tie))
        for tie in Tie
        if (those := [name for name in names if strongest.get(name) is tie])
    ]
    return sql.case((fingerprints.c.campaign.is_not(None), fingerprints.c.tie), *of_each)
