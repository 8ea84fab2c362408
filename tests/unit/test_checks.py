"""Each check on what readers really write."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from workers import checks
from workers.checks import CheckContext, run_checks
from workers.checks.links import check_links, hosts_in
from workers.checks.phone import check_phone
from workers.checks.spam import check_spam
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


def context(**words: str) -> CheckContext:
    listed = [(kind, text, fold(text)) for kind, text in words.items()]
    return CheckContext.build("VN", listed, frozenset({"bao.example", "bao.com.vn"}))


def codes(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


def test_an_honest_comment_is_clean_everywhere() -> None:
    assert {f.outcome for f in run_checks(HONEST, context())} == {Outcome.CLEAN}


@pytest.mark.parametrize(
    "phone",
    ["", "0912345678", "+84 912 345 678", "(028) 3822 1234", "+1 650-253-0000", "0９12.345.678"],
)
def test_numbers_that_can_be_called(phone: str) -> None:
    assert check_phone(replace(HONEST, phone=phone), context()).outcome is Outcome.CLEAN


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("12", "phone_impossible"),
        ("gọi tôi", "phone_unreadable"),
        ("0912345678901234", "phone_impossible"),
        ("0012345678", "phone_invalid"),
    ],
)
def test_numbers_that_cannot(phone: str, code: str) -> None:
    finding = check_phone(replace(HONEST, phone=phone), context())
    assert finding.outcome is not Outcome.CLEAN
    assert codes(finding)[0].startswith("phone_")
    if code != "phone_invalid":
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
    found, (start, end) = next(iter(hosts_in(text)))
    assert found == host
    assert host.lower() in text[start:end].lower()
    assert codes(check_links(replace(HONEST, content=text), context())) == ["link"]


@pytest.mark.parametrize(
    "text", ["v.v...", "3.500.000", "U.S.A.", "7.30 sáng", "a...b", "bao.example", "www.bao.com.vn"]
)
def test_what_is_no_link_to_elsewhere(text: str) -> None:
    assert check_links(replace(HONEST, content=text), context()).outcome is Outcome.CLEAN


def test_words_are_whole_and_folded_and_exceptions_count() -> None:
    listed = context(banned="vay nóng", suspect="inbox ngay", allowed="không vay nóng")
    assert codes(check_words(replace(HONEST, content="VAY NÓNG!"), listed)) == ["word_banned"]
    assert codes(check_words(replace(HONEST, title="inbox, ngay"), listed)) == ["word_suspect"]
    for fine in ("tôi không vay nóng", "vay nóngg", "chuvay nong"):
        assert check_words(replace(HONEST, content=fine), listed).outcome is Outcome.CLEAN


def test_spam_is_the_sum_of_its_facts() -> None:
    text = "Khuyến mãi lãi suất thấp, LH ZALO 0912 345 678"
    finding = check_spam(replace(HONEST, content=text), context())
    assert finding.score > 0.4
    assert set(codes(finding)) == {"asks_for_contact", "number_in_text", "talks_of_money"}
    assert check_spam(replace(HONEST, content="Gọi 0912345678"), context()).score < 0.4


def test_a_check_that_fails_is_unknown_and_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_submission: Submission, _context: CheckContext) -> Finding:
        raise RuntimeError

    monkeypatch.setattr(checks, "CHECKS", (("broken", broken),))
    assert [f.outcome for f in run_checks(HONEST, context())] == [Outcome.UNKNOWN]
