"""What the machine thought of submissions, and what people decided on the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.state import Action
from commentdesk.ledger.tables import decisions, verdicts
from commentdesk.ledger.waiting import FirstDecision

# Risks, by fifths of the score.
BANDS = 5
_TAKEN_BACK = {str(Action.APPROVE): str(Action.REMOVE), str(Action.REJECT): str(Action.RESTORE)}


@dataclass(frozen=True)
class Agreement:
    """What the machine thought and people did."""

    # The machine's own decisions, and how many of them people took back since.
    published: int
    published_removed: int
    rejected: int
    rejected_restored: int
    # Of what it held: approved and refused by people, by fifths of the risk it saw.
    approved_by_band: list[int]
    refused_by_band: list[int]

    @property
    def of_held(self) -> float | None:
        """The part people approved below half the risk, and refused above; None of nothing.

        The middle band counts for neither.
        """
        half = BANDS // 2
        agreed = sum(self.approved_by_band[:half]) + sum(self.refused_by_band[half + 1 :])
        otherwise = sum(self.refused_by_band[:half]) + sum(self.approved_by_band[half + 1 :])
        return agreed / (agreed + otherwise) if agreed + otherwise else None


async def find_agreement(
    connection: AsyncConnection, since: datetime, decided: Sequence[FirstDecision]
) -> Agreement:
    """Of what the machine judged since then, and of what people decided first."""
    made, taken_back = await _of_the_machine(connection, since)
    approved, refused = [0] * BANDS, [0] * BANDS
    for each in decided:
        if each.machine_action == str(Action.HOLD) and each.score is not None:
            bands = refused if each.action == str(Action.REJECT) else approved
            bands[min(int(each.score * BANDS), BANDS - 1)] += 1
    publish, reject = _TAKEN_BACK
    return Agreement(
        made[publish], taken_back[publish], made[reject], taken_back[reject], approved, refused
    )


async def _of_the_machine(
    connection: AsyncConnection, since: datetime
) -> tuple[Counter[str], Counter[str]]:
    """How many it published and rejected, and how many of those people took back, by action."""
    action = verdicts.c.action
    query = sql.select(action, sql.func.count()).where(verdicts.c.at >= since).group_by(action)
    made = Counter({name: count for name, count in await connection.execute(query)})  # noqa: C416
    back = sql.or_(
        *(
            sql.and_(action == deed, decisions.c.action == opposite)
            for deed, opposite in _TAKEN_BACK.items()
        )
    )
    overturned = (
        sql.select(action, sql.func.count(decisions.c.submission.distinct()))
        .join(decisions, decisions.c.submission == verdicts.c.submission)
        # A decision comes after its verdict.
        .where(verdicts.c.at >= since, decisions.c.at >= since, back)
        .group_by(action)
    )
    rows = await connection.execute(overturned)
    return made, Counter({name: count for name, count in rows})  # noqa: C416
