"""Claims: rows are taken with a lease, and every later write shows the fence it was taken with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Moment, now
from commentdesk.domain.state import State, Work
from commentdesk.domain.submission import Submission
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import submissions

_BACKOFF_CAP_SECONDS = 60.0
_MOST_HINTS_AT_ONCE = 500
_MOST_ATTEMPTS = 10
_MOST_DOUBLINGS = 8


@dataclass(frozen=True)
class Traces:
    """Keyed hashes by which a submission is matched with others; None for what it has not."""

    phone: bytes | None = None
    network: bytes | None = None
    browser: bytes | None = None


@dataclass(frozen=True)
class Claim:
    """A submission held by this worker until its lease ends."""

    submission: Submission
    work: Work
    state: State
    version: int
    fence: int
    attempts: int
    traces: Traces = Traces()
    # A moderator has had it in hand: whatever its reader corrected since, a moderator decides.
    decided: bool = False

    @property
    def anew(self) -> bool:
        """Whether it is received once more: its reader has corrected it."""
        return self.state is State.RECEIVED and self.version > 1


@dataclass(frozen=True)
class Overdue:
    """A row whose hint seems lost."""

    id: str
    work: Work


async def claim(ledger: Ledger, work: Work, ids: Sequence[str]) -> list[Claim]:
    """Take those of the rows that still need the work and that nobody holds."""
    at = now()
    until = at + timedelta(seconds=ledger.settings.lease_seconds)
    given = {"may_stand": True} if work is Work.PUBLISH else {}
    async with ledger.database.writing() as connection:
        # Rows that another worker is taking just now are that worker's (PostgreSQL; on SQLite
        # writers take turns anyway).
        takeable = (
            sql.select(submissions.c.id)
            .where(submissions.c.id.in_(ids), submissions.c.work == str(work), waiting_at(at))
            .with_for_update(skip_locked=True)
        )
        rows = await connection.execute(
            submissions.update()
            .where(submissions.c.id.in_(takeable))
            .values(
                lease_until=until,
                due_at=until,
                fence=submissions.c.fence + 1,
                attempts=submissions.c.attempts + 1,
                hints=0,
                **given,
            )
            .returning(*submissions.c)
        )
        found = rows.all()
    return [_claim(ledger, row, work) for row in sorted(found, key=lambda row: row.id)]


async def overdue(ledger: Ledger, empty: Collection[Work] = ()) -> list[Overdue]:
    """Rows due and held by nobody, oldest first; each gets its next due time, later every time.

    The wait is rehint_seconds·2ⁿ for the n-th hint without an answer, a minute at most: hints
    may only be waiting their turn. For work in `empty`, whose queue holds nothing, they are lost
    for certain, and rehint_seconds after the last one is long enough. Rows whose workers died
    too often become stuck instead.
    """
    at = now()
    due = sql.and_(submissions.c.work.is_not(None), _due(ledger, at, empty), waiting_at(at))
    query = sql.select(submissions.c.id, submissions.c.hints, submissions.c.attempts)
    query = query.where(due).order_by(submissions.c.due_at).limit(_MOST_HINTS_AT_ONCE)
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(query)).all()
    if not rows:
        return []
    # As often as the settings have a store that is down tried again, and no less.
    most = max(_MOST_ATTEMPTS, len(ledger.settings.delivery_backoff_seconds) + 1)
    found: list[Overdue] = []
    async with ledger.database.writing() as connection:
        free = await _at_hand(connection, [row.id for row in rows])
        rows = [row for row in rows if row.id in free]
        hopeless = {row.id for row in rows if row.attempts >= most}
        await connection.execute(
            submissions.update()
            .where(submissions.c.id.in_(hopeless), due)
            .values(stuck_at=at, error="gave up: the worker died every time")
        )
        for hints in sorted({row.hints for row in rows}):
            ids = [row.id for row in rows if row.hints == hints and row.id not in hopeless]
            hinted = await connection.execute(
                submissions.update()
                .where(submissions.c.id.in_(ids), due)
                .values(due_at=at + _backoff(ledger, hints), hints=hints + 1)
                .returning(submissions.c.id, submissions.c.work)
            )
            found += [Overdue(row.id, Work(row.work)) for row in hinted]
    return found


async def addresses_of(ledger: Ledger, claims: Sequence[Claim]) -> dict[str, str]:
    """The IP addresses the claimed came from, by id, for an engine that has to be told them."""
    query = sql.select(submissions.c.id, submissions.c.address_sealed).where(
        submissions.c.id.in_([taken.submission.id for taken in claims])
    )
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return {row.id: ledger.unseal(row.address_sealed, row.id) for row in rows}


async def _at_hand(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    """Those that nobody else is changing just now, taken; on SQLite all, for writers take turns."""
    query = sql.select(submissions.c.id).where(submissions.c.id.in_(ids))
    return set((await connection.execute(query.with_for_update(skip_locked=True))).scalars())


def _due(ledger: Ledger, at: datetime, empty: Collection[Work]) -> sql.ColumnElement[bool]:
    """Due by the clock; for work with an empty queue, rehint_seconds after the last hint."""
    # A row hinted n times is due _backoff(n - 1) after its last hint; all of that but the first
    # wait is forgiven. A row not hinted yet may be waiting for an article store: it stays so.
    first = _backoff(ledger, 0)
    waits = [first, *(_backoff(ledger, hints) for hints in range(_MOST_DOUBLINGS))]
    early = [sql.literal(at + wait - first, Moment) for wait in waits]
    by_hints = sql.case(dict(enumerate(early)), value=submissions.c.hints, else_=early[-1])
    in_empty = submissions.c.work.in_([str(work) for work in empty])
    return sql.or_(submissions.c.due_at <= at, sql.and_(in_empty, submissions.c.due_at <= by_hints))


def waiting_at(at: datetime) -> sql.ColumnElement[bool]:
    """Held by nobody, not given up, and its moment of grace is over."""
    free = sql.or_(submissions.c.lease_until.is_(None), submissions.c.lease_until < at)
    over = sql.or_(submissions.c.not_before.is_(None), submissions.c.not_before <= at)
    return sql.and_(submissions.c.stuck_at.is_(None), free, over)


def _backoff(ledger: Ledger, hints: int) -> timedelta:
    wait = ledger.settings.rehint_seconds * 2 ** min(hints, _MOST_DOUBLINGS)
    return timedelta(seconds=min(wait, max(_BACKOFF_CAP_SECONDS, ledger.settings.rehint_seconds)))


def _claim(ledger: Ledger, row: sql.Row[tuple[object, ...]], work: Work) -> Claim:
    submission = Submission(
        id=row.id,
        article=row.article,
        name=row.name,
        title=row.title,
        content=row.content,
        language=row.language,
        received_at=row.received_at,
        phone=ledger.unseal(row.phone_sealed, row.id),
        phone_proven=row.phone_proven,
        parent=row.parent,
        consent=row.consent,
        consent_version=row.consent_version,
        client=row.client,
    )
    traces = Traces(row.phone_hash, row.network_hash, row.browser_hash)
    return Claim(
        submission,
        work,
        State(row.state),
        row.version,
        row.fence,
        row.attempts,
        traces,
        decided=row.decided_by is not None,
    )
