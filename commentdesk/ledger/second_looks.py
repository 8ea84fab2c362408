"""Second looks: a share of all decisions comes back, blind, to a moderator who did not make it.

Which ones is decided by a keyed hash of the submission and the decision's version: nobody without
the installation's secret can tell beforehand, and picking twice picks the same.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.agreement import DecidedBy, Opinion
from commentdesk.domain.state import Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import (
    decisions,
    events,
    fingerprints,
    second_look_skips,
    second_looks,
    submissions,
    verdicts,
)
from commentdesk.log import log
from commentdesk.sealing import Sealing

LASTS = timedelta(days=14)
_PURPOSE = "second-look"
# A run that is missed is made up for by one within a day; what was undone at once is no decision.
_LOOKED_BACK, _SETTLED = timedelta(days=1), timedelta(minutes=1)
_AT_ONCE = 1_000
_STANDS_FOR = {
    str(State.APPROVED): Opinion.PUBLISH,
    str(State.PUBLISHED): Opinion.PUBLISH,
    str(State.REJECTED): Opinion.REJECT,
    str(State.REMOVED): Opinion.REJECT,
}
_ENTERED = (str(State.APPROVED), str(State.REJECTED), str(State.REMOVED))
_DECISIONS = {
    str(action) for action in (Action.APPROVE, Action.REJECT, Action.REMOVE, Action.RESTORE)
}


@dataclass(frozen=True)
class _Draw:
    """How likely each is to be picked, of 2**64."""

    sealing: Sealing
    machine: float
    people: float

    def may_pick(self, row: Any) -> bool:
        """Whether it is picked if it is a decision of those of whom more are."""
        return self._number(row) < max(self.machine, self.people)

    def picks(self, row: Any) -> bool:
        return self._number(row) < (self.people if row.action else self.machine)

    def _number(self, row: Any) -> int:
        hashed = self.sealing.keyed_hash(f"{row.submission} {row.version}")
        return int.from_bytes(hashed[:8])


async def pick_second_looks(ledger: Ledger, at: datetime | None = None) -> int:
    """Pick from the decisions of the last day, and forget what nobody looked at; how many."""
    at = at or now()
    await _forget_unanswered(ledger, at - LASTS)
    settings = ledger.settings
    draw = _Draw(
        Sealing(settings.secret.get_secret_value(), _PURPOSE),
        settings.second_look_percent_machine / 100 * 2**64,
        settings.second_look_percent_people / 100 * 2**64,
    )
    if not draw.machine and not draw.people:
        return 0
    picked = 0
    async for rows in _entered(ledger, at - _LOOKED_BACK, at - _SETTLED):
        # Most are out of the draw, and need no further questions.
        if drawn := [row.id for row in rows if draw.may_pick(row)]:
            decided = await _decided(ledger, drawn)
            picked += await _keep(ledger, [row for row in decided if draw.picks(row)], at)
    if picked:
        log.info("second_looks_picked", count=picked)
    return picked


async def _entered(
    ledger: Ledger, since: datetime, until: datetime
) -> AsyncIterator[Sequence[Any]]:
    """What entered a state of those that are decided, in that time, some at a time."""
    query = (
        sql.select(events.c.id, events.c.submission, events.c.version)
        .where(events.c.state.in_(_ENTERED), events.c.id < _first_id(until))
        .order_by(events.c.id)
        .limit(_AT_ONCE)
    )
    last = _first_id(since)
    while True:
        async with ledger.database.reading() as connection:
            rows = (await connection.execute(query.where(events.c.id > last))).all()
        yield rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


async def _decided(ledger: Ledger, drawn: Sequence[str]) -> list[Any]:
    """Those events that were decisions and stand, with who decided and why."""
    same = (decisions.c.submission == events.c.submission, decisions.c.version == events.c.version)
    query = (
        sql.select(
            *(events.c[name] for name in ("submission", "version")),
            events.c.state.label("entered"),
            submissions.c.state,
            *(decisions.c[name] for name in ("action", "actor", "reason")),
            fingerprints.c.campaign,
        )
        .join(submissions, submissions.c.id == events.c.submission)
        .outerjoin(decisions, sql.and_(*same))
        .outerjoin(fingerprints, fingerprints.c.submission == events.c.submission)
        .where(events.c.id.in_(drawn))
        .order_by(events.c.id)
    )
    async with ledger.database.reading() as connection:
        return [row for row in await connection.execute(query) if _stands(row)]


def _first_id(at: datetime) -> str:
    """The least UUIDv7 of that time (RFC 9562 §5.7: milliseconds, then version and chance)."""
    text = f"{int(at.timestamp() * 1000):012x}"
    return f"{text[:8]}-{text[8:]}-7000-8000-000000000000"


def _stands(row: Any) -> bool:
    """Whether it is a decision to publish or to reject, and was not taken back."""
    decides = row.action in _DECISIONS if row.action else row.entered != State.REMOVED
    return decides and _STANDS_FOR.get(row.state) == _STANDS_FOR[row.entered]


async def _keep(ledger: Ledger, drawn: Sequence[Any], at: datetime) -> int:
    """Write those down that are not yet; of a campaign one in all the time that a look lasts."""
    if not drawn:
        return 0
    async with ledger.database.writing() as connection:
        known, campaigns = await _known(connection, at - LASTS)
        fresh: list[Any] = []
        for row in drawn:
            if (row.submission, row.version) not in known and row.campaign not in campaigns:
                fresh.append(row)
                campaigns |= {row.campaign} - {None}
        if not fresh:
            return 0
        doubts = await _doubts(connection, {row.submission for row in fresh})
        statement = ledger.insert(second_looks).on_conflict_do_nothing()
        rows = [_row(row, doubts.get(row.submission, {}), at) for row in fresh]
        await connection.execute(statement, rows)
    return len(fresh)


async def _known(
    connection: AsyncConnection, since: datetime
) -> tuple[set[tuple[str, int]], set[str]]:
    """The decisions picked since, and the campaigns they are of."""
    query = (
        sql.select(second_looks.c.submission, second_looks.c.version, fingerprints.c.campaign)
        .outerjoin(fingerprints, fingerprints.c.submission == second_looks.c.submission)
        .where(second_looks.c.picked_at >= since)
    )
    rows = (await connection.execute(query)).all()
    campaigns = {row.campaign for row in rows if row.campaign}
    return {(row.submission, row.version) for row in rows}, campaigns


async def _doubts(
    connection: AsyncConnection, ids: Collection[str]
) -> dict[str, dict[str, set[str]]]:
    """By submission, the checks that were not clean, each with its reasons' codes."""
    query = sql.select(verdicts.c.submission, verdicts.c.findings)
    rows = await connection.execute(query.where(verdicts.c.submission.in_(ids)))
    return {
        row.submission: {
            finding["check"]: {reason["code"] for reason in finding["reasons"]}
            for finding in row.findings
            if finding["outcome"] != "clean"
        }
        for row in rows
    }


def _row(row: Any, doubts: dict[str, set[str]], at: datetime) -> dict[str, Any]:
    ordered = any("campaign_rejected" in codes for codes in doubts.values())
    by_machine = DecidedBy.ORDER if ordered else DecidedBy.MACHINE
    return {
        "id": str(uuid4()),
        "submission": row.submission,
        "version": row.version,
        "decided_by": str(DecidedBy.PERSON if row.action else by_machine),
        "actor": row.actor,
        "decided": str(_STANDS_FOR[row.entered]),
        "reason": row.reason or "",
        "checks": list(doubts),
        "picked_at": at,
    }


async def _forget_unanswered(ledger: Ledger, before: datetime) -> None:
    unanswered = second_looks.c.answered_at.is_(None)
    over = sql.and_(unanswered, second_looks.c.picked_at < before)
    async with ledger.database.writing() as connection:
        skipped = sql.select(second_looks.c.id).where(over)
        await connection.execute(
            second_look_skips.delete().where(second_look_skips.c.look.in_(skipped))
        )
        await connection.execute(second_looks.delete().where(over))
