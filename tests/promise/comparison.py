"""The databases against the model, and against what must hold whatever happened."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from commentdesk.database import now
from commentdesk.domain.events import CORRECTED
from commentdesk.domain.state import STEPS, TAKEN_BACK, WORK_AFTER, State, Work
from commentdesk.ledger import desk
from tests.promise.model import Kept, Shelf
from tests.promise.world import ARTICLES, Held, World


def compare(world: World, kept: Mapping[str, Kept], shelf: Shelf) -> None:
    """All that must hold after every step."""
    held = world.held()
    assert held.rows.keys() == held.events.keys() == kept.keys()
    for submission, each in kept.items():
        _row(held.rows[submission], each)
        _chain(held.events[submission], each)
        assert held.verdicts.get(submission) == (each.verdict and str(each.verdict))
        assert held.decisions.get(submission, []) == each.decided
        assert held.audited.get(submission, 0) == each.audited
        assert held.revisions.get(submission, []) == each.revisions
    assert world.stored() == shelf.versions
    _nothing_unapproved(held, shelf)
    stuck = {entry.id: entry.error for entry in world.run(desk.stuck(world.ledger))}
    assert stuck == {each.id: each.error for each in kept.values() if each.stuck}


def nothing_is_left(world: World) -> None:
    """When all work is done, readers see what the ledger calls published and nothing else."""
    rows = world.held().rows
    assert {submission for submission, row in rows.items() if row.work or row.stuck_at} == set()
    for article in ARTICLES:
        published = {
            submission
            for submission, row in rows.items()
            if row.state == State.PUBLISHED and row.article == article
        }
        shown = world.shown(article)
        assert sorted(shown) == sorted(published)
        assert world.counted(article) == len(published)


def _row(row: Any, each: Kept) -> None:
    leased = row.lease_until is not None and row.lease_until > now()
    due = None if row.due_at is None else row.due_at <= now()
    is_stuck = row.stuck_at is not None
    assert (row.state, row.version, row.work) == (each.state, each.version, each.work)
    assert (leased, due, is_stuck) == (each.leased, each.due, each.stuck)
    graced = row.not_before is not None and row.not_before > now()
    assert (graced, row.may_stand, row.held_for) == (each.graced, each.may_stand, each.held_for)
    assert (row.attempts, row.hints, row.error) == (each.attempts, each.hints, each.error)
    if each.holder:
        assert row.fence == each.holder.fence
    submission = each.admission.submission
    assert (row.article, row.parent, row.content) == (
        submission.article,
        submission.parent,
        submission.content,
    )


def _chain(events: list[Any], each: Kept) -> None:
    """A legal walk from `received`, an event a version, the last one where the row stands."""
    states = [_state(event) for event in events]
    # Received once, however often it was corrected: the books count these.
    assert [event.version for event in events if event.state == State.RECEIVED] == [1]
    assert set(pairwise(states)) <= STEPS
    assert [event.version for event in events] == list(range(1, len(states) + 1))
    assert states == each.chain
    # Work is what the state asks for, or done; what is held may be waiting for another check, and
    # what was undone to be taken down.
    again = {Work.CHECK} if states[-1] is State.HELD else set()
    back = {Work.RETRACT} if states[-1] in TAKEN_BACK else set()
    assert each.work in {WORK_AFTER[states[-1]], None, *again, *back}


def _nothing_unapproved(held: Held, shelf: Shelf) -> None:
    for submission, (version, removed) in shelf.versions.items():
        state = _state(held.events[submission][version - 1])
        asked_for = Work.RETRACT if state in TAKEN_BACK else WORK_AFTER[state]
        assert asked_for is (Work.RETRACT if removed else Work.PUBLISH)


def _state(event: Any) -> State:
    """Where the event led."""
    return State.RECEIVED if event.state == CORRECTED else State(event.state)
