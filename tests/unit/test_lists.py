"""Listed words and hosts, links that pass for others: found however they are written."""

import random
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentdesk.domain.finding import Finding, Outcome, Reason
from commentdesk.domain.submission import Submission
from tests import writings
from workers.checks import CHECKS, Check, CheckContext, SiteFacts, run_checks
from workers.checks.links import check_links
from workers.checks.names import check_name
from workers.checks.words import check_words

HONEST = Submission(
    id="1",
    article="a",
    name="Nguyễn An",
    title="Ý kiến",
    content="Bài viết rất hay.",
    language="vi",
    received_at=datetime(2026, 9, 2, tzinfo=UTC),
)
BANNED = ("casino", "vay tiền nóng", "sòng bạc", "bán thuốc", "nhà cái", "escort")
SITE = SiteFacts.build(
    "VN",
    [
        *(("banned", word, "") for word in BANNED),
        ("banned", "cá độ", ""),
        ("suspect", "click here", ""),
        ("suspect", "lừa", "", "anywhere"),
        ("allowed", "không vay tiền nóng", ""),
        ("allowed", "ai bán thuốc", ""),
        ("banned_host", "xau.com", "xau.com"),
        ("banned_host", "người.vn", "người.vn"),
        ("allowed_host", "wikipedia.org", "wikipedia.org"),
    ],
    frozenset({"bao.com.vn", "bao-dien-tu.vn"}),
    staff=["mai"],
)
SEEDS = range(120)
FORMS = ("NFC", "NFD")
HONEST_SENTENCES = (
    "Hôm qua tôi đọc xong bài này, thấy các ước mơ của lũ trẻ mới là điều đáng nói.",
    "Bà con trong xóm bàn nhau: thuốc nam hay thuốc bắc thì cũng phải hỏi bác sĩ.",
    "Xóm tôi có sông, có bạc hà, có vài tiền bối hay kể chuyện.",
    "Ai mua xe cũ năm 2019 thì xổ ra kiểm tra số khung, giá 120.000.000 đồng là cao.Tạm vậy.",
    "I called in sick; I do not escalate, the clinic here is fine at 9.30 a.m.",
)


def answer(check: Check, **fields: str) -> Finding:
    made = replace(HONEST, **fields)  # type: ignore[arg-type]
    return check(made, CheckContext.of(made, SITE))


def codes(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


def evidence(finding: Finding, typed: str, field: str = "content") -> list[tuple[str, str]]:
    """Each reason with what its span marks."""
    assert all(reason.field == field for reason in finding.reasons)
    return [(reason.code, typed[slice(*(reason.span or ()))]) for reason in finding.reasons]


def in_form(form: str, text: str) -> str:
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_disguised_word_is_found_and_marked(seed: int) -> None:
    chance = random.Random(seed)
    word = chance.choice(BANNED)
    hidden = writings.disguised(word, chance)
    text = f"Ai cần {hidden} thì nhắn."
    finding = answer(check_words, content=text)
    assert finding.outcome is Outcome.BAD, text
    assert (finding.reasons[0].text, codes(finding)) == (word, ["word_banned"])
    [(_, marked)] = evidence(finding, text)
    assert marked == hidden


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hidden_number_is_found_and_marked(seed: int) -> None:
    chance = random.Random(seed)
    hidden = writings.hidden_number(f"09{chance.randrange(10**8):08}", chance)
    text = f"Cần gấp, gọi {hidden} nhé."
    finding = answer(check_links, content=text)
    assert ("contact_phone", hidden) in evidence(finding, text), text
    assert finding.holds


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_link_is_found_and_marked(seed: int) -> None:
    chance = random.Random(seed)
    host = chance.choice(("vaynhanh.com", "nhacai88.net", "casino-x.org", "xemngay.xyz"))
    hidden = writings.broken_link(host, chance)
    text = f"Chi tiết xem {hidden}"
    finding = answer(check_links, content=text)
    marked = [mark for code, mark in evidence(finding, text) if code == "link"]
    assert marked, text
    assert hidden.endswith(marked[0]) or hidden in marked


@pytest.mark.parametrize("text", HONEST_SENTENCES)
@pytest.mark.parametrize(
    "way", [writings.plainly, writings.no_diacritics, writings.capitals, str.lower, FORMS]
)
def test_honest_texts_are_clean_as_people_write_them(text: str, way: object) -> None:
    if way == FORMS:
        written = in_form("NFD", text)
    else:
        written = text.lower() if way is str.lower else way(text, random.Random(1))  # type: ignore[operator]
    for check in (check_words, check_links):
        assert answer(check, content=written).reasons == (), written


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("typed", "marked", "code"),
    [
        ("Vay tiền nóng đây", "Vay tiền nóng", "word_banned"),
        ("ai cần vay, tiền nóng", "vay, tiền nóng", "word_banned"),
        ("xem SÒNG BẠC", "SÒNG BẠC", "word_banned"),
        ("chơi CÁ ĐỘ đi", "CÁ ĐỘ", "word_banned"),
        ("xem http://vidu.vn/số", "http://vidu.vn/số", "link"),
        ("vay t.i.ề.n n.ó.n.g", "vay t.i.ề.n n.ó.n.g", "word_banned"),
        ("c1ick h3re đi", "c1ick h3re", "word_suspect"),
        ("bị lừaa rồi", "lừa", "word_suspect"),
        ("xem xau.com/x nhé", "xau.com/x", "link_banned"),
        ("xem a.xau.com", "a.xau.com", "link_banned"),
        ("xem xau . com", "xau . com", "link_banned"),
        ("xem http://người.vn/", "http://người.vn/", "link_banned"),
        ("xem bаo.com.vn/đăng-nhập", "bаo.com.vn/đăng-nhập", "link_lookalike"),
        ("xem ba0.com.vn", "ba0.com.vn", "link_lookalike"),
        ("xem bao.com.vn.vidu.top", "bao.com.vn.vidu.top", "link_lookalike"),
        ("xem http://xn--bo-mia.com.vn/", "http://xn--bo-mia.com.vn/", "link_lookalike"),
        ("xem vietcombank-online.top", "vietcombank-online.top", "link_brand"),
        ("xem faceb00k.com", "faceb00k.com", "link_brand"),
        ("xem http://xn--ngi-28a9548a.com/", "http://xn--ngi-28a9548a.com/", "link_punycode"),
        ("xem bit.ly/abc", "bit.ly/abc", "link_shortener"),
        ("xem bao-dien-tu.vn.", None, None),
        ("xem www.bao.com.vn/bài-hay", None, None),
        ("xem m.bao.com.vn", None, None),
        ("xem vi.wikipedia.org/wiki/Cốm", None, None),
        ("xem toibao.com.vn", "toibao.com.vn", "link"),
        ("xem người-khác.vn ạ", "người-khác.vn", "link"),
        ("xem vietcombank.com.vn", "vietcombank.com.vn", "link"),
        ("vào t.me/vay", "t.me/vay", "contact_handle"),
        ("zalo @vay_nhanh ạ", "@vay_nhanh", "contact_handle"),
        ("gọi 0912 345 678 ạ", "0912 345 678", "contact_phone"),
        ("thư về vay@vidu.com ạ", "vay@vidu.com", "contact_mail"),
        ("@tuan_anh nói đúng", None, None),
        ("tôi không vay tiền nóng", None, None),
        ("tôi ko vay tiền nóng", None, None),
        ("có ai bán thuốc không", None, None),
        ("casinos thì không", None, None),
    ],
)
@pytest.mark.parametrize("field", ["title", "content"])
def test_evidence_is_marked_in_what_was_typed(
    form: str, typed: str, marked: str | None, code: str | None, field: str
) -> None:
    text = in_form(form, typed)
    fields = {"title": "Ý", "content": "Hay", field: text}
    found = [answer(check, **fields) for check in (check_words, check_links)]
    told = [pair for finding in found for pair in evidence(finding, text, field)]
    assert told == ([] if marked is None else [(code, in_form(form, marked))])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "code"), [("Tòa soạn", "name_reserved"), ("Mài", "name_staff")])
def test_a_name_that_pretends_is_marked_whole(form: str, name: str, code: str) -> None:
    typed = in_form(form, name)
    assert evidence(answer(check_name, name=typed), typed, "name") == [(code, typed)]


@pytest.mark.parametrize("form", FORMS)
def test_every_finding_that_points_says_the_field_and_stays_within(form: str) -> None:
    text = in_form(form, "Cho vay tiền nóng, LH 0912 345 678, xem xau.com và bit.ly/x, c4sin0")
    made = replace(HONEST, name=in_form(form, "Tòa soạn"), title=text, content=text)
    pointing = [r for f in run_checks(made, SITE) for r in f.reasons if r.span is not None]
    assert {reason.field for reason in pointing} == {"name", "title", "content"}
    for reason in pointing:
        assert within(reason, getattr(made, str(reason.field)))


def within(reason: Reason, typed: str) -> bool:
    """The span is in the field, and cuts no letter from its marks."""
    start, stop = reason.span or (0, 0)
    cut = stop < len(typed) and unicodedata.combining(typed[stop])
    return 0 <= start < stop <= len(typed) and not cut and not unicodedata.combining(typed[start])


def test_a_word_that_begins_in_the_title_and_ends_in_the_text_is_none() -> None:
    assert answer(check_words, title="Tôi vay", content="tiền nóng quá").reasons == ()


def test_names_are_looked_through_too() -> None:
    finding = answer(check_words, name="Casino Huế")
    assert [(r.code, r.field, r.span) for r in finding.reasons] == [("word_banned", "name", (0, 6))]
    assert codes(answer(check_links, name="vay 0912345678")) == ["contact_phone"]


def test_links_hold_only_where_the_site_wants_it() -> None:
    for holds in (True, False):
        made = replace(HONEST, content="xem vidu.com")
        finding = check_links(made, CheckContext.of(made, replace(SITE, hold_links=holds)))
        assert (finding.outcome, finding.holds) == (Outcome.SUSPECT, holds)


def test_a_finding_tells_some_and_the_worst_first() -> None:
    text = "xem " + " ".join(f"vidu{n}.com" for n in range(50)) + " xau.com " + "click here " * 50
    assert codes(answer(check_links, content=text))[:2] == ["link_banned", "link"]
    assert codes(answer(check_words, content=f"{text} casino"))[:2] == [
        "word_banned",
        "word_suspect",
    ]
    for check in (check_links, check_words):
        assert len(answer(check, content=text).reasons) == 30


def test_thousands_of_entries_are_made_ready_once() -> None:
    listed = [("banned", f"từ cấm số {n}", "") for n in range(5_000)]
    first, second = (SiteFacts.build("VN", listed, frozenset()) for _ in range(2))
    assert first.word_list is second.word_list
    made = replace(HONEST, content="có từ cấm số 4999 ở đây")
    [reason] = check_words(made, CheckContext.of(made, first)).reasons
    assert made.content[slice(*(reason.span or ()))] == "từ cấm số 4999"


def test_the_checks_named_here_are_those_that_run() -> None:
    assert {check_name, check_links, check_words} <= {check for _, check in CHECKS}
