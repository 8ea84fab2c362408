"""What readers, workers, moderators and the reconciler do: done for real, and in the model."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from commentdesk.articlestore import Delivery
from commentdesk.database import now
from commentdesk.domain.finding import clean, unknown
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import Action, State, Work, moderator_actions
from commentdesk.domain.submission import Submission
from commentdesk.ledger import desk, record
from commentdesk.ledger.admit import Admission, Admitted, Receipt, admit
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.claim import Claim, claim, overdue
from commentdesk.ledger.decide import Outcome, decide
from commentdesk.ledger.erase import erase
from commentdesk.ledger.recheck import recheck_now
from commentdesk.ledger.undo import undo
from tests.promise.comparison import compare, nothing_is_left
from tests.promise.model import Kept, Made, Shelf
from tests.promise.world import World

_ROUNDS = 8
ENGINE = "spamassassin"
COLLEAGUE = "nam"


def admission(article: str, parent: str | None = None) -> Admission:
    """A filled-in form with a fresh captcha."""
    submission = Submission(
        id=new_id(),
        article=article,
        name="Hương",
        title="Bài hay",
        content=f"Cảm ơn tác giả {secrets.token_hex(4)}.",
        language="vi",
        received_at=now(),
        phone="+84 91 234 56 78",
        address="192.0.2.7",
        parent=parent,
    )
    return Admission(submission, secrets.token_bytes(16))


def again(first: Admission, *, changed: bool) -> Admission:
    """The same captcha once more, with the same form or another."""
    content = first.submission.content + (" Thêm chữ khác." if changed else "")
    submission = replace(first.submission, id=new_id(), content=content, received_at=now())
    return replace(first, submission=submission)


class Deeds:
    """Every deed asserts that the databases answer as the model says, and moves the model on."""

    def __init__(self, world: World) -> None:
        self.world, self.ledger, self.run = world, world.ledger, world.run
        self.kept: dict[str, Kept] = {}
        self.shelf = Shelf()
        self.sent: list[Claim] = []
        # What each request of a moderator did, by its batch.
        self.batches: dict[str, dict[str, Made]] = {}

    def compare(self) -> None:
        compare(self.world, self.kept, self.shelf)

    # Readers.

    def keep(self, accepted: Admission) -> str:
        self.kept[accepted.submission.id] = Kept(accepted)
        return accepted.submission.id

    def submit(self, batch: Sequence[Admission]) -> list[str]:
        receipts = self.run(admit(self.ledger, batch))
        ids = [self.keep(each) for each in batch]
        times = [each.submission.received_at for each in batch]
        assert receipts == [
            Receipt(submission, Admitted.ACCEPTED, at)
            for submission, at in zip(ids, times, strict=True)
        ]
        return ids

    # Workers.

    def wanting(self, work: Work, most: int = 100) -> list[str]:
        """The oldest submissions that need the work, whoever may hold them."""
        return [each.id for each in self.kept.values() if each.work is work][:most]

    def claim(self, work: Work, ids: Sequence[str]) -> list[Claim]:
        expected = self.claimable(work, ids)
        return self.took(self.run(claim(self.ledger, work, ids)), expected)

    def claimable(self, work: Work, ids: Iterable[str]) -> list[str]:
        return sorted({each for each in ids if self.kept[each].can_be_claimed(work)})

    def took(self, claims: list[Claim], expected: list[str]) -> list[Claim]:
        assert sorted(taken.submission.id for taken in claims) == expected
        for taken in claims:
            each = self.kept[taken.submission.id]
            each.take(taken)
            assert (taken.version, taken.attempts) == (each.version, each.attempts)
            # A worker is not told the address.
            assert taken.submission == replace(each.admission.submission, address="")
        return claims

    def lose_lives(self, claims: Sequence[Claim], lost: int) -> None:
        """As if so many workers had died of these rows before."""
        if claims and lost:
            self.world.lives_lost([taken.submission.id for taken in claims], lost)
            for taken in claims:
                self.kept[taken.submission.id].attempts += lost

    def record_verdicts(
        self, results: Sequence[tuple[Claim, Action]], *, unsure: bool = False
    ) -> None:
        """`unsure`: an engine did not answer."""
        found = unknown(ENGINE, "no answer in time") if unsure else clean(ENGINE)
        verdicts = [(taken, Verdict(action, 0.5, (found,))) for taken, action in results]
        recorded = self.run(record.record_verdicts(self.ledger, verdicts))
        moved: dict[State, list[str]] = defaultdict(list)
        late = 0
        for taken, action in results:
            each = self.kept[taken.submission.id]
            if each.is_held_by(taken):
                version = each.version
                each.judged(action, unsure=unsure)
                if each.version > version:
                    moved[each.state].append(each.id)
            else:
                late += 1
        assert {state: sorted(ids) for state, ids in recorded.by_state.items() if ids} == {
            state: sorted(ids) for state, ids in moved.items()
        }
        assert len(recorded.announcements) == sum(map(len, moved.values()))
        assert recorded.too_late == late

    def engine_is_back(self) -> None:
        """A worker sees it answer again."""
        due = self.run(recheck_now(self.ledger, {ENGINE, "another"}))
        assert due == sum(each.engine_is_back() for each in self.kept.values())
        assert self.run(recheck_now(self.ledger, {"another"})) == 0

    def deliver(self, claims: Sequence[Claim]) -> None:
        """Put them into the store; what is too old is absorbed."""
        results = self.world.deliver(claims)
        for taken in claims:
            new = self.shelf.write(taken.submission.id, taken.version, removed=False)
            assert results[taken.submission.id] == (Delivery.APPLIED if new else Delivery.ABSORBED)
        self.sent += claims

    def record_published(self, claims: Sequence[Claim]) -> None:
        recorded = self.run(record.record_published(self.ledger, claims))
        moved = [each for each in claims if self.kept[each.submission.id].is_held_by(each)]
        for taken in moved:
            self.kept[taken.submission.id].enter(Action.PUBLISH)
        assert sorted(recorded.by_state[State.PUBLISHED]) == sorted(c.submission.id for c in moved)

    def take_down(self, taken: Claim) -> None:
        result = self.world.take_down(taken.submission.id, taken.version)
        new = self.shelf.write(taken.submission.id, taken.version, removed=True)
        assert result == (Delivery.APPLIED if new else Delivery.ABSORBED)
        self.sent.append(taken)

    def record_retracted(self, claims: Sequence[Claim]) -> None:
        self.run(record.record_retracted(self.ledger, claims))
        for taken in claims:
            each = self.kept[taken.submission.id]
            if each.is_held_by(taken) and each.work is Work.RETRACT:
                each.retracted()

    def fail(self, taken: Claim, retry: bool | None) -> None:
        """The store does not answer; `retry`: again at once, later, or never by itself."""
        retry_at = None if retry is None else now() + timedelta(seconds=-1 if retry else 3600)
        self.run(record.record_failure(self.ledger, [taken], "no answer", retry_at))
        each = self.kept[taken.submission.id]
        if each.is_held_by(taken) and each.work is taken.work:
            each.failed("no answer", retry)

    def do(self, work: Work, ids: Sequence[str], action: Action) -> None:
        """A job from its claim to its record."""
        if claims := self.claim(work, ids):
            self.finish_job(work, claims, action)

    def finish_job(self, work: Work, claims: Sequence[Claim], action: Action) -> None:
        """What a job does with what it has claimed."""
        if work is Work.CHECK:
            self.record_verdicts([(taken, action) for taken in claims])
        elif work is Work.PUBLISH:
            self.deliver(claims)
            self.record_published(claims)
        else:
            for taken in claims:
                self.take_down(taken)
            self.record_retracted(claims)

    def settle(self, submission: str) -> None:
        """All jobs of one submission, as far as workers can take it."""
        each = self.kept[submission]
        while each.work and each.can_be_claimed(each.work):
            self.do(each.work, [submission], Action.APPROVE)

    # Moderators.

    def grace(self, seconds: float) -> None:
        """So long an approval can be undone before it leaves."""
        self.ledger.settings.undo_seconds = seconds

    def decide(self, items: Sequence[tuple[str, int]], action: Action) -> None:
        batch = new_id()
        answers = self.run(self.asked(items, action, batch))
        grace = self.ledger.settings.undo_seconds > 0
        for (item, seen), answer in zip(items, answers, strict=True):
            each = self.kept.get(item)
            if each is None:
                assert answer.result == "unknown"
            elif seen != each.version:
                assert (answer.result, answer.version) == ("conflict", each.version)
                assert (answer.decision or {}).get("version") == each.last_deed
            elif action not in moderator_actions(each.state):
                assert answer.result == "impossible"
            else:
                made = each.decide(action, grace=grace, held_for=COLLEAGUE)
                self.batches.setdefault(batch, {})[item] = made
                assert (answer.result, answer.version) == ("done", each.version)
                assert (answer.state, answer.work) == (each.state, each.work)
                assert (answer.not_before is not None) == each.graced

    async def asked(
        self, items: Sequence[tuple[str, int]], action: Action, batch: str | None = None
    ) -> list[Outcome]:
        held_for = COLLEAGUE if action is Action.HOLD else ""
        return await decide(
            self.ledger, items=items, action=action, actor="mai", batch=batch, held_for=held_for
        )

    def undo(self, batch: str, *, times: int = 1) -> None:
        """So often at once; each decision is taken back once."""
        wanted = (undo(self.ledger, batch, "mai") for _ in range(times))
        answers = self.world.together(*wanted)
        for place, (item, made) in enumerate(sorted(self.batches[batch].items())):
            each = self.kept[item]
            results = sorted(answer[place].result for answer in answers)
            assert results == sorted(each.undo(made) for _ in range(times))
            for answer in answers:
                assert (answer[place].id, answer[place].version) == (item, each.version)

    def replay(self, ids: Sequence[str] | None) -> None:
        replayed = self.run(desk.replay(self.ledger, ids, "mai"))
        wanted = [each for each in self.kept.values() if ids is None or each.id in ids]
        stuck = [each for each in wanted if each.stuck]
        assert sorted(replayed) == sorted((each.id, each.work) for each in stuck)
        for each in stuck:
            each.replayed()

    def erase(self, submission: str, *, times: int) -> None:
        """So often at once; one of them erases."""
        each = self.kept[submission]
        wanted = (erase(self.ledger, submission, "mai") for _ in range(times))
        erased = [answer for answer in self.world.together(*wanted) if answer is not None]
        assert len(erased) == (each.state is not State.ERASED)
        if erased:
            each.erase()
            assert erased[0].work == each.work

    # The reconciler, and time.

    def reconcile(self) -> dict[Work, list[str]]:
        """What it hints, by the work to do."""
        found = self.run(overdue(self.ledger))
        due = [each for each in self.kept.values() if each.is_overdue()]
        hinted = [each for each in due if each.hinted()]
        assert sorted((row.id, row.work) for row in found) == sorted(
            (each.id, each.work) for each in hinted if each.work
        )
        return {work: [row.id for row in found if row.work is work] for work in Work}

    def time_passes(self) -> None:
        self.world.time_passes()
        for each in self.kept.values():
            each.time_passes()

    def finish(self) -> None:
        """Whatever happened: replayed and reconciled, all work comes to its end."""
        for _ in range(_ROUNDS):
            self.replay(None)
            self.time_passes()
            for work, ids in self.reconcile().items():
                self.do(work, ids, Action.APPROVE)
        self.compare()
        nothing_is_left(self.world)
