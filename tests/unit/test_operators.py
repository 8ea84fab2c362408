"""The language of the search box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.desk.operators import OPERATORS, read_search

WORDS = st.text("abcđ:\"' àé0", max_size=12)


@pytest.mark.parametrize(
    ("typed", "filters", "words"),
    [
        ("", {}, ()),
        ("cốm hồ", {}, ("cốm", "hồ")),
        ('"cốm làng Vòng" hồ', {}, ('"cốm làng Vòng"', "hồ")),
        ("reason:spam cốm", {"reason": "spam"}, ("cốm",)),
        ('name:"Nguyễn Văn A"', {"name": "Nguyễn Văn A"}, ()),
        ("by:mai lang:vi", {"decided_by": "mai", "language": "vi"}, ()),
        ("REASON:spam", {"reason": "spam"}, ()),
        ("phone: 0912345678", {"phone": "0912345678"}, ()),
        # Of the same operator the last counts.
        ("check:links check:words", {"check": "words"}, ()),
        # What is no known operator is text.
        ("https://vidu.com nói:thật", {}, ("https://vidu.com", "nói:thật")),
        ("reason:", {}, ("reason:",)),
        ('reason:""', {}, ()),
        # A quote that is never closed goes to the end.
        ('name:"Nguyễn Văn', {"name": "Nguyễn Văn"}, ()),
        ("after:2026-11-01 before:2026-12-01", {"after": "2026-11-01", "before": "2026-12-01"}, ()),
    ],
)
def test_what_is_typed_is_read(typed: str, filters: dict[str, str], words: tuple[str, ...]) -> None:
    found = read_search(typed)
    assert (found.filters, found.words) == (filters, words)


def test_words_are_compared_without_case_diacritics_or_doubles() -> None:
    assert read_search('Cốm CỐM com "Hồ  Gươm"').terms == ("com", "ho guom")


@given(st.lists(st.one_of(WORDS, st.sampled_from([f"{name}:" for name in OPERATORS])), max_size=6))
def test_anything_can_be_typed_and_what_is_left_reads_the_same(parts: list[str]) -> None:
    found = read_search(" ".join(parts))
    assert set(found.filters) <= set(OPERATORS.values())
    again = read_search(found.text)
    assert again.terms == found.terms
    assert read_search(again.text) == again


@given(
    st.sampled_from(sorted(OPERATORS)), st.text("abcđà0 -", min_size=1).map(str.strip).filter(bool)
)
def test_a_quoted_value_arrives_as_it_was(operator: str, value: str) -> None:
    found = read_search(f'trước {operator}:"{value}" sau')
    assert found.filters == {OPERATORS[operator]: value}
    assert found.words == ("trước", "sau")
