"""Evidence marked in a text: where it was seen; what older findings quote, wherever it stands."""

import json
import unicodedata
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from commentdesk.domain.finding import Reason, suspect
from services.moderation.desk.findings import FINDING
from services.moderation.desk.marks import marked


def marks(field: str, text: str, *reasons: dict[str, Any]) -> list[str]:
    pieces = marked(field, text, reasons)
    assert "".join(piece.text for piece in pieces) == text
    return [piece.text for piece in pieces if piece.codes]


def seen(field: str, start: int, stop: int, text: str = "vay") -> dict[str, Any]:
    return {"code": "word_banned", "text": text, "field": field, "span": [start, stop]}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_a_reason_points_at_is_marked_and_nothing_else(form: str) -> None:
    text = unicodedata.normalize(form, "vay: Cần v.a.ý gấp, vay")  # type: ignore[arg-type]
    start, stop = text.index("v.a"), text.index(" g")
    assert marks("content", text, seen("content", start, stop)) == [text[start:stop]]
    assert marks("title", text, seen("content", 5, 8)) == []


def test_stretches_that_touch_are_one() -> None:
    reasons = (seen("content", 6, 9), seen("content", 0, 4), seen("content", 2, 6))
    assert marks("content", "0123456789", *reasons) == ["012345678"]


def test_a_mark_knows_every_reason_for_it() -> None:
    link = {**seen("content", 2, 6), "code": "link"}
    pieces = marked("content", "0123456789", [seen("content", 0, 4), link, link])
    assert [piece.codes for piece in pieces] == [("word_banned", "link"), ()]
    [quoted, _] = marked("content", "vay nóng", [{"code": "spam_word", "text": "vay"}])
    assert (quoted.text, quoted.codes) == ("vay", ("spam_word",))


def test_older_findings_mark_what_they_quote_wherever_it_stands() -> None:
    old = {"code": "word_banned", "text": "Vay nóng"}
    assert marks("content", "vay nóng, VAY NÓNG", old) == ["vay nóng", "VAY NÓNG"]
    assert marks("title", "Vay nóng", {**old, "field": None, "span": None}) == ["Vay nóng"]


@pytest.mark.parametrize("span", [[-1, 2], [3, 3], [4, 2], [2, 99], [], None])
def test_a_place_that_is_not_in_the_text_marks_nothing(span: list[int] | None) -> None:
    assert marks("content", "vay nóng", {**seen("content", 0, 1, "vay"), "span": span}) == []


def test_the_api_describes_findings_as_they_are() -> None:
    found = suspect("words", 0.5, [Reason("word_suspect", "vay", "content", (0, 3))]).as_dict()
    sent = json.loads(json.dumps(found))
    Draft202012Validator({**FINDING, "additionalProperties": False}).validate(sent)
    reason = FINDING["properties"]["reasons"]["items"]
    assert set(reason["properties"]) == set(sent["reasons"][0])
