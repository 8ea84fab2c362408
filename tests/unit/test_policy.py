"""From "at most one in N honest comments" to scores, and from findings to a decision."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.finding import Reason, bad, clean, suspect, unknown
from commentdesk.domain.policy import (
    HOLD_STEPS,
    LEAST_TO_REJECT,
    NEVER,
    REJECT_STEPS,
    HonestCurve,
    Override,
    Policy,
    Thresholds,
    combined,
    decide,
)
from commentdesk.domain.state import Action
from workers.labelled import read_rows, score_of
from workers.thresholds import CURVE, honest_curve, measure, write_curve

WHY = (Reason("code"),)
CURVE_OF_TEST = HonestCurve(((0.0, 1.0), (0.3, 0.05), (0.5, 0.01), (0.98, 0.001), (0.99, 0.0001)))


@pytest.mark.parametrize(
    ("policy", "hold_at", "reject_at"),
    [
        (Policy(), 0.5, 0.98),
        (Policy(hold_one_in=20), 0.3, 0.98),
        (Policy(hold_one_in=10), 0.3, 0.98),
        (Policy(hold_one_in=1000, reject_one_in=200), 0.98, 0.98),
        (Policy(reject_one_in=200), 0.5, 0.98),
        (Policy(reject_one_in=5000), 0.5, 0.99),
        (Policy(reject_one_in=NEVER), 0.5, 1.01),
    ],
)
def test_an_editors_words_become_scores(policy: Policy, hold_at: float, reject_at: float) -> None:
    assert policy.thresholds(CURVE_OF_TEST) == Thresholds(hold_at, reject_at, True)


def test_what_the_curve_cannot_promise_does_not_happen() -> None:
    """Too few honest comments were measured to say one in 5000."""
    short = HonestCurve(((0.0, 1.0), (0.5, 0.01)))
    assert short.score_for(5000) > 1
    assert Policy(reject_one_in=5000).thresholds(short).reject_at > 1


def test_no_single_doubt_rejects_whatever_the_curve_allows() -> None:
    lenient = Policy(reject_one_in=200).thresholds(HonestCurve(((0.0, 1.0), (0.1, 0.0))))
    assert lenient.reject_at == LEAST_TO_REJECT
    assert decide([bad("words", 0.95, WHY)], lenient).action is Action.HOLD


def test_nothing_is_published_by_the_machine_where_all_is_pre_moderated() -> None:
    reading = Thresholds(0.5, 0.97, publish_clean=False)
    for findings in ([clean("a")], [suspect("a", 0.6, WHY)], [unknown("a", "x")]):
        assert decide(findings, reading).action is Action.HOLD
    worst = [bad("a", 0.9, WHY), bad("b", 0.9, WHY)]
    assert decide(worst, reading).action is Action.REJECT


def test_a_breaking_story_holds_every_doubt_whoever_wrote_it() -> None:
    tight = Policy(hold_one_in=1000).thresholds(CURVE_OF_TEST, tight=True)
    assert (tight.hold_at, tight.reject_at) == (0.3, 0.98)
    calm = Policy().thresholds(CURVE_OF_TEST)
    for findings in ([suspect("a", 0.05, WHY)], [clean("a", 0.35)]):
        assert decide(findings, calm, trusted=True).action is Action.APPROVE
        assert decide(findings, tight, trusted=True).action is Action.HOLD
    assert decide([clean("a"), clean("b", 0.2)], tight).action is Action.APPROVE
    assert decide([bad("a", 0.9, WHY), bad("b", 0.9, WHY)], tight).action is Action.REJECT


def test_doubts_about_somebody_trusted_do_not_hold_and_what_is_bad_does() -> None:
    thresholds = Thresholds(0.4, 0.97)
    doubts = ([suspect("a", 0.6, WHY)], [suspect("a", 0.1, WHY, holds=True)])
    for findings in doubts:
        assert decide(findings, thresholds).action is Action.HOLD
        assert decide(findings, thresholds, trusted=True).action is Action.APPROVE
        where_all_waits = Thresholds(0.4, 0.97, publish_clean=False)
        assert decide(findings, where_all_waits, trusted=True).action is Action.HOLD
    for findings in (
        [bad("a", 0.5, WHY)],
        [unknown("a", "x")],
        [suspect("a", 0.9, WHY)],
        [suspect("a", 0.8, WHY), suspect("b", 0.8, WHY)],
    ):
        assert decide(findings, thresholds, trusted=True).action is Action.HOLD
    worst = [bad("a", 0.9, WHY), bad("b", 0.9, WHY)]
    assert decide(worst, thresholds, trusted=True).action is Action.REJECT


def test_a_verdict_names_what_it_lacks() -> None:
    verdict = decide([clean("a"), unknown("b", "x"), unknown("c", "x")], Thresholds(0.5, 0.97))
    assert (verdict.action, verdict.unknown) == (Action.HOLD, ("b", "c"))
    assert decide([clean("a")], Thresholds(0.5, 0.97)).unknown == ()


steps = st.none() | st.sampled_from(HOLD_STEPS)
rejects = st.none() | st.sampled_from(REJECT_STEPS)
overrides = st.builds(Override, steps, rejects, st.none() | st.booleans())


@given(overrides, overrides)
def test_the_narrower_word_counts(site: Override, article: Override) -> None:
    settled = Policy(200, 5000, True)
    policy = article.over(site.over(settled))
    for name in ("hold_one_in", "reject_one_in", "publish_clean"):
        said = [getattr(each, name) for each in (article, site, settled)]
        assert getattr(policy, name) == next(value for value in said if value is not None)
    assert policy.thresholds(honest_curve()).hold_at <= policy.thresholds(honest_curve()).reject_at


def test_the_curve_that_ships_falls() -> None:
    points = honest_curve().points
    assert points[0][1] == 1.0
    for (score, share), (higher, lower) in pairwise(points):
        assert score < higher
        assert share > lower > 0
    measured = json.loads(CURVE.read_text())["measured_on"]
    assert set(measured) == {"en_news", "vi_news"}
    assert points[-1][1] <= 1 / 5000, "enough were measured for every step there is"


def row(text: str, **more: str) -> dict[str, str]:
    return {"text": text, "lang": "vi", "slice": "vi_news", "label": "ham", **more}


def test_the_curve_is_what_honest_comments_score(tmp_path: Path) -> None:
    honest = [row(f"Cảm ơn tác giả, bài viết số {n} rất hay.") for n in range(97)]
    doubtful = [row("Xem vidu-quangcao.com"), row("vidu-a.com và vidu-b.com")]
    beside = [row("vidu-c.com", label="spam"), row("vidu-c.com", slice="vi_hust")]
    document = measure([*honest, *doubtful, *beside])
    assert document["measured_on"] == {"vi_news": 99}
    points = sorted(map(tuple, document["honest_share_at"]))
    assert points[0][1] == 1
    shares = [share for _, share in points]
    assert shares == sorted(shares, reverse=True)
    doubted = min(score_of(each) for each in doubtful)
    assert max(score_of(each) for each in honest) < doubted
    assert next(share for score, share in points if score >= round(doubted, 6)) == 0.03
    assert shares[-1] == 0.01

    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in [*honest, *doubtful]), "utf-8")
    write_curve(read_rows(file), tmp_path / "curve.json")
    assert json.loads((tmp_path / "curve.json").read_text()) == document


@given(st.lists(st.floats(0, 0.95), min_size=1, max_size=6))
def test_doubts_add_up_and_never_past_one(scores: list[float]) -> None:
    findings = [suspect("a", score, WHY) for score in scores]
    assert max(scores) <= combined(findings) + 1e-12 <= 1 + 1e-12


@pytest.mark.parametrize("ordered", [Action.HOLD, Action.REJECT])
def test_what_a_person_ordered_is_done_whatever_the_machine_thinks(ordered: Action) -> None:
    never, always = Thresholds(2.0, 2.0), Thresholds(0.0, 0.0)
    for findings in ([clean("spam")], [bad("spam", 0.99, WHY)], [unknown("links", "Error")]):
        for thresholds in (never, always):
            for trusted in (True, False):
                verdict = decide(findings, thresholds, trusted=trusted, ordered=ordered)
                assert verdict.action is ordered
