"""What the console reads: lists, one submission, counts, stuck work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.audit import AuditEntry
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.entries import Entry, read_entries
from commentdesk.ledger.filters import (
    FOLDED,
    VIEWS,
    Wanted,
    conditions,
    folded_to_first,
    view_conditions,
    within,
)
from commentdesk.ledger.order import cursor_of, ordered
from commentdesk.ledger.tables import HAS_RISK, IS_HELD, IS_STUCK, submissions


@dataclass(frozen=True)
class Page:
    items: list[Entry]
    next: str | None


@dataclass(frozen=True)
class Figures:
    """How many are in each view and state, and since when the longest waiting waits."""

    counts: dict[str, int]
    waiting_since: datetime | None


async def listing(  # noqa: PLR0913
    ledger: Ledger,
    wanted: Wanted = Wanted(),  # noqa: B008
    *,
    sort: str = "oldest",
    cursor: str | None = None,
    limit: int = 50,
    fold: bool = False,
) -> Page:
    """One page in one of order.SORTS; `cursor` is the page before's `next`.

    `fold`: of each campaign only its first member among those wanted.
    """
    found = conditions(wanted)
    if fold:
        found.append(folded_to_first(found))
    query = sql.select(submissions.c.id, submissions.c.risk).where(*found)
    if sort == "riskiest" and wanted.view in FOLDED:
        query = query.where(IS_HELD, HAS_RISK)
    query = ordered(query, sort, cursor).limit(limit + 1)
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(query)).all()
        shown = [row.id for row in rows[:limit]]
        items = await read_entries(ledger, connection, shown, wanted.sections)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(items, cursor_of(sort, last.id, last.risk) if last else None)


async def entry(
    ledger: Ledger, submission: str, sections: frozenset[str] = frozenset()
) -> Entry | None:
    """One submission, or None where there is none, or not in these sections."""
    page = await listing(ledger, Wanted(ids=(submission,), sections=sections), limit=1)
    return page.items[0] if page.items else None


async def chosen(ledger: Ledger, wanted: Wanted, most: int) -> list[tuple[str, int]]:
    """The oldest of those wanted, each with the version it has."""
    query = sql.select(submissions.c.id, submissions.c.version).where(*conditions(wanted))
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query.order_by(submissions.c.id).limit(most))
        return [(row.id, row.version) for row in rows]


async def state_of(
    ledger: Ledger, submission: str, sections: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """A submission's state and article, or None."""
    query = sql.select(submissions.c.state, submissions.c.article)
    query = query.where(submissions.c.id == submission, *within(sections))
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    return (row.state, row.article) if row else None


async def figures(
    ledger: Ledger, viewer: str = "", sections: frozenset[str] = frozenset()
) -> Figures:
    """Counted, never kept; of the viewer's own for MINE."""
    inside = within(sections)
    by_state = sql.select(submissions.c.state, sql.func.count()).where(*inside)
    oldest = sql.select(submissions.c.received_at).where(
        submissions.c.state == str(State.HELD), *within(sections, few=True)
    )
    async with ledger.database.reading() as connection:
        rows = await connection.execute(by_state.group_by(submissions.c.state))
        states = {row[0]: row[1] for row in rows}
        counts = {str(state): states.get(str(state), 0) for state in State}
        counts["waiting"] = counts[State.HELD]
        for view in VIEWS:
            if view not in counts:
                found = [*view_conditions(view, viewer), *within(sections, few=True)]
                query = sql.select(sql.func.count()).select_from(submissions).where(*found)
                counts[view] = (await connection.execute(query)).scalar_one()
        since = await connection.execute(oldest.order_by(submissions.c.id).limit(1))
        return Figures(counts, since.scalar_one_or_none())


async def history(ledger: Ledger, submission: str) -> Sequence[AuditEntry]:
    """What was done to a submission, oldest first."""
    return await audits.of_submission(ledger, submission)


async def reveal(
    ledger: Ledger, submission: str, actor: str, sections: frozenset[str] = frozenset()
) -> dict[str, str] | None:
    """Phone and address in full; who looked is written down first."""
    query = sql.select(submissions.c.phone_sealed, submissions.c.address_sealed)
    query = query.where(submissions.c.id == submission, *within(sections))
    async with ledger.database.writing() as connection:
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        await audits.record(connection, actor, "reveal", submission, {})
    return {
        "phone": ledger.unseal(row.phone_sealed, submission),
        "address": ledger.unseal(row.address_sealed, submission),
    }


async def stuck(
    ledger: Ledger, limit: int = 100, sections: frozenset[str] = frozenset()
) -> list[Entry]:
    """What gave up after its attempts, longest stuck first."""
    query = sql.select(submissions.c.id).where(IS_STUCK, *within(sections))
    query = query.order_by(submissions.c.stuck_at).limit(limit)
    async with ledger.database.reading() as connection:
        ids = list((await connection.execute(query)).scalars())
        return await read_entries(ledger, connection, ids, sections)


async def replay(
    ledger: Ledger,
    ids: Sequence[str] | None,
    actor: str,
    sections: frozenset[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Try stuck work again, the given or (None) all of it; (id, work) of each to hint."""
    wanted: list[Any] = [IS_STUCK, *within(sections)]
    if ids is not None:
        wanted.append(submissions.c.id.in_(ids))
    # In one order, so that two bulk changes never wait for each other.
    taken = sql.select(submissions.c.id).where(*wanted).order_by(submissions.c.id)
    taken = taken.with_for_update()
    async with ledger.database.writing() as connection:
        rows = await connection.execute(
            submissions.update()
            .where(submissions.c.id.in_(taken))
            .values(stuck_at=None, attempts=0, hints=0, lease_until=None, due_at=now())
            .returning(submissions.c.id, submissions.c.work)
        )
        found = [(row.id, row.work) for row in rows]
        deeds = [(submission, {"work": work}) for submission, work in found]
        await audits.record_each(connection, actor, "replay", deeds)
    return found
