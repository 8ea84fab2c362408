"""What the ledger and the article store must hold, in plain Python: the promise, predicted."""

from dataclasses import dataclass, field, replace

from commentdesk.domain.state import (
    GRACED,
    TAKEN_BACK,
    TRANSITIONS,
    UNDOINGS,
    WORK_AFTER,
    Action,
    State,
    Work,
)
from commentdesk.ledger.admit import Admission
from commentdesk.ledger.claim import Claim
from commentdesk.ledger.receipts import MOST_CORRECTIONS
from commentdesk.ledger.recheck import MOST_BY_CLOCK, MOST_RECHECKS

MOST_ATTEMPTS = 10
GAVE_UP = "gave up: the worker died every time"


@dataclass(frozen=True)
class Made:
    """A moderator's decision as undoing has to know it."""

    version: int
    action: Action
    came_from: State
    was_held_for: str | None


@dataclass
class Kept:
    """One submission: where it is, what is left to do, who may write to it."""

    admission: Admission
    chain: list[State] = field(default_factory=lambda: [State.RECEIVED])
    work: Work | None = Work.CHECK
    holder: Claim | None = None
    leased: bool = False
    due: bool | None = False
    attempts: int = 0
    hints: int = 0
    stuck: bool = False
    error: str | None = None
    verdict: Action | None = None
    # Whether the verdict lacks a check's answer, since when (this day or before), how often.
    unsure: bool = False
    checked_today: bool = False
    rechecks: int = 0
    decided: list[int] = field(default_factory=list)
    # Each version's wording that its reader corrected, and the last version that was theirs.
    revisions: list[tuple[int, str]] = field(default_factory=list)
    readers_own: int | None = None
    audited: int = 0
    # Whether it may stand in the article store, may not leave yet, and for whom it is held.
    may_stand: bool = False
    graced: bool = False
    held_for: str | None = None

    def __post_init__(self) -> None:
        # The form as it was sent: sent again it is the same, whatever was corrected since.
        self.sent = self.admission

    @property
    def id(self) -> str:
        return self.admission.submission.id

    @property
    def state(self) -> State:
        return self.chain[-1]

    @property
    def version(self) -> int:
        return len(self.chain)

    @property
    def is_erased(self) -> bool:
        return self.state is State.ERASED

    @property
    def last_deed(self) -> int | None:
        """The version of the last that a person did to it."""
        return max(filter(None, [*self.decided[-1:], self.readers_own]), default=None)

    def enter(self, action: Action) -> None:
        """Move, as the table of moves says; whoever held it holds nothing now."""
        self.reach(TRANSITIONS[self.state, action])

    def reach(self, state: State, *, graced: bool = False) -> None:
        """Be there; what may stand in the store and should not is retracted."""
        self.chain.append(state)
        self.work, self.graced = WORK_AFTER[state], graced
        if state in TAKEN_BACK and self.may_stand:
            self.work = Work.RETRACT
        self.due = False if self.work else None
        self.holder, self.leased, self.stuck, self.error = None, False, False, None
        self.attempts = self.hints = 0

    def judged(self, action: Action, *, unsure: bool) -> None:
        """A verdict: it moves the row, or the row stays held; what lacks an answer has work."""
        self.rechecks += self.verdict is not None
        if (self.state, action) != (State.HELD, Action.HOLD):
            self.enter(action)
        else:
            self.work, self.due, self.holder, self.leased = None, None, None, False
            self.stuck, self.error, self.attempts = False, None, 0
        self.verdict, self.unsure, self.checked_today = action, unsure, True
        if unsure and action is Action.HOLD and self.rechecks < MOST_BY_CLOCK:
            self.work, self.due = Work.CHECK, False

    def engine_is_back(self) -> bool:
        """Whether it is checked again at once, now that the engine answers."""
        again = self.state is State.HELD and self.unsure and not self.checked_today
        in_hand = self.leased or self.stuck or self.due is True or self.work is Work.RETRACT
        in_hand = in_hand or self.held_for is not None
        if not again or in_hand or self.rechecks >= MOST_RECHECKS:
            return False
        self.work, self.due, self.hints = Work.CHECK, True, 0
        return True

    def decide(self, action: Action, *, grace: bool = False, held_for: str | None = None) -> Made:
        """A moderator's move: with its decision and its line in the audit."""
        came_from, was_held_for = self.state, self.held_for
        self.reach(TRANSITIONS[self.state, action], graced=grace and action in GRACED)
        if action is Action.HOLD:
            self.held_for = held_for
        self._written()
        return Made(self.version, action, came_from, was_held_for)

    def undo(self, made: "Made") -> str:
        """What becomes of taking a decision back."""
        if self.decided[-1] != made.version:
            return "conflict"
        target = UNDOINGS.get((made.action, made.came_from, self.state))
        if target is None:
            return "impossible"
        self.reach(target)
        if made.action is Action.HOLD:
            self.held_for = made.was_held_for
        self._written()
        return "done"

    def can_change(self) -> bool:
        """Whether its reader still may: it merely waits, and was not corrected too often."""
        waits = (self.state, Action.CORRECT) in TRANSITIONS and not self.may_stand
        return waits and len(self.revisions) < MOST_CORRECTIONS

    def correct(self, content: str) -> None:
        """Another wording: nothing is known of it yet."""
        typed = self.admission.submission
        self.revisions.append((self.version, typed.content))
        self.admission = replace(self.admission, submission=replace(typed, content=content))
        self.verdict, self.unsure, self.rechecks = None, False, 0
        self._change(Action.CORRECT)

    def withdraw(self) -> None:
        """Nobody has to do anything with it any more."""
        self._change(Action.WITHDRAW)

    def _change(self, action: Action) -> None:
        self.enter(action)
        self.readers_own = self.version
        self.audited += 1

    def _written(self) -> None:
        self.decided.append(self.version)
        self.audited += 1

    def erase(self) -> None:
        """All that somebody typed is gone; what stays keeps the books and its captcha spent."""
        self.enter(Action.ERASE)
        self.audited += 1
        typed = self.admission.submission
        blank = replace(typed, name="", title="", content="", phone="")
        self.admission = replace(self.admission, submission=blank)
        self.revisions = []

    def can_be_claimed(self, work: Work) -> bool:
        return self.work is work and not (self.leased or self.stuck or self.graced)

    def take(self, claim: Claim) -> None:
        self.holder, self.leased, self.due = claim, True, False
        self.attempts, self.hints = self.attempts + 1, 0
        self.may_stand = self.may_stand or claim.work is Work.PUBLISH

    def is_held_by(self, claim: Claim) -> bool:
        """Whether what this worker writes still counts."""
        return self.holder == claim

    def retracted(self) -> None:
        self.work, self.due, self.leased, self.may_stand = None, None, False, False
        self.stuck, self.error, self.attempts = False, None, 0

    def failed(self, error: str, retry: bool | None) -> None:
        """`retry`: due at once (True), later (False), never by itself (None)."""
        self.leased, self.due = False, retry
        self.stuck, self.error = retry is None, error

    def time_passes(self) -> None:
        self.leased = self.checked_today = self.graced = False
        self.due = None if self.due is None else True

    def is_overdue(self) -> bool:
        return self.work is not None and self.due is True and not self.leased and not self.stuck

    def hinted(self) -> bool:
        """Whether the reconciler hints it; after too many lives lost it is stuck instead."""
        if self.attempts >= MOST_ATTEMPTS:
            self.stuck, self.error = True, GAVE_UP
            return False
        self.hints, self.due = self.hints + 1, False
        return True

    def replayed(self) -> None:
        self.stuck, self.attempts, self.hints, self.leased, self.due = False, 0, 0, False, True
        self.audited += 1


@dataclass
class Shelf:
    """The article store: the highest version of each comment, and whether it is a removal."""

    versions: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def write(self, submission: str, version: int, *, removed: bool) -> bool:
        """Whether it changes anything."""
        if submission in self.versions and self.versions[submission][0] >= version:
            return False
        self.versions[submission] = (version, removed)
        return True
