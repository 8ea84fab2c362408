"""What readers do to their own while it waits: done for real, and in the model."""

from collections.abc import Coroutine
from typing import Any

from commentdesk.domain.state import Action, State
from commentdesk.domain.submission import Wording
from commentdesk.ledger.correct import TooLate, correct, withdraw
from tests.promise.deeds import Deeds
from tests.promise.model import Kept

TOO_LATE = "too late"


class SecondThoughts:
    """Of the readers whose submissions the deeds are about."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds

    def correct(self, submission: str, content: str, *, times: int = 1) -> None:
        """The same wording so often at once: it is written once."""
        each = self.deeds.kept[submission]
        says_it = each.admission.submission.content == content and not each.is_erased
        both = (self.asked_to_correct(each, content) for _ in range(times))
        answers = self.deeds.world.together(*both)
        if each.is_erased or not (says_it or each.can_change()):
            assert answers == [TOO_LATE] * times
            return
        told = [answer for answer in answers if answer is not None]
        assert len(told) == (not says_it)
        if told:
            each.correct(content)
            self._as_announced(each, told[0])

    def withdraw(self, submission: str, *, times: int = 1) -> None:
        """So often at once; one of them takes it back."""
        each = self.deeds.kept[submission]
        gone = each.state is State.WITHDRAWN
        answers = self.deeds.world.together(*(self._asked_to_withdraw(each) for _ in range(times)))
        if not (gone or each.can_change()):
            assert answers == [TOO_LATE] * times
            return
        told = [answer for answer in answers if answer is not None]
        assert len(told) == (not gone)
        if told:
            each.withdraw()
            self._as_announced(each, told[0])

    def change_while_it_is_decided(self, submission: str, action: Action, content: str) -> None:
        """A moderator saw it and decides, the reader corrects or withdraws, all at once: one did.

        Without `content` it is withdrawn.
        """
        each = self.deeds.kept[submission]
        change = self.asked_to_correct(each, content) if content else self._asked_to_withdraw(each)
        decision = self.deeds.asked([(submission, each.version)], action)
        changed, decided = self.deeds.world.together(change, self._result(decision))
        if changed == TOO_LATE:
            assert decided == ("done", None)
            grace = self.deeds.ledger.settings.undo_seconds > 0
            each.decide(action, grace=grace)
        else:
            done = Action.CORRECT if content else Action.WITHDRAW
            assert decided == ("conflict", str(done))
            each.correct(content) if content else each.withdraw()
            self._as_announced(each, changed)

    async def asked_to_correct(self, each: Kept, content: str) -> Any:
        typed = each.admission.submission
        wording = Wording(typed.name, typed.title, content)
        return await self._or_too_late(correct(self.deeds.ledger, each.id, wording))

    async def _asked_to_withdraw(self, each: Kept) -> Any:
        return await self._or_too_late(withdraw(self.deeds.ledger, each.id))

    @staticmethod
    async def _or_too_late(change: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await change
        except TooLate:
            return TOO_LATE

    @staticmethod
    async def _result(decision: Coroutine[Any, Any, Any]) -> Any:
        """What became of it, and what is said to have come before."""
        [outcome] = await decision
        return outcome.result, outcome.decision and outcome.decision["action"]

    @staticmethod
    def _as_announced(each: Kept, told: Any) -> None:
        _, payload = told
        assert (payload["id"], payload["state"]) == (each.id, each.state)
        assert payload["version"] == each.version
