"""The states of a submission and the only moves between them."""

from enum import StrEnum


class State(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    REMOVED = "removed"
    ERASED = "erased"


class Action(StrEnum):
    """What moves a submission; HOLD and PUBLISH are the machine's alone, ERASE an admin's."""

    APPROVE = "approve"
    HOLD = "hold"
    REJECT = "reject"
    PUBLISH = "publish"
    REMOVE = "remove"
    RESTORE = "restore"
    ERASE = "erase"


class Work(StrEnum):
    """What a worker still has to do for a submission."""

    CHECK = "check"
    PUBLISH = "publish"
    RETRACT = "retract"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.RECEIVED, Action.APPROVE): State.APPROVED,
    (State.RECEIVED, Action.HOLD): State.HELD,
    (State.RECEIVED, Action.REJECT): State.REJECTED,
    (State.HELD, Action.APPROVE): State.APPROVED,
    (State.HELD, Action.REJECT): State.REJECTED,
    (State.APPROVED, Action.PUBLISH): State.PUBLISHED,
    (State.PUBLISHED, Action.REMOVE): State.REMOVED,
    (State.REJECTED, Action.RESTORE): State.APPROVED,
    (State.REMOVED, Action.RESTORE): State.APPROVED,
    # A person's right to be forgotten waits for nobody; nothing leads back.
    **{(state, Action.ERASE): State.ERASED for state in State if state is not State.ERASED},
}

# A moderator approves, rejects, removes and restores what has been checked; the machine does
# the rest. A received submission belongs to the workers.
MODERATOR_ACTIONS = (Action.APPROVE, Action.REJECT, Action.REMOVE, Action.RESTORE)

WORK_AFTER: dict[State, Work | None] = {
    State.RECEIVED: Work.CHECK,
    State.HELD: None,
    State.APPROVED: Work.PUBLISH,
    State.PUBLISHED: None,
    State.REJECTED: None,
    State.REMOVED: Work.RETRACT,
    State.ERASED: Work.RETRACT,
}


def moderator_actions(state: State) -> tuple[Action, ...]:
    """What a moderator can do with a submission in this state."""
    if state is State.RECEIVED:
        return ()
    return tuple(action for action in MODERATOR_ACTIONS if (state, action) in TRANSITIONS)
