"""Checking again what is held because a check could not answer.

Such a row stays held and has work all the same: `check`, due later. What a moderator decides
meanwhile moves its fence, so that a late verdict changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import State, Work
from commentdesk.ledger.claim import waiting_at
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import submissions, verdicts

# By the clock: with a minute as the first wait, for some four hours. Then only when an engine is
# seen to answer again, and so often in all.
MOST_BY_CLOCK = 12
MOST_RECHECKS = 50
_MOST_DOUBLINGS = 5
MOST_AT_ONCE = 1000


async def recheck_later(
    ledger: Ledger, connection: AsyncConnection, held: Collection[str], at: datetime
) -> None:
    """Have checked again those of the just held whose verdict lacks an answer.

    The wait is recheck_seconds·2ⁿ before the n-th time, 32 times that at most; after
    MOST_BY_CLOCK times there is none. In the caller's transaction, which has moved the rows.
    """
    query = sql.select(verdicts.c.submission, verdicts.c.rechecks).where(
        verdicts.c.submission.in_(held),
        verdicts.c.unknown != "",
        verdicts.c.rechecks < MOST_BY_CLOCK,
    )
    by_rechecks: defaultdict[int, list[str]] = defaultdict(list)
    for row in await connection.execute(query):
        by_rechecks[row.rechecks].append(row.submission)
    for rechecks, ids in sorted(by_rechecks.items()):
        wait = ledger.settings.recheck_seconds * 2 ** min(rechecks, _MOST_DOUBLINGS)
        await connection.execute(
            submissions.update()
            .where(submissions.c.id.in_(ids))
            .values(work=str(Work.CHECK), due_at=at + timedelta(seconds=wait))
        )


async def recheck_now(ledger: Ledger, checks: Collection[str]) -> int:
    """These checks answer again: what is held for want of their answer is due at once; of how many.

    The oldest MOST_AT_ONCE, none that was checked within recheck_seconds or in a worker's hands.
    """
    at = now()
    waiting = (
        sql.select(submissions.c.id)
        .join(verdicts, verdicts.c.submission == submissions.c.id)
        .where(
            submissions.c.state == str(State.HELD),
            # What a moderator keeps for a colleague is for a person to decide.
            submissions.c.held_for.is_(None),
            sql.or_(
                submissions.c.work.is_(None),
                sql.and_(submissions.c.work == str(Work.CHECK), submissions.c.due_at > at),
            ),
            waiting_at(at),
            verdicts.c.unknown != "",
            sql.or_(*(verdicts.c.unknown.contains(f" {name} ") for name in checks)),
            verdicts.c.at <= at - timedelta(seconds=ledger.settings.recheck_seconds),
            verdicts.c.rechecks < MOST_RECHECKS,
        )
        .order_by(verdicts.c.at)
        .limit(MOST_AT_ONCE)
        # Whoever has a row in hand just now is left alone (PostgreSQL).
        .with_for_update(of=submissions, skip_locked=True)
    )
    async with ledger.database.writing() as connection:
        due = await connection.execute(
            submissions.update()
            .where(submissions.c.id.in_(waiting))
            .values(work=str(Work.CHECK), due_at=at, hints=0, lease_until=None)
        )
    return due.rowcount


def written(unknown: Sequence[str]) -> str:
    """The names as the column keeps them, each between blanks; empty for none."""
    return f" {' '.join(unknown)} " if unknown else ""
