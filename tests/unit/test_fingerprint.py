"""Fingerprints: what is near stays near, what is another is far, and short texts have none."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentdesk.domain.submission import Submission
from commentdesk.ledger.fingerprints import NEAR_BITS
from workers.checks.fingerprint import Fingerprint, fingerprint
from workers.checks.reading import read_submission

_TEXTS = Path(__file__).parents[2] / "training/texts/honest/vi"
_LINES = [
    line for file in sorted(_TEXTS.glob("*.txt")) for line in file.read_text("utf-8").split("\n")
]
_WORDS = sorted({word for line in _LINES for word in line.split()})


def of(content: str, title: str = "") -> Fingerprint | None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return fingerprint(read_submission(Submission("1", "a", "N", title, content, "vi", when)))


def differing(one: Fingerprint, other: Fingerprint) -> int:
    return ((one.simhash ^ other.simhash) & (2**64 - 1)).bit_count()


def near(one: Fingerprint, other: Fingerprint) -> bool:
    shared = any(a == b for a, b in zip(one.least, other.least, strict=True))
    return shared and differing(one, other) <= NEAR_BITS


def test_texts_changed_a_little_are_near_and_others_are_not() -> None:
    dice = random.Random(20200625)
    texts = [dice.sample(_WORDS, 30) for _ in range(150)]
    found = 0
    for words in texts:
        changed = list(words)
        changed[dice.randrange(len(words))] = dice.choice(_WORDS)
        changed.append(str(dice.randrange(10_000)))
        one, other = of(" ".join(words)), of(" ".join(changed))
        assert one and other
        found += near(one, other)
    assert found >= 0.95 * len(texts)
    prints = [each for words in texts if (each := of(" ".join(words)))]
    pairs = [(a, b) for i, a in enumerate(prints) for b in prints[:i]]
    assert not any(near(a, b) for a, b in pairs)


def test_case_accents_and_signs_make_no_other_text() -> None:
    text = "Sáng nay tôi đi bộ quanh hồ, gặp nhiều người quen cũ và nói chuyện rất lâu."
    plain = "SANG NAY TOI DI BO QUANH HO! gap nhieu nguoi quen cu... va noi chuyen rat lau"
    assert of(text) == of(plain)


@pytest.mark.parametrize(
    "text", ["hay quá", "Ủng hộ bác sĩ!", "a b c d e f g h i j k", "", "😀" * 50]
)
def test_what_says_too_little_has_none(text: str) -> None:
    assert of(text) is None


def test_a_short_text_counts_with_its_title() -> None:
    title = "Mời cả nhà ghé thăm cửa hàng mới khai trương của chúng tôi"
    assert of("hay quá", title) == of("hay quá", title) != of("đẹp quá", title)


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_has_one_that_databases_can_keep(content: str, title: str) -> None:
    if found := of(content, title):
        assert -(2**63) <= found.simhash < 2**63
        assert all(0 <= least < 2**63 for least in found.least)
        assert found == of(content, title)
