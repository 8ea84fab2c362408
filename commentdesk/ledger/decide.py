"""Moderators' decisions: one transaction for the decision, its audit row and its event."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import GRACED, TRANSITIONS, Action, State, moderator_actions
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import Announcement, announcement, entering, write_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.filters import within
from commentdesk.ledger.revisions import readers_deeds
from commentdesk.ledger.tables import decisions, submissions

_TOLD = ("submission", "version", "action", "actor", "reason", "note", "at")
_NEEDED = ("id", "article", "state", "version", "held_for")


@dataclass(frozen=True)
class Outcome:
    """What became of one item: done, conflict (decided meanwhile), impossible, unknown.

    Before `not_before` a worker does nothing of the `work`.
    """

    id: str
    result: str
    state: str | None = None
    version: int | None = None
    decision: dict[str, Any] | None = None
    work: str | None = None
    not_before: datetime | None = None
    announcement: Announcement | None = None


@dataclass(frozen=True)
class Deed:
    """What is done to all items alike: by whom, why, and which batch they are undone by."""

    action: Action
    actor: str
    reason: str = ""
    note: str = ""
    batch: str | None = None
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Move:
    """A locked row, where it goes, and whom it is held for there."""

    row: Any
    target: State
    held_for: str | None
    # What the audit is told beside the deed.
    detail: dict[str, Any] = field(default_factory=dict)


async def decide(  # noqa: PLR0913
    ledger: Ledger,
    *,
    items: Sequence[tuple[str, int]],
    action: str,
    actor: str,
    reason: str = "",
    note: str = "",
    held_for: str = "",
    batch: str | None = None,
    sections: frozenset[str] = frozenset(),
) -> list[Outcome]:
    """Decide each (id, version the moderator saw); a version that moved on is a conflict.

    `held_for` is the colleague of a hold, empty for everybody. Outside of `sections`, where there
    are any, submissions are unknown.
    """
    deed = Deed(Action(action), actor, reason, note, batch)
    async with ledger.database.writing() as connection:
        rows = await lock_rows(connection, [submission for submission, _ in items], sections)
        moves, refused = _sorted_out(items, rows, deed, held_for)
        done = await write_moves(ledger, connection, moves, deed)
        conflicting = [items[place][0] for place, why in refused.items() if why == "conflict"]
        latest = await _what_happened(connection, conflicting)
    return [
        _refused(refused[place], submission, rows.get(submission), done, latest)
        if place in refused
        else done[submission]
        for place, (submission, _) in enumerate(items)
    ]


async def lock_rows(
    connection: AsyncConnection, ids: Collection[str], sections: frozenset[str]
) -> dict[str, Any]:
    """The rows as they are now, taken in one order so that two bulk changes never cross."""
    query = sql.select(*(submissions.c[name] for name in _NEEDED)).where(
        submissions.c.id.in_(ids), *within(sections)
    )
    rows = await connection.execute(query.order_by(submissions.c.id).with_for_update())
    return {row.id: row for row in rows}


async def latest_decisions(
    connection: AsyncConnection, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Who decided last on each, what and why; nothing where nobody did."""
    if not ids:
        return {}
    query = sql.select(*(decisions.c[name] for name in _TOLD))
    query = query.where(decisions.c.submission.in_(ids)).order_by(decisions.c.version)
    return {row.submission: dict(row._mapping) for row in await connection.execute(query)}


async def write_moves(
    ledger: Ledger, connection: AsyncConnection, moves: Sequence[Move], deed: Deed
) -> dict[str, Outcome]:
    """Move the locked rows, with decision, event and audit row each; the outcome of each."""
    groups: defaultdict[tuple[State, str | None], list[Move]] = defaultdict(list)
    for move in moves:
        groups[move.target, move.held_for].append(move)
    done: dict[str, Outcome] = {}
    for (target, held_for), group in sorted(groups.items(), key=lambda item: item[0][0]):
        not_before = _grace(ledger, deed)
        rows = await _update(ledger, connection, group, deed, not_before)
        await write_events(connection, target, rows, deed.at)
        await _write_down(connection, group, rows, deed)
        for row in rows:
            done[row.id] = _done(row, target, deed, not_before, held_for)
    return done


async def _what_happened(
    connection: AsyncConnection, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """What was done last to each: by a moderator, or by the reader whose comment it is."""
    latest = await latest_decisions(connection, ids)
    for submission, deed in (await readers_deeds(connection, ids)).items():
        if submission not in latest or latest[submission]["version"] < deed["version"]:
            latest[submission] = deed
    return latest


def _sorted_out(
    items: Sequence[tuple[str, int]], rows: dict[str, Any], deed: Deed, held_for: str
) -> tuple[list[Move], dict[int, str]]:
    """What moves, and by their place among the items, why the others do not."""
    moves: dict[str, Move] = {}
    refused: dict[int, str] = {}
    for place, (submission, seen_version) in enumerate(items):
        row = rows.get(submission)
        if row is None:
            refused[place] = "unknown"
        elif row.version != seen_version or submission in moves:
            refused[place] = "conflict"
        elif deed.action not in moderator_actions(State(row.state)):
            refused[place] = "impossible"
        else:
            moves[submission] = _move(row, deed, held_for)
    return list(moves.values()), refused


def _move(row: Any, deed: Deed, held_for: str) -> Move:
    target = TRANSITIONS[State(row.state), deed.action]
    if deed.action is not Action.HOLD:
        return Move(row, target, row.held_for)
    return Move(row, target, held_for or None, {"held_for": held_for})


def _grace(ledger: Ledger, deed: Deed) -> datetime | None:
    seconds = ledger.settings.undo_seconds
    return deed.at + timedelta(seconds=seconds) if seconds and deed.action in GRACED else None


async def _update(
    ledger: Ledger,
    connection: AsyncConnection,
    group: Sequence[Move],
    deed: Deed,
    not_before: datetime | None,
) -> Sequence[Any]:
    first = group[0]
    due_at = (not_before or deed.at) + timedelta(seconds=ledger.settings.rehint_seconds)
    moved = await connection.execute(
        submissions.update()
        .where(submissions.c.id.in_([move.row.id for move in group]))
        .values(
            **{
                **entering(first.target, due_at),
                "not_before": not_before,
                "held_for": first.held_for,
                "decided_by": deed.actor,
                "decided_reason": deed.reason,
            }
        )
        .returning(
            submissions.c.id, submissions.c.article, submissions.c.version, submissions.c.work
        )
    )
    return moved.all()


async def _write_down(
    connection: AsyncConnection, group: Sequence[Move], rows: Sequence[Any], deed: Deed
) -> None:
    versions = {row.id: row.version for row in rows}
    written = {"actor": deed.actor, "reason": deed.reason, "note": deed.note, "at": deed.at}
    await connection.execute(
        decisions.insert(),
        [
            {
                "submission": move.row.id,
                "version": versions[move.row.id],
                "action": str(deed.action),
                **written,
                "batch": deed.batch,
                "came_from": move.row.state,
                "was_held_for": move.row.held_for,
            }
            for move in group
        ],
    )
    told = {"reason": deed.reason, "note": deed.note}
    deeds = [(move.row.id, {**told, "state": str(move.target), **move.detail}) for move in group]
    await audits.record_each(connection, deed.actor, str(deed.action), deeds)


def _done(
    row: Any, target: State, deed: Deed, not_before: datetime | None, held_for: str | None
) -> Outcome:
    by = {"actor": deed.actor, "action": str(deed.action), "version": row.version}
    if deed.action is Action.HOLD:
        by["held_for"] = held_for
    return Outcome(
        row.id,
        "done",
        str(target),
        row.version,
        work=row.work,
        not_before=not_before,
        announcement=announcement(target, row.id, row.article, **by),
    )


def _refused(
    why: str,
    submission: str,
    row: Any,
    done: dict[str, Outcome],
    latest: dict[str, dict[str, Any]],
) -> Outcome:
    """A submission named twice is in conflict with what was just done to it."""
    now_is = done.get(submission, row)
    if now_is is None:
        return Outcome(submission, why)
    return Outcome(submission, why, now_is.state, now_is.version, latest.get(submission))
