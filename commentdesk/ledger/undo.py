"""Undoing what a moderator decided with one request: a decision of its own, written as such."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql

from commentdesk.domain.state import UNDOINGS, Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.decide import (
    Deed,
    Move,
    Outcome,
    latest_decisions,
    lock_rows,
    write_moves,
)
from commentdesk.ledger.tables import decisions

# Rows in one transaction; more would keep other writers waiting.
AT_ONCE = 100


class NoSuchBatch(ValueError):
    """No decisions were made under this id."""


class NotTheirs(ValueError):
    """Another moderator made these decisions."""


async def undo(
    ledger: Ledger,
    batch: str,
    actor: str,
    *,
    others: bool = False,
    sections: frozenset[str] = frozenset(),
) -> list[Outcome]:
    """Take each decision of the batch back, as UNDOINGS has it.

    What was decided since is a conflict, and so is what was undone before. `others`: also those
    of another moderator.

    Raises:
        NoSuchBatch, NotTheirs: nothing was undone.
    """
    query = sql.select(decisions).where(decisions.c.batch == batch)
    async with ledger.database.reading() as connection:
        made = (await connection.execute(query.order_by(decisions.c.submission))).all()
    if not made:
        raise NoSuchBatch(batch)
    if not others and any(each.actor != actor for each in made):
        raise NotTheirs(batch)
    outcomes: list[Outcome] = []
    for start in range(0, len(made), AT_ONCE):
        outcomes += await _undo_some(ledger, made[start : start + AT_ONCE], actor, sections)
    return outcomes


async def _undo_some(
    ledger: Ledger, made: Sequence[Any], actor: str, sections: frozenset[str]
) -> list[Outcome]:
    deed = Deed(Action.UNDO, actor)
    ids = [each.submission for each in made]
    async with ledger.database.writing() as connection:
        rows = await lock_rows(connection, ids, sections)
        latest = await latest_decisions(connection, ids)
        moves: list[Move] = []
        refused: dict[str, Outcome] = {}
        for each in made:
            row, last = rows.get(each.submission), latest[each.submission]
            if row is None:
                refused[each.submission] = Outcome(each.submission, "unknown")
            elif last["version"] != each.version:
                refused[row.id] = Outcome(row.id, "conflict", row.state, row.version, last)
            elif (move := _back(row, each)) is None:
                refused[row.id] = Outcome(row.id, "impossible", row.state, row.version)
            else:
                moves.append(move)
        done = await write_moves(ledger, connection, moves, deed)
    return [(done | refused)[submission] for submission in ids]


def _back(row: Any, made: Any) -> Move | None:
    """Where undoing leads from where it is; None where there is no way back."""
    step = Action(made.action), State(made.came_from), State(row.state)
    if (target := UNDOINGS.get(step)) is None:
        return None
    held_for = made.was_held_for if made.action == Action.HOLD else row.held_for
    return Move(row, target, held_for, {"undone": str(made.action)})
