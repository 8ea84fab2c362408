"""The states of a submission and the only moves between them."""

from enum import StrEnum


class State(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Action(StrEnum):
    """What moves a submission; PUBLISH is the machine's alone, UNDO a moderator's.

    HOLD is the machine's way to the desk; a moderator's keeps what is there for a colleague.
    CORRECT and WITHDRAW are the reader's own. ERASE is an admin's.
    """

    APPROVE = "approve"
    HOLD = "hold"
    REJECT = "reject"
    PUBLISH = "publish"
    REMOVE = "remove"
    RESTORE = "restore"
    UNDO = "undo"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
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
    (State.HELD, Action.HOLD): State.HELD,
    (State.HELD, Action.REJECT): State.REJECTED,
    (State.APPROVED, Action.PUBLISH): State.PUBLISHED,
    (State.PUBLISHED, Action.REMOVE): State.REMOVED,
    (State.REJECTED, Action.RESTORE): State.APPROVED,
    (State.REMOVED, Action.RESTORE): State.APPROVED,
    # Another wording is another comment: all checks look at it anew.
    (State.RECEIVED, Action.CORRECT): State.RECEIVED,
    (State.HELD, Action.CORRECT): State.RECEIVED,
    (State.RECEIVED, Action.WITHDRAW): State.WITHDRAWN,
    (State.HELD, Action.WITHDRAW): State.WITHDRAWN,
    # A person's right to be forgotten waits for nobody; nothing leads back.
    **{(state, Action.ERASE): State.ERASED for state in State if state is not State.ERASED},
}

# Where undoing leads: by what a moderator did, the state it was done in, and the state now.
UNDOINGS: dict[tuple[Action, State, State], State] = {
    (Action.APPROVE, State.HELD, State.APPROVED): State.HELD,
    (Action.APPROVE, State.HELD, State.PUBLISHED): State.REMOVED,
    (Action.REJECT, State.HELD, State.REJECTED): State.HELD,
    (Action.HOLD, State.HELD, State.HELD): State.HELD,
    (Action.REMOVE, State.PUBLISHED, State.REMOVED): State.APPROVED,
    (Action.RESTORE, State.REJECTED, State.APPROVED): State.REJECTED,
    (Action.RESTORE, State.REJECTED, State.PUBLISHED): State.REMOVED,
    (Action.RESTORE, State.REMOVED, State.APPROVED): State.REMOVED,
    (Action.RESTORE, State.REMOVED, State.PUBLISHED): State.REMOVED,
}
# Every step a submission may take, whoever takes it.
STEPS: frozenset[tuple[State, State]] = frozenset(
    {
        *((start, target) for (start, _), target in TRANSITIONS.items()),
        *((now, target) for (_, _, now), target in UNDOINGS.items()),
    }
)

# What a moderator does with what has been checked; the machine does the rest. A received
# submission belongs to the workers.
MODERATOR_ACTIONS = (
    Action.APPROVE,
    Action.REJECT,
    Action.REMOVE,
    Action.RESTORE,
    Action.HOLD,
)
# What a moderator may take back before it leaves for the readers.
GRACED = frozenset({Action.APPROVE, Action.RESTORE})

WORK_AFTER: dict[State, Work | None] = {
    State.RECEIVED: Work.CHECK,
    State.HELD: None,
    State.APPROVED: Work.PUBLISH,
    State.PUBLISHED: None,
    State.REJECTED: None,
    State.REMOVED: Work.RETRACT,
    State.WITHDRAWN: None,
    State.ERASED: Work.RETRACT,
}
# Here an undo may lead while a worker has the publishing in hand, and from there a reader's own
# wish: what may stand in the article store by then is retracted.
TAKEN_BACK = frozenset({State.HELD, State.REJECTED, State.WITHDRAWN})


def moderator_actions(state: State) -> tuple[Action, ...]:
    """What a moderator can do with a submission in this state."""
    if state is State.RECEIVED:
        return ()
    return tuple(action for action in MODERATOR_ACTIONS if (state, action) in TRANSITIONS)
