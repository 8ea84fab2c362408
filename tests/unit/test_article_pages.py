"""What article pages are made of: texts, times, numbers, the policy, cursors."""

import json
import string
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from commentdesk.web.language import number
from commentdesk.web.times import clock
from services.articles.cursors import BadCursor, Cursor
from services.articles.page import FOLDER, content_security_policy, roughly

TEXTS = FOLDER / "texts"


def _placeholders(path: Path) -> dict[str, set[str | None]]:
    texts = json.loads(path.read_text("utf-8"))
    return {
        key: {field for _, field, _, _ in string.Formatter().parse(text) if field}
        for key, text in texts.items()
    }


def test_both_languages_have_every_text() -> None:
    assert _placeholders(TEXTS / "vi.json") == _placeholders(TEXTS / "en.json")


def test_times_are_the_sites() -> None:
    moment = datetime(2020, 6, 24, 2, 50, tzinfo=UTC)
    assert clock(moment, ZoneInfo("Asia/Ho_Chi_Minh")) == "09:50 24/06/2020"
    assert clock(moment, ZoneInfo("Europe/Lisbon")) == "03:50 24/06/2020"


def test_a_page_says_views_that_are_at_most_a_tenth_behind() -> None:
    for views in (0, 7, 99):
        assert roughly(views) == views
    for views in (100, 1_099, 1_999, 123_456):
        assert views * 0.9 < roughly(views) <= views


def test_thousands_are_parted_as_the_language_does_it() -> None:
    assert (number(1234567, "vi"), number(1234567, "en")) == ("1.234.567", "1,234,567")


def test_the_policy_names_intake_as_an_origin_and_allows_nothing_inline() -> None:
    policy = content_security_policy("https://comments.example/base")
    assert "script-src 'self' https://comments.example;" in policy
    assert "img-src 'self' https://comments.example data:" in policy
    assert "unsafe" not in policy
    assert "/base" not in policy


def test_the_policy_lets_the_articles_own_picture_in_and_no_other() -> None:
    policy = content_security_policy(
        "https://comments.example", "https://pictures.example:8443/a.png"
    )
    assert "img-src 'self' https://comments.example https://pictures.example:8443 data:" in policy
    assert content_security_policy("https://c.example", "/own.png") == content_security_policy(
        "https://c.example"
    )


def test_a_cursor_is_read_back_as_it_was_and_no_other_text_is() -> None:
    cursor = Cursor(datetime(2026, 9, 1, 2, 3, 4, 5, tzinfo=UTC), "a-1")
    assert Cursor.parse(str(cursor)) == cursor
    for text in ("", "x", "AAAA", "ữ", str(cursor)[:-6]):
        with pytest.raises(BadCursor):
            Cursor.parse(text)
