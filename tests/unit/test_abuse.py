"""Insults: found where they stand, held and never rejected, and not seen where none are."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentdesk.domain.finding import Finding, Outcome, bad
from commentdesk.domain.policy import Thresholds, combined, decide
from commentdesk.domain.state import Action
from commentdesk.domain.submission import Submission
from workers.checks import CheckContext, SiteFacts, run_checks
from workers.checks.abuse import check_abuse

SITE = SiteFacts("VN")
BLANK = Submission("1", "a", "", "", "", "vi", datetime(2026, 9, 2, tzinfo=UTC))


def finding(content: str, title: str = "", name: str = "") -> Finding:
    submission = replace(BLANK, content=content, title=title, name=name)
    return check_abuse(submission, CheckContext.of(submission, SITE))


@pytest.mark.parametrize(
    "text",
    [
        "Thằng ngu, mày biết gì mà nói",
        "đồ khốn nạn, mất dạy",
        "dit me may, oc cho",
        "NGUUUU NHƯ BÒ",
        "you are an idiot",
        "What a M O R O N? no: moron!",
        "go f**k yourself, ｉｄｉｏｔ",
        "They should be shot",
    ],
)
def test_insults_are_held(text: str) -> None:
    found = finding(text)
    assert (found.outcome, found.holds) == (Outcome.SUSPECT, True)
    assert found.reasons


@pytest.mark.parametrize(
    "text",
    [
        "Con tôi ngủ ngon, mai đi học sớm",
        "Nhà tôi nuôi chó, mèo và trồng rau",
        "Lũ lớn quá, bà con miền Trung khổ thật",
        "Rất mắt đầy lệ, đọc mà thương",
        "Uống trà xanh mỗi ngày, hạt óc chó cũng tốt",
        "rat dep, mat day le, cai lon hon",
        "An assessment of the classic Scunthorpe problem in Essex",
        "I disagree with the minister, this is a poor decision",
    ],
)
def test_honest_words_are_not_insults(text: str) -> None:
    assert finding(text).outcome is Outcome.CLEAN


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("field", ["name", "title", "content"])
def test_an_insult_is_marked_where_it_stands(form: str, field: str) -> None:
    text = unicodedata.normalize(form, "Ờ thì: đồ khốn nạn, đi đi")  # type: ignore[arg-type]
    found = finding(**{"content": "", field: text})
    reason = found.reasons[0]
    assert reason.field == field and reason.span is not None
    assert unicodedata.normalize("NFC", text[slice(*reason.span)]) in ("đồ khốn", "khốn nạn")
    assert reason.text == text[slice(*reason.span)]


def test_abuse_alone_never_rejects_and_always_holds() -> None:
    worst = replace(BLANK, content="địt mẹ mày, đồ chó đẻ, go die, kill yourself, subhuman scum")
    findings = run_checks(worst, SITE)
    assert decide(findings, Thresholds(0.0, 0.0)).action is Action.HOLD
    assert decide(findings, Thresholds(2.0, 2.0)).action is Action.HOLD


def test_abuse_does_not_lift_what_another_check_finds_over_the_threshold_to_reject() -> None:
    insult = finding("thằng ngu")
    other = bad("links", 0.9, [])
    assert combined([insult, other]) == combined([other])
    assert decide([insult, other], Thresholds(0.5, 0.95)).action is Action.HOLD
