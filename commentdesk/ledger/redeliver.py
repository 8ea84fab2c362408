"""After a restore: the article store's part is older than the ledger's, and no worker is left."""

from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.state import TAKEN_BACK, State, Work
from commentdesk.ledger.tables import events, submissions


async def redeliver(connection: AsyncConnection, since: datetime, at: datetime) -> None:
    """Have delivered again, due at once, what an article store as of `since` may not know.

    State, version and history stay; a delivery that was there already changes nothing.
    """
    changed = sql.select(events.c.submission).where(events.c.at >= since)
    published = sql.and_(submissions.c.state == str(State.PUBLISHED), submissions.c.id.in_(changed))
    # All that may not stand: a removal may have waited hours for its retraction, and when that
    # was done is not kept.
    approved = sql.select(events.c.submission).where(events.c.state == str(State.APPROVED))
    undone = sql.and_(
        submissions.c.state.in_([str(state) for state in TAKEN_BACK]),
        submissions.c.id.in_(approved),
    )
    gone = sql.or_(submissions.c.state.in_([str(State.REMOVED), str(State.ERASED)]), undone)
    free = sql.or_(submissions.c.work.is_(None), submissions.c.work == str(Work.CHECK))
    # What its reader corrected after an undo: its next state has it retracted, or published anew.
    received = submissions.c.state == str(State.RECEIVED)
    await connection.execute(
        submissions.update().where(received, submissions.c.id.in_(approved)).values(may_stand=True)
    )
    for missing, work in ((published, Work.PUBLISH), (gone, Work.RETRACT)):
        await connection.execute(
            submissions.update()
            .where(missing, free)
            .values(work=str(work), due_at=at, attempts=0, hints=0)
        )


async def release(connection: AsyncConnection, at: datetime) -> None:
    """Nobody holds anything any more: all work that is not stuck is due at once."""
    await connection.execute(submissions.update().values(lease_until=None))
    await connection.execute(
        submissions.update()
        .where(submissions.c.work.is_not(None), submissions.c.stuck_at.is_(None))
        .values(due_at=at, hints=0)
    )
