"""Each check on what readers really write."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from workers import checks
from workers.checks import Check, CheckContext, SiteFacts, run_checks
from workers.checks.links import check_links
from workers.checks.phone import check_phone
from workers.checks.spam.check import check_spam
from workers.checks.words import check_words

HONEST = Submission(
    id="1",
    article="a",
    name="Nguyễn An",
    title="Ý kiến",
    content="Bài viết rất hay, năm 2024 tôi cũng từng đi. Giá 3.500.000 đồng thì hơi cao.Tạm ổn.",
    language="vi",
    received_at=datetime.now(UTC),
)


def site(**words: str) -> SiteFacts:
    listed = [(kind, text, fold(text)) for kind, text in words.items()]
    return SiteFacts.build("VN", listed, frozenset({"bao.example", "bao.com.vn"}))


def answer(check: Check, submission: Submission, **words: str) -> Finding:
    return check(submission, CheckContext.of(submission, site(**words)))


def codes(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


def test_an_honest_comment_is_clean_everywhere() -> None:
    assert {f.outcome for f in run_checks(HONEST, site())} == {Outcome.CLEAN}


@pytest.mark.parametrize(
    "phone",
    ["", "0912345678", "+84 912 345 678", "(028) 3822 1234", "+1 650-253-0000", "0９12.345.678"],
)
def test_numbers_that_can_be_called(phone: str) -> None:
    assert answer(check_phone, replace(HONEST, phone=phone)).outcome is Outcome.CLEAN


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("12", "phone_too_short"),
        ("gọi tôi", "phone_not_a_number"),
        ("0912345678901234", "phone_too_long"),
        ("0123456789", "phone_invalid"),
    ],
)
def test_numbers_that_cannot(phone: str, code: str) -> None:
    finding = answer(check_phone, replace(HONEST, phone=phone))
    assert finding.outcome is not Outcome.CLEAN
    assert codes(finding) == [code]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("xem http://vidu.com/a?b=c nhé", "vidu.com"),
        ("vào vidu.vn", "vidu.vn"),
        ("www.Vi-Du.com.vn!", "www.vi-du.com.vn"),
        ("hxxps://vidu.xyz/x", "vidu.xyz"),
        ("(vidu.net)", "vidu.net"),
        ("https://người.vn/", "người.vn"),
        ("http://203.0.113.9/", "203.0.113.9"),
    ],
)
def test_links_are_found_where_they_stand(text: str, host: str) -> None:
    [reason] = answer(check_links, replace(HONEST, content=text)).reasons
    assert (reason.code, reason.field) == ("link", "content")
    assert reason.span is not None
    assert reason.text == text[slice(*reason.span)]
    assert host in reason.text.lower()


@pytest.mark.parametrize(
    "text", ["v.v...", "3.500.000", "U.S.A.", "7.30 sáng", "a...b", "bao.example", "www.bao.com.vn"]
)
def test_what_is_no_link_to_elsewhere(text: str) -> None:
    assert answer(check_links, replace(HONEST, content=text)).outcome is Outcome.CLEAN


def test_words_are_whole_and_folded_and_exceptions_count() -> None:
    listed = {"banned": "vay nóng", "suspect": "inbox ngay", "allowed": "không vay nóng"}
    assert codes(answer(check_words, replace(HONEST, content="VAY NÓNG!"), **listed)) == [
        "word_banned"
    ]
    assert codes(answer(check_words, replace(HONEST, title="inbox, ngay"), **listed)) == [
        "word_suspect"
    ]
    for fine in ("tôi không vay nóng", "vay nóngg", "chuvay nong"):
        assert answer(check_words, replace(HONEST, content=fine), **listed).outcome is Outcome.CLEAN


def test_an_advertisement_is_told_with_the_words_that_gave_it_away() -> None:
    text = "Cho vay tiền nhanh, lãi suất thấp, LH ZALO 0912 345 678"
    finding = answer(check_spam, replace(HONEST, content=text))
    assert finding.outcome is Outcome.SUSPECT
    assert finding.score > 0.9
    words = [reason for reason in finding.reasons if reason.code == "spam_word"]
    assert words
    for reason in words:
        assert reason.span is not None
        assert (reason.field, reason.text) == ("content", text[slice(*reason.span)])
    honest = "Lãi suất vay ngân hàng cao quá, gọi 1900 hỏi mãi không ai nghe."
    assert answer(check_spam, replace(HONEST, content=honest)).outcome is Outcome.CLEAN


def test_a_check_that_fails_is_unknown_and_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_submission: Submission, _context: CheckContext) -> Finding:
        raise RuntimeError

    monkeypatch.setattr(checks, "CHECKS", (("broken", broken),))
    assert [f.outcome for f in run_checks(HONEST, site())] == [Outcome.UNKNOWN]
