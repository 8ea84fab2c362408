"""What readers wrote before they corrected it, and what they did, as moderators are told."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.events import CORRECTED
from commentdesk.domain.state import Action, State
from commentdesk.ledger.tables import events, revisions

# Who did it, in audit, announcements and answers.
READER = "reader"
_DEEDS = {CORRECTED: Action.CORRECT, str(State.WITHDRAWN): Action.WITHDRAW}


async def revisions_of(
    connection: AsyncConnection, ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """The earlier wordings of each, the first one first: version, name, title, content, at."""
    query = sql.select(revisions).where(revisions.c.submission.in_(ids))
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await connection.execute(query.order_by(revisions.c.version)):
        found[row.submission].append({k: v for k, v in row._mapping.items() if k != "submission"})
    return found


async def readers_deeds(
    connection: AsyncConnection, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """The last each reader did to their own, in the form of a decision."""
    query = sql.select(events.c.submission, events.c.version, events.c.state, events.c.at)
    query = query.where(events.c.submission.in_(ids), events.c.state.in_(_DEEDS))
    return {
        row.submission: {
            "submission": row.submission,
            "version": row.version,
            "action": str(_DEEDS[row.state]),
            **{"actor": READER, "reason": "", "note": ""},
            "at": row.at,
        }
        for row in await connection.execute(query.order_by(events.c.version))
    }
