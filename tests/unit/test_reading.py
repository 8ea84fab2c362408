"""The text read once: views lead back to what was typed; ways out are found, slips are not."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.attacks.texts import NASTY
from workers.checks.reading import ContactKind, Reading, View
from workers.checks.reading.addresses import host_of

quick = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
TOWER = re.compile(r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){5}")
VIEWS = ("plain", "accented", "joined", "unmasked", "expanded", "words")
# Views whose every stretch can be read alone; of the others, whole runs can.
STRETCHES = ("plain", "accented")
RUNS = ("joined", "unmasked", "expanded")
WRITTEN = st.text(st.sampled_from([*"aăậđTiềNvyokjz49@!.-_ \n", "\u0301", "\u200b", "ﬃ", "①"]))
TEXTS = NASTY | WRITTEN | st.lists(WRITTEN | NASTY, max_size=4).map("".join)


def view_of(reading: Reading, name: str) -> View:
    view: View = getattr(reading, name)
    return view


def ordered(text: str) -> str:
    """With marks in Unicode's order, whatever order they were cut off in."""
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("name", VIEWS)
def test_places_rise_and_stay_within_what_was_typed(name: str) -> None:
    @quick
    @given(TEXTS)
    def holds(text: str) -> None:
        view = view_of(Reading(text), name)
        if name == "words" and not view.text.strip():
            return
        spans = [view.span(i, i + 1) for i in range(len(view.text))]
        assert all(0 <= start < stop <= len(text) for start, stop in spans)
        assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(spans))

    holds()


@pytest.mark.parametrize("name", STRETCHES)
def test_a_marked_stretch_reads_as_the_views_stretch(name: str) -> None:
    @quick
    @given(TEXTS, st.data())
    def holds(text: str, data: st.DataObject) -> None:
        view = view_of(Reading(text), name)
        # Of a tower of marks four are kept: which, depends on where it is cut.
        assume(view.text and not (name == "accented" and TOWER.search(ordered(text))))
        start = data.draw(st.integers(0, len(view.text) - 1))
        stop = data.draw(st.integers(start + 1, len(view.text)))
        again = ordered(view_of(Reading(view.typed(start, stop)), name).text)
        # One character typed may be several here (ﬃ): it is marked whole.
        said = ordered(view.text[start:stop])
        assert said in again
        whole = [view.span(i, i + 1) for i in range(len(view.text))]
        clean_cut = whole[start - 1 : start] != whole[start : start + 1]
        clean_cut = clean_cut and whole[stop - 1 : stop] != whole[stop : stop + 1]
        assert again == said or not clean_cut or name == "accented"

    holds()


@pytest.mark.parametrize("name", RUNS)
def test_what_was_rewritten_is_marked_whole(name: str) -> None:
    @quick
    @given(TEXTS)
    def holds(text: str) -> None:
        reading = Reading(text)
        view = view_of(reading, name)
        if view is reading.plain:
            return
        for start, stop in view.changed:
            typed = Reading(view.typed(start, stop))
            # More than the run, where one character typed is several here (¼).
            assert view.text[start:stop] in view_of(typed, name).text

    holds()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("typed", "plain", "accented"),
    [
        ("Đường Nguyễn Huệ", "duong nguyen hue", "đường nguyễn huệ"),
        ("ＶＡＹ　ＴＩỀＮ", "vay tien", "vay tiền"),
        ("𝐯𝐚𝐲 ⓝⓞⓝⓖ 🅥🅐🅨", "vay nong vay", "vay nong vay"),
        ("vаy tіền", "vay tien", "vay tiền"),
        ("v\u200ba\u00ady\U000e0061 tiền\ufe0f", "vay tien", "vay tiền"),
        ("số ①②③ ٠٩ ０９", "so 123 09 09", "số 123 09 09"),
        ("v\u0336a\u0336y\u0336", "vay", "vay"),
        ("a。b – c∕d", "a.b - c/d", "a.b - c/d"),
    ],
)
def test_letters_are_read_as_they_are_seen(
    form: str, typed: str, plain: str, accented: str
) -> None:
    reading = Reading(unicodedata.normalize(form, typed))  # type: ignore[arg-type]
    assert (reading.plain.text, reading.accented.text) == (plain, accented)


@pytest.mark.parametrize(
    ("typed", "unmasked"),
    [
        ("v a y t i ề n đi", "vaytien di"),
        ("v.a.y t-i-ề-n", "vay tien"),
        ("c_a_s_i_n_o", "casino"),
        ("c4s1n0 v@y", "casino vay"),
        ("C.4.S.1.N.0", "casino"),
        ("hay quá!", "hay qua!"),
        ("tỉ số 2-1-0, năm 2024", "ti so 2-1-0, nam 2024"),
    ],
)
def test_disguises_of_words_are_taken_off(typed: str, unmasked: str) -> None:
    assert Reading(typed).unmasked.text == unmasked


def test_teencode_is_written_out() -> None:
    reading = Reading("K dc z dau, ntn j")
    assert reading.expanded.text == "khong duoc vay dau, nhu the nao gi"
    start = reading.expanded.text.index("nhu the nao")
    assert reading.expanded.typed(start, start + len("nhu the nao")) == "ntn"


FOUND = {
    "link": [
        ("xem vidu.com nhé", "vidu.com", "vidu.com"),
        ("vào (https://vidu.com.vn/a?b=c).", "https://vidu.com.vn/a?b=c", "vidu.com.vn"),
        ("hxxp://vidu.xyz!", "hxxp://vidu.xyz", "vidu.xyz"),
        ("Link:vidu.com", "vidu.com", "vidu.com"),
        ("người.vn", "người.vn", "nguoi.vn"),
        ("vi du . com", "du . com", "du.com"),
        ("vidu [dot] com", "vidu [dot] com", "vidu.com"),
        ("vidu chấm com đó", "vidu chấm com", "vidu.com"),
        ("vidu(.)net", "vidu(.)net", "vidu.net"),
        ("v i d u . c o m", "v i d u . c o m", "vidu.com"),
        ("bit ly/abc", "bit ly/", "bit.ly"),
        ("t.me/vaynhanh", "t.me/vaynhanh", "t.me"),
        ("http:\\\\vidu.com", "http:\\\\vidu.com", "vidu.com"),
        ("https://bao.vn@vidu.com/x", "https://bao.vn@vidu.com/x", "vidu.com"),
        ("ｖｉｄｕ。ｃｏｍ", "ｖｉｄｕ。ｃｏｍ", "vidu.com"),
        ("http://203.0.113.9/", "http://203.0.113.9/", "203.0.113.9"),
    ],
    "phone": [
        ("gọi 0912 345 678 nhé", "0912 345 678", "0912345678"),
        ("zalo0912345678", "0912345678", "0912345678"),
        ("SĐT 0９1②.345.678", "0９1②.345.678", "0912345678"),
        ("o9l2 345 678", "o9l2 345 678", "0912345678"),
        ("lh z.a.l.o 0912 345 678", "0912 345 678", "0912345678"),
        ("+84 (0) 912 345 678", "+84 (0) 912 345 678", "840912345678"),
        ("năm 2024 0912345678", "0912345678", "0912345678"),
        (
            "gọi không chín một hai ba bốn năm sáu bảy tám",
            "không chín một hai ba bốn năm sáu bảy tám",
            "0912345678",
        ),
        ("09 một hai 345 sáu bảy tám", "09 một hai 345 sáu bảy tám", "0912345678"),
        ("1900 1560", "1900 1560", "19001560"),
        ("+1 (650) 253-0000", "+1 (650) 253-0000", "16502530000"),
    ],
    "handle": [
        ("zalo: @vaynhanh", "@vaynhanh", "vaynhanh"),
        ("telegram vay_nhanh24 nhé", "telegram vay_nhanh24", "vay_nhanh24"),
    ],
    "mail": [("thư về vay@vidu.com nhé", "vay@vidu.com", "vay@vidu.com")],
    "mention": [("@tuan_anh nói đúng", "@tuan_anh", "tuan_anh")],
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("kind", "typed", "evidence", "value"),
    [(kind, *row) for kind, rows in FOUND.items() for row in rows],
)
def test_ways_out_are_found_where_they_stand(
    form: str, kind: str, typed: str, evidence: str, value: str
) -> None:
    text, marked = (unicodedata.normalize(form, each) for each in (typed, evidence))  # type: ignore[arg-type]
    reading = Reading(text)
    found = {(str(c.kind), c.value, reading.plain.typed(c.start, c.stop)) for c in reading.contacts}
    assert (kind, value, marked) in found
    assert {one for one, _, _ in found} <= {kind, "link", "handle"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "text",
    [
        *("Giá 3.500.000 đồng", "hơi cao.Tạm ổn", "năm 2024", "9.30 sáng", "24/06/2020 09:50"),
        *("tỉ số 2-1, 3-0", "bản 1.2.3", "at 9 a.m. today", "cơ.quan", "nhiều.Có lẽ"),
        *("xong.Ai cũng biết", "roi.do do nen", "This is done.It is", "ngon. Cơm ngon lắm"),
        *("mạng chậm net", "the dot com bubble", "1900-1945", "từ 1900 - 1954", "v.v..."),
        *("dùng zalo nhiều", "zalo. Nhưng mà", "Telegram: Durov bị bắt", "ThS.BS Nguyễn Văn A"),
        *("PGS.TS Trần", "TP.HCM", "U.S.A.", "a...b", "3,5 tỷ đồng", "1.234.567.890 đồng"),
        *("08/09/2024 10 giờ", "ba năm sau tôi mới biết năm sáu bảy", "hai ba năm nay"),
        *("Nghị định 100/2019/NĐ-CP", "ở Việt Nam. VN thắng", "biển số 30A-123.45"),
        *("CCCD 001302517251", "10.000.000.000", "19h30-20h30", "A.B.C", "được.a + b + c"),
        *("hay.song vẫn thiếu", "2019 2020 2021 2022", "facebook 100k lượt thích"),
    ],
)
def test_what_honest_people_write_is_no_way_out(form: str, text: str) -> None:
    reading = Reading(unicodedata.normalize(form, text))  # type: ignore[arg-type]
    assert [c for c in reading.contacts if c.kind is not ContactKind.MENTION] == []


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("https://Ví-Dụ.vn:8080/a@b", "ví-dụ.vn"),
        ("http://a.vn@vidu.com#x", "vidu.com"),
        ("vidu.com.", "vidu.com"),
    ],
)
def test_a_host_as_the_browser_reads_it(typed: str, host: str) -> None:
    assert host_of(typed) == host
