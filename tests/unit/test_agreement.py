"""How far two judgements agree: against figures worked out by hand, and what must always hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.agreement import Opinion, Tally, at_least
from commentdesk.domain.policy import NEVER, Policy
from commentdesk.ledger.agreement import Proposal, proposals

COUNTS = st.integers(0, 500)
TALLIES = st.builds(Tally, COUNTS, COUNTS, COUNTS, COUNTS)


def test_pairs_are_counted_by_what_was_decided_and_whether_it_was_kept() -> None:
    pairs = [("publish", "publish")] * 3 + [("publish", "reject"), ("reject", "publish")] * 2
    assert Tally.of([*pairs, ("reject", "reject")]) == Tally(3, 2, 1, 2)
    with pytest.raises(ValueError, match="skip"):
        Tally.of([("skip", "publish")])


@pytest.mark.parametrize(
    ("tally", "percent", "kappa"),
    [
        # The textbook's: 20 and 15 agree, 5 and 10 do not; by chance half would.
        (Tally(20, 5, 15, 10), 70, 0.4),
        (Tally(45, 15, 15, 25), 60, 0.1304),
        (Tally(10, 0, 10, 0), 100, 1.0),
        (Tally(0, 10, 0, 10), 0, -1.0),
        (Tally(5, 5, 5, 5), 50, 0.0),
        # One of the two says the same of all.
        (Tally(10, 0, 0, 0), 100, None),
        (Tally(0, 0, 5, 1), 500 / 6, None),
        (Tally(5, 0, 0, 5), 50, None),
        (Tally(), None, None),
    ],
)
def test_percent_and_kappa(tally: Tally, percent: float | None, kappa: float | None) -> None:
    assert tally.percent == percent
    assert tally.kappa == (None if kappa is None else pytest.approx(kappa, abs=1e-4))


@given(TALLIES)
def test_kappa_stays_within_its_bounds_and_below_agreement(tally: Tally) -> None:
    assert tally.looked == tally.published + tally.rejected
    if tally.kappa is not None and tally.percent is not None:
        assert -1 <= tally.kappa <= tally.percent / 100 + 1e-12


@given(COUNTS, COUNTS)
def test_what_is_so_at_least_is_never_more_than_what_was_found(found: int, others: int) -> None:
    looked = found + others
    sure = at_least(found, looked)
    assert 0 <= sure <= (found / looked if looked else 0) + 1e-12
    assert at_least(10 * found, 10 * looked) >= sure - 1e-12


def test_the_interval_is_wilsons() -> None:
    assert math.isclose(at_least(10, 100), 0.0552, abs_tol=1e-4)
    assert math.isclose(at_least(1, 1), 0.2065, abs_tol=1e-4)


def test_rejections_overturned_more_often_than_promised_propose_a_step() -> None:
    policy = Policy(hold_one_in=100, reject_one_in=1000)
    # 400 rejected, a quarter of them in error: 100 of 10,100 honest ones, where 10 may be.
    [found] = proposals(Tally(500, 0, 15, 5), 400, 10_000, policy)
    assert found == Proposal(Opinion.REJECT, 20, 5, 101, 1000, 2000)
    [last] = proposals(Tally(0, 0, 15, 5), 400, 10_000, Policy(100, 5000))
    assert last.step == NEVER
    # Two of two are no proof; nor is an error the policy puts up with.
    assert proposals(Tally(0, 2, 0, 2), 400, 10_000, policy) == []
    assert proposals(Tally(0, 0, 99, 1), 100, 10_000, policy) == []
    assert proposals(Tally(0, 0, 15, 5), 400, 10_000, Policy(100, NEVER)) == []
    assert proposals(Tally(), 0, 0, policy) == []


def test_publications_overturned_too_often_propose_to_hold_more() -> None:
    [found] = proposals(Tally(90, 10, 0, 0), 0, 10_000, Policy())
    assert found == Proposal(Opinion.PUBLISH, 100, 10, 10, 50, 50)
    [none] = proposals(Tally(0, 3, 0, 0), 0, 0, Policy(hold_one_in=10))
    assert none.step is None
    assert proposals(Tally(99, 1, 0, 0), 0, 10_000, Policy()) == []
