"""What texts advertise, remembered: by it one campaign is known though each text is rewritten."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.memory import Tie
from commentdesk.ledger.campaign_orders import campaign_name, standing, standing_alone
from commentdesk.ledger.tables import fingerprints, ways_out

# Two readers may link to the same blog: of 13,067 honest comments on news three pairs did, and no
# three to a host that is not well known (python -m training.folding).
FEWEST = 3
_MOST_LOOKED_AT = 1_000


@dataclass(frozen=True)
class WayOut:
    """`mark` is a keyed hash, `shown_sealed` how a moderator is shown it."""

    mark: bytes
    tie: Tie
    shown_sealed: bytes


# By submission what it may be known by, and as what.
Marks = Mapping[str, Mapping[bytes, Tie]]
# By submission the others it belongs to, and why.
Ties = dict[str, dict[str, Tie]]


@dataclass
class _Carriers:
    """Those with one mark: all, one of each campaign or alone, and those an order was made from."""

    all: set[str] = field(default_factory=set)
    one_of_each: dict[str, str] = field(default_factory=dict)
    ordered: set[str] = field(default_factory=set)


def keep_ways(
    connection: sql.Connection, found: Mapping[str, Sequence[WayOut]], anew: Collection[str] = ()
) -> None:
    """Write them; what stands, stands, but for those whose text was written `anew`."""
    if anew:
        connection.execute(ways_out.delete().where(ways_out.c.submission.in_(anew)))
    rows = [
        {"submission": submission, "mark": w.mark, "tie": w.tie, "shown_sealed": w.shown_sealed}
        for submission, ways in sorted(found.items())
        for w in sorted(ways, key=lambda way: way.mark)
    ]
    if rows:
        kind = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert: Any = kind.insert(ways_out).values(rows)
        connection.execute(insert.on_conflict_do_nothing())


async def sharing(
    connection: AsyncConnection,
    wanted: Marks,
    since: datetime,
    *,
    bursts: Collection[bytes] = (),
    lately: datetime | None = None,
) -> Ties:
    """Whom each shares a mark with, where FEWEST do or an order was made from the other; one query.

    `bursts` are phones of which all that came since `lately` belong together.
    """
    marks = {mark for marks in wanted.values() for mark in marks}
    if not marks:
        return {}
    carriers: defaultdict[bytes, _Carriers] = defaultdict(_Carriers)
    for row in await connection.execute(_carrying(marks, since, bursts, lately or since)):
        known = carriers[row.mark]
        known.all.add(row.submission)
        known.one_of_each[row.name] = row.submission
        if row.ordered:
            known.ordered.add(row.submission)
    ties: Ties = {}
    for submission, marks_of in wanted.items():
        for mark, tie in marks_of.items():
            if others := _others(submission, carriers[mark]):
                ties.setdefault(submission, {}).update(dict.fromkeys(others, tie))
    return ties


async def forget_ways(connection: AsyncConnection) -> None:
    """Of submissions whose fingerprints are forgotten."""
    kept = sql.select(fingerprints.c.submission)
    await connection.execute(ways_out.delete().where(ways_out.c.submission.not_in(kept)))


def _others(submission: str, known: _Carriers) -> set[str]:
    enough = len(known.all) + (submission not in known.all) >= FEWEST
    return (set(known.one_of_each.values()) if enough else known.ordered) - {submission}


def _carrying(
    marks: Collection[bytes], since: datetime, bursts: Collection[bytes], lately: datetime
) -> sql.CompoundSelect[Any]:
    """The newest that carry a mark; campaigns with an order are known however old they are."""
    c, at = fingerprints.c, now()
    known = [
        c.submission,
        campaign_name().label("name"),
        c.submission.in_(standing_alone(at)).label("ordered"),
    ]
    said = (
        sql.select(ways_out.c.mark, *known)
        .join(fingerprints, c.submission == ways_out.c.submission)
        .where(
            ways_out.c.mark.in_(set(marks) - set(bursts)),
            sql.or_(c.at >= since, campaign_name().in_(standing(at))),
        )
    )
    sent = sql.select(c.phone_hash.label("mark"), *known).where(
        c.phone_hash.in_(bursts), c.at >= lately
    )
    return sql.union_all(said, sent).order_by(sql.desc("submission")).limit(_MOST_LOOKED_AT)
