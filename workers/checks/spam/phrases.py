"""Words by what they do in an advertisement: ask for contact, offer, promise, lend, bet …"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from workers.checks.reading import Reading

_LISTED = Path(__file__).parent / "phrases.txt"


def classes_in(words: Sequence[str], *, ascii_only: bool) -> Counter[str]:
    """How many of the words, and of the pairs of words, belong to each class."""
    listed = _ascii_phrases() if ascii_only else _all_phrases()
    found = [listed[word] for word in words if word in listed]
    begins = _beginnings(ascii_only=ascii_only)
    pairs = [f"{one} {two}" for one, two in pairwise(words) if one in begins]
    return Counter(found + [listed[pair] for pair in pairs if pair in listed])


@cache
def _beginnings(*, ascii_only: bool) -> frozenset[str]:
    """The first words of the phrases of two."""
    listed = _ascii_phrases() if ascii_only else _all_phrases()
    return frozenset(phrase.split()[0] for phrase in listed if " " in phrase)


@cache
def _ascii_phrases() -> dict[str, str]:
    return {phrase: name for phrase, name in _lines() if phrase.isascii()}


@cache
def _all_phrases() -> dict[str, str]:
    """With those of other alphabets, as reading folds them; its tables take a while to load."""
    return {
        phrase if phrase.isascii() else Reading(phrase).plain.text: name
        for phrase, name in _lines()
    }


@cache
def _lines() -> tuple[tuple[str, str], ...]:
    """Each phrase and its class."""
    lines = _LISTED.read_text("utf-8").splitlines()
    named = (line.partition(": ") for line in lines if not line.startswith("#"))
    return tuple((phrase, name) for name, _, listed in named for phrase in listed.split(", "))
