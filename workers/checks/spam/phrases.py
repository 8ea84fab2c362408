"""Words by what they do in an advertisement: ask for contact, offer, promise, lend, bet …"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from workers.checks.reading import Reading

_LISTED = Path(__file__).parent / "phrases.txt"


def classes_in(words: Iterable[str], *, ascii_only: bool) -> Counter[str]:
    """How many of the words (and pairs of words, a blank between) belong to each class."""
    listed = _ascii_phrases() if ascii_only else _all_phrases()
    return Counter([listed[word] for word in words if word in listed])


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
