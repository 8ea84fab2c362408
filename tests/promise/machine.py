"""Readers, workers, moderators and a reconciler do what they like; the promise holds throughout.

The rules are what each of them can do, in any order: late, twice, at once, half. After every
step the databases are compared with the model; at the end all work is brought to its end.
"""

import sys
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from commentdesk.domain.state import MODERATOR_ACTIONS, Action, State, Work, moderator_actions
from commentdesk.ledger.admit import Admitted, admit, find_admitted, form_hash
from commentdesk.ledger.claim import Claim, claim
from tests.promise.deeds import COLLEAGUE, Deeds, admission, again
from tests.promise.model import MOST_ATTEMPTS
from tests.promise.second_thoughts import SecondThoughts
from tests.promise.world import ARTICLES, World

_VERDICTS = (Action.APPROVE, Action.HOLD, Action.REJECT)
_MOST = st.integers(1, 3)
# No time of the wall clock ends it either.
GRACE = 600.0
_CHOICE = st.integers(0, 5)
_WORDINGS = st.sampled_from(["Cảm ơn tác giả.", "Tôi nghĩ khác.", "Xem thêm ở vidu.example."])
# How many workers died of a row before this one took it.
_LOST = st.sampled_from([0, 0, MOST_ATTEMPTS - 1])


class Machine(RuleBasedStateMachine):
    """One ledger and one article store, from empty to all work done."""

    admitted: Bundle[str] = Bundle("admitted")
    checks: Bundle[Claim] = Bundle("checks")
    publications: Bundle[Claim] = Bundle("publications")
    retractions: Bundle[Claim] = Bundle("retractions")
    taken: Bundle[Claim] = Bundle("taken")

    def __init__(self, world: World) -> None:
        super().__init__()
        world.wipe()
        self.deeds = Deeds(world)
        self.second_thoughts = SecondThoughts(self.deeds)

    @initialize(seconds=st.sampled_from([0, GRACE]))
    def begin(self, seconds: float) -> None:
        self.deeds.grace(seconds)

    # Readers.

    @rule(target=admitted, articles=st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=3))
    def submit(self, articles: list[str]) -> MultipleResults[str]:
        return multiple(*self.deeds.submit([admission(article) for article in articles]))

    @rule(target=admitted, parent=admitted)
    def reply(self, parent: str) -> MultipleResults[str]:
        """Only to what stands, as intake has it; it may be gone when the reply is published."""
        answered = self.deeds.kept[parent]
        if answered.state is not State.PUBLISHED:
            return multiple()
        return multiple(
            *self.deeds.submit([admission(answered.admission.submission.article, parent)])
        )

    @rule(first=admitted, changed=st.booleans())
    def send_again(self, first: str, changed: bool) -> None:
        stands, ledger = self.deeds.kept[first].sent, self.deeds.ledger
        [receipt] = self.deeds.run(admit(ledger, [again(stands, changed=changed)]))
        erased = self.deeds.kept[first].state is State.ERASED
        result = Admitted.SPENT if changed or erased else Admitted.REPEATED
        assert (receipt.id, receipt.result) == (first, result)
        found = self.deeds.run(find_admitted(ledger, stands.captcha_nonce))
        assert found is not None
        assert (found.id, found.received_at) == (first, stands.submission.received_at)
        assert found.form_hash == (b"" if erased else form_hash(ledger, stands.submission))

    @rule(target=admitted, changed=st.booleans(), together=st.booleans())
    def send_twice_at_once(self, changed: bool, together: bool) -> str:
        """Two forms on one captcha, in one commit or in two at once: one stands."""
        first, ledger = admission(ARTICLES[0]), self.deeds.ledger
        both = [first, again(first, changed=changed)]
        batches = [both] if together else [[each] for each in both]
        answers = self.deeds.world.together(*(admit(ledger, batch) for batch in batches))
        receipts = [receipt for answer in answers for receipt in answer]
        [stands] = {receipt.id for receipt in receipts}
        losing = Admitted.SPENT if changed else Admitted.REPEATED
        assert {receipt.result for receipt in receipts} == {Admitted.ACCEPTED, losing}
        [kept] = [each for each in both if each.submission.id == stands]
        return self.deeds.keep(kept)

    @rule(item=admitted, content=_WORDINGS, times=st.integers(1, 2))
    def correct(self, item: str, content: str, times: int) -> None:
        """Wherever it stands and whoever holds it."""
        self.second_thoughts.correct(item, content, times=times)

    @rule(item=admitted, times=st.integers(1, 2))
    def withdraw(self, item: str, times: int) -> None:
        self.second_thoughts.withdraw(item, times=times)

    @precondition(lambda machine: machine.deeds.wanting(Work.CHECK))
    @rule(content=_WORDINGS, action=st.sampled_from(_VERDICTS), withdrawn=st.booleans())
    def change_while_it_is_checked(self, content: str, action: Action, withdrawn: bool) -> None:
        """The verdict on the wording before comes too late, before and after a new check began."""
        ids = self.deeds.wanting(Work.CHECK, 2)
        claims = self.deeds.claim(Work.CHECK, ids)
        if withdrawn:
            self.second_thoughts.withdraw(ids[0])
        else:
            self.second_thoughts.correct(ids[0], content)
        newer = self.deeds.claim(Work.CHECK, ids)
        for each in (claims, newer):
            if each:
                self.deeds.record_verdicts([(taken, action) for taken in each])

    @rule(item=admitted, choice=_CHOICE, content=st.one_of(_WORDINGS, st.just("")))
    def change_while_it_is_decided(self, item: str, choice: int, content: str) -> None:
        each = self.deeds.kept[item]
        if each.state is State.HELD and each.can_change():
            action = (Action.APPROVE, Action.REJECT)[choice % 2]
            if content != each.admission.submission.content:
                self.second_thoughts.change_while_it_is_decided(item, action, content)

    # Workers.

    @precondition(lambda machine: machine.deeds.wanting(Work.CHECK))
    @rule(targets=(checks, taken), most=_MOST, lost=_LOST)
    def claim_checks(self, most: int, lost: int) -> MultipleResults[Claim]:
        return self._claim(Work.CHECK, most, lost)

    @precondition(lambda machine: machine.deeds.wanting(Work.PUBLISH))
    @rule(targets=(publications, taken), most=_MOST, lost=_LOST)
    def claim_publications(self, most: int, lost: int) -> MultipleResults[Claim]:
        return self._claim(Work.PUBLISH, most, lost)

    @precondition(lambda machine: machine.deeds.wanting(Work.RETRACT))
    @rule(targets=(retractions, taken), most=_MOST, lost=_LOST)
    def claim_retractions(self, most: int, lost: int) -> MultipleResults[Claim]:
        return self._claim(Work.RETRACT, most, lost)

    @rule(other=admitted, work=st.sampled_from(Work))
    def claim_twice_at_once(self, other: str, work: Work) -> None:
        """Two workers with the same hint, one id of which needs something else."""
        ids = [*self.deeds.wanting(work, 3), other]
        expected = self.deeds.claimable(work, ids)
        both = (claim(self.deeds.ledger, work, ids) for _ in range(2))
        answers = self.deeds.world.together(*both)
        self.deeds.took([taken for answer in answers for taken in answer], expected)

    @rule(one=checks, other=checks, actions=st.permutations(_VERDICTS), unsure=st.booleans())
    def record_verdicts(
        self, one: Claim, other: Claim, actions: Sequence[Action], unsure: bool
    ) -> None:
        claims = {taken.submission.id: taken for taken in (one, other)}
        results = list(zip(claims.values(), actions, strict=False))
        self.deeds.record_verdicts(results, unsure=unsure)

    @precondition(lambda machine: machine.deeds.wanting(Work.CHECK))
    @rule(targets=(checks, taken), action=st.sampled_from(_VERDICTS), again=st.booleans())
    def an_engine_is_away(self, action: Action, again: bool) -> MultipleResults[Claim]:
        """What it did not answer for is held; later it is checked once more, or in hand."""
        ids = self.deeds.wanting(Work.CHECK, 2)
        if claims := self.deeds.claim(Work.CHECK, ids):
            self.deeds.record_verdicts([(taken, Action.HOLD) for taken in claims], unsure=True)
        self.deeds.time_passes()
        if again:
            self.deeds.do(Work.CHECK, ids, action)
            return multiple()
        return multiple(*self.deeds.claim(Work.CHECK, ids))

    @rule()
    def an_engine_is_back(self) -> None:
        self.deeds.engine_is_back()

    @rule(one=publications)
    def deliver(self, one: Claim) -> None:
        """Whether the answer arrives is another step."""
        self.deeds.deliver([one])

    @rule(one=publications)
    def record_published(self, one: Claim) -> None:
        if one in self.deeds.sent:
            self.deeds.record_published([one])

    @rule(one=retractions)
    def take_down(self, one: Claim) -> None:
        self.deeds.take_down(one)

    @rule(one=retractions)
    def record_retracted(self, one: Claim) -> None:
        if one in self.deeds.sent:
            self.deeds.record_retracted([one])

    @rule(one=taken, retry=st.sampled_from([True, False, None]))
    def fail(self, one: Claim, retry: bool | None) -> None:
        self.deeds.fail(one, retry)

    @rule(one=taken, action=st.sampled_from(_VERDICTS))
    def oversleep(self, one: Claim, action: Action) -> None:
        """A worker does its job when its lease is over and the reconciler has been there."""
        self.deeds.time_passes()
        self.deeds.reconcile()
        self.deeds.finish_job(one.work, [one], action)

    @rule(one=taken)
    def be_replaced(self, one: Claim) -> None:
        """The lease is over, another takes the job, and both do it."""
        self.deeds.time_passes()
        claims = self.deeds.claim(one.work, [one.submission.id])
        for each in (one, *claims):
            self.deeds.finish_job(each.work, [each], Action.APPROVE)

    @rule(one=taken, choices=st.tuples(_CHOICE, _CHOICE), alone=st.booleans())
    def be_overtaken(self, one: Claim, choices: tuple[int, int], alone: bool) -> None:
        """The job is done, moderators turn it round and back; then it is done once more."""
        submission = one.submission.id
        self.deeds.finish_job(one.work, [one], Action.APPROVE)
        for choice in choices:
            self.decide(submission, choice)
            if not alone:
                self.deeds.time_passes()
                self.deeds.settle(submission)
        self.deeds.finish_job(one.work, [one], Action.APPROVE)

    @rule(action=st.sampled_from(_VERDICTS))
    def all_goes_well(self, action: Action) -> None:
        for work in Work:
            self.deeds.do(work, self.deeds.wanting(work), action)

    # Moderators.

    @rule(item=admitted, choice=_CHOICE)
    def decide(self, item: str, choice: int) -> None:
        each = self.deeds.kept[item]
        if actions := moderator_actions(each.state):
            self.deeds.decide([(item, each.version)], actions[choice % len(actions)])

    @precondition(lambda machine: machine.deeds.kept)
    @rule(
        items=st.lists(st.one_of(admitted, st.just("unknown")), min_size=1, max_size=3),
        action=st.sampled_from(MODERATOR_ACTIONS),
        off=st.sampled_from([0, -1, 1]),
    )
    def decide_anything(self, items: list[str], action: Action, off: int) -> None:
        seen = {item: each.version + off for item, each in self.deeds.kept.items()}
        self.deeds.decide([(item, seen.get(item, 1)) for item in items], action)

    @rule(item=admitted, choice=_CHOICE)
    def decide_twice_at_once(self, item: str, choice: int) -> None:
        """Two moderators saw the same and want the same; one of them decides."""
        each = self.deeds.kept[item]
        if actions := moderator_actions(each.state):
            action = actions[choice % len(actions)]
            both = (self.deeds.asked([(item, each.version)], action) for _ in range(2))
            results = [answer.result for [answer] in self.deeds.world.together(*both)]
            assert sorted(results) == ["conflict", "done"]
            grace = self.deeds.ledger.settings.undo_seconds > 0
            each.decide(action, grace=grace, held_for=COLLEAGUE)

    @precondition(lambda machine: machine.deeds.batches)
    @rule(place=st.integers(0, 100), times=st.integers(1, 2))
    def undo(self, place: int, times: int) -> None:
        """The newest first, for that is what moderators do; or any, any time later."""
        batches = list(self.deeds.batches)[::-1]
        self.deeds.undo(batches[place % len(batches)], times=times)

    @rule(item=admitted, choice=_CHOICE, between=st.sampled_from(["nothing", "time", "claim"]))
    def decide_and_undo(self, item: str, choice: int, between: str) -> None:
        """At once, when it left, or while a worker has it in hand."""
        before = len(self.deeds.batches)
        self.decide(item, choice)
        if between != "nothing":
            self.deeds.time_passes()
        work = self.deeds.kept[item].work
        claims = self.deeds.claim(work, [item]) if work and between == "claim" else []
        if len(self.deeds.batches) > before:
            self.deeds.undo(list(self.deeds.batches)[-1])
        for each in claims:
            self.deeds.finish_job(each.work, [each], Action.APPROVE)

    @rule(item=admitted, times=st.integers(1, 2))
    def erase(self, item: str, times: int) -> None:
        """Wherever it stands and whoever holds it."""
        self.deeds.erase(item, times=times)

    @precondition(lambda machine: machine.deeds.kept)
    @rule(ids=st.one_of(st.none(), st.lists(admitted, max_size=3)))
    def replay(self, ids: list[str] | None) -> None:
        self.deeds.replay(ids)

    # The reconciler, and time.

    @rule()
    def reconcile(self) -> None:
        self.deeds.reconcile()

    @rule()
    def time_passes(self) -> None:
        self.deeds.time_passes()

    @invariant()
    def the_databases_hold_what_the_model_says(self) -> None:
        self.deeds.compare()

    def teardown(self) -> None:
        if sys.exception() is None:
            self.deeds.finish()

    def _claim(self, work: Work, most: int, lost: int) -> MultipleResults[Claim]:
        claims = self.deeds.claim(work, self.deeds.wanting(work, most))
        self.deeds.lose_lives(claims, lost)
        return multiple(*claims)
