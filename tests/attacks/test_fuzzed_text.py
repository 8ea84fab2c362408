"""Whatever text comes in: it is refused with a reason, or it is carried through unchanged."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commentdesk.domain.phone import digits_of, mask_address, mask_phone
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold, has_control_character, normalize, normalize_line
from commentdesk.web import Problem
from commentdesk.web.body import parse_form, parse_json
from services.articles.feed import atom
from services.articles.records import Article, Comment
from services.intake.captcha.minting import Captcha
from services.intake.forms import length, read_form
from tests.attacks.texts import FORMS, NASTY, SITE, accepted, in_form
from workers.checks import CHECKS, CheckContext, SiteFacts
from workers.checks.context import ListedWord

MANY_MARKS = re.compile(r"[^\w\s\x00-\x7f]{5,}")
quick = settings(max_examples=150, derandomize=True, deadline=None, database=None)
WHEN = datetime(2026, 9, 2, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
)
SENT_JSON = (
    st.binary()
    | VALUES.map(lambda value: json.dumps(value).encode())
    | VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"))
    | st.tuples(VALUES, st.integers(0, 40), st.binary(max_size=3)).map(
        lambda made: json.dumps({"a": made[0]}).encode()[: -made[1] or None] + made[2]
    )
)


def refused(parse: Callable[[bytes], Any], raw: bytes) -> str | None:
    """The code of the problem with it; None where it is read."""
    try:
        parse(raw)
    except Problem as problem:
        assert 400 <= problem.status < 500
        return problem.code
    return None


def leaves(value: Any) -> Any:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@quick
@given(SENT_JSON)
def test_json_is_read_or_refused_with_a_reason(raw: bytes) -> None:
    if refused(parse_json, raw) is None:
        body = parse_json(raw)
        assert isinstance(body, dict)
        for leaf in leaves(body):
            assert not isinstance(leaf, str) or leaf.encode() is not None
            assert not isinstance(leaf, float) or math.isfinite(leaf)


@quick
@given(st.binary() | NASTY.map(lambda text: text.encode(errors="surrogatepass")))
def test_a_form_is_read_or_refused_with_a_reason(raw: bytes) -> None:
    for sent in (raw, b"a=" + raw, raw + b"=" + raw, b"%" + raw.hex("%").encode()):
        if refused(parse_form, sent) is None:
            for name, value in parse_form(sent).items():
                assert name.encode() is not None
                assert value.encode() is not None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a": 1e999}', "json_number"),
        (b'{"a": -1e999}', "json_number"),
        (b'{"a": -Infinity}', "json_number"),
        (b'{"a": ' + b"1" * 21 + b"}", "json_number"),
        (b'{"a": -' + b"1" * 60_000 + b"}", "json_number"),
        (b"\xef\xbb\xbf{}", "invalid_json"),
        ("\ufeff{}".encode("utf-16-le"), "invalid_utf8"),
        ('{"a": 1}'.encode("utf-16-le"), "invalid_json"),
        (b'{"a": "\xc0\xaf"}', "invalid_utf8"),
        (b'{"a": "\xe0\x80\xaf"}', "invalid_utf8"),
        (b'{"a": "\xf0\x80\x80\xaf"}', "invalid_utf8"),
        (b'{"a": "\xf4\x90\x80\x80"}', "invalid_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"a": "\\udc00\\ud800"}', "lone_surrogate"),
        (b'{"a": {"b": "\\ud800"}}', "lone_surrogate"),
        (b'{"a": 1, "\\u0061": 2}', "json_duplicate_key"),
        (b'{"a": {"b": 1, "b": 2}}', "json_duplicate_key"),
        (b'{"a": "\x00"}', "invalid_json"),
        (b'{"a": "\n"}', "invalid_json"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, "json_too_deep"),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "json_too_deep"),
        (b'{"\\"a": ' + b'{"]":' * 8 + b"1" + b"}" * 9, "json_too_deep"),
        (b'{"a":' * 8 + b"1" + b"}" * 8, None),
        (b'{"a": "' + b"[" * 30_000 + b'"}', None),
        (b'{"a": "\\ud83d\\ude00"}', None),
        (b'{"a": 1, "A": 2}', None),
    ],
)
def test_tricks_with_json_are_named(raw: bytes, code: str | None) -> None:
    assert refused(parse_json, raw) == code


def test_many_keys_are_as_quick_as_few() -> None:
    # Keys are hashed with a secret of the process's own: none can be made to collide beforehand.
    body = parse_json(json.dumps({f"k{n}": n for n in range(6_000)}).encode())
    assert len(body) == 6_000


@quick
@given(NASTY, FORMS)
def test_kept_text_is_the_same_however_it_was_typed(text: str, form: str) -> None:
    for keep in (normalize, normalize_line):
        assert keep(keep(text)) == keep(text)
    assert fold(fold(text)) == fold(text)
    assert has_control_character(text) in {True, False}
    # Of a tower of marks only so many are kept, and which depends on how it was typed.
    assume(MANY_MARKS.search(in_form("NFKD", text)) is None)
    for keep in (normalize, normalize_line):
        assert keep(in_form("NFD", text)) == keep(in_form("NFC", text)) == keep(text)
    assert fold(in_form(form, text)) == fold(text)


def test_a_body_full_of_marks_in_disorder_is_short_work() -> None:
    tower = "a" + "\u0301\u0316" * 15_000
    assert normalize(tower) == "á" + "\u0316" * 4
    assert fold(tower) == "a"


def test_folding_settles_for_every_character_there_is() -> None:
    for block in range(0, 0x110000, 0x100):
        folded = fold("a".join(chr(block + point) for point in range(0x100)))
        assert fold(folded) == folded, hex(block)


@quick
@given(accepted("name"), accepted("title"), accepted("content"))
def test_what_is_accepted_is_clean(name: str, title: str, content: str) -> None:
    for field, text, limit in (("name", name, 80), ("title", title, 150), ("content", content, 0)):
        assert not has_control_character(text)
        assert "\r" not in text
        text.encode()
        again = read_form({field: text}, SITE)
        assert again[field] == text, "what was accepted once is accepted as it stands"
        assert limit == 0 or length(text, limit) <= limit
    assert "\n" not in name + title


@quick
@given(NASTY)
def test_a_number_is_masked_whatever_stands_in_its_place(text: str) -> None:
    digits = digits_of(text)
    assert digits == "" or (digits.isascii() and digits.isdecimal())
    masked = mask_phone(text)
    assert len(masked) in {1, 7}
    assert sum(character.isdecimal() for character in masked) in {0, 6}
    assert "…" in mask_address(text)


@quick
@given(NASTY)
def test_a_captcha_takes_any_answer(text: str) -> None:
    captcha = Captcha("id", "0" * 32, "article", "Ký7x3", "123456", WHEN)
    typed = text.encode(errors="replace").decode()
    assert not captcha.accepts(typed)
    assert not captcha.accepts("123456" + typed[:9] * 30_000 + " " * 200)
    assert captcha.accepts(" １２ ３４５６\n")
    assert captcha.accepts("KÝ ７X3")


def submission(**fields: str) -> Submission:
    made: dict[str, Any] = {"name": "Mai", "title": "Hay", "content": "Hay lắm", **fields}
    return Submission(id="1", article="a", language="vi", received_at=WHEN, **made)


@pytest.mark.parametrize(("name", "check"), CHECKS)
def test_every_check_answers_for_all_that_is_accepted(name: str, check: Any) -> None:
    @quick
    @given(
        accepted("name"),
        accepted("phone"),
        accepted("title"),
        accepted("content"),
        st.lists(st.tuples(st.sampled_from(["banned", "suspect", "allowed"]), NASTY), max_size=3),
    )
    def holds(
        typed: str, phone: str, title: str, content: str, listed: list[tuple[str, str]]
    ) -> None:
        words = tuple(ListedWord(kind, text, fold(text)) for kind, text in listed if fold(text))
        read = submission(name=typed, phone=phone, title=title, content=content)
        site = SiteFacts("VN", words, frozenset({"localhost"}))
        finding = check(read, CheckContext.of(read, site))
        assert finding.check == name
        assert 0 <= finding.score <= 1
        for text in (reason.text for reason in finding.reasons):
            assert not has_control_character(text) or any(text == word.text for word in words)
        assert json.loads(json.dumps(finding.as_dict())) is not None

    holds()


def _say(key: str, **values: str) -> str:
    return " ".join((key, *values.values()))


@quick
@given(accepted("name"), accepted("title"), accepted("content"), NASTY)
def test_the_feed_carries_every_accepted_text_unchanged(
    name: str, title: str, content: str, parent: str
) -> None:
    article = Article("a", "Tựa", "", "", None, None, "vi", WHEN, "open", 0)
    parent_id = "".join(c for c in parent if c.isprintable() and c.isascii()) or None
    comment = Comment("1", "a", parent_id, name, title, content, "vi", WHEN, removed=False)
    document = atom(article, [comment], say=_say, base_url="http://localhost")
    entry = ElementTree.fromstring(document).find(f"{ATOM}entry")
    assert entry is not None
    said = (f"{ATOM}author/{ATOM}name", f"{ATOM}title", f"{ATOM}content")
    assert [entry.findtext(tag) for tag in said] == [name, title, content]


@quick
@given(NASTY)
def test_the_feed_is_well_formed_whatever_the_store_holds(text: str) -> None:
    sent = text.encode(errors="replace").decode()
    article = Article("a", sent, "", "", None, None, "vi", WHEN, "open", 0)
    comment = Comment("1", "a", sent, sent, sent, sent, "vi", WHEN, removed=False)
    ElementTree.fromstring(atom(article, [comment], say=_say, base_url="http://localhost"))
