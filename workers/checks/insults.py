"""The words that insult, and where they stand in a text: by whole words, the longest term first."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

_LISTED = Path(__file__).parent / "insults.txt"
_LONGEST_TERM = 4
# A star may stand for a letter ("f**k").
_WORD = re.compile(r"[\w*]+")
# "nguuuu".
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_THRICE = re.compile(r"(.)\1\1")


class Level(StrEnum):
    """Grave: hate, threats, the coarsest. Hard: an insult. Mild: contempt. Fine: none of these."""

    GRAVE = "grave"
    HARD = "hard"
    MILD = "mild"
    FINE = "fine"


class Insult(NamedTuple):
    """A term that was met, and where in the text."""

    term: str
    level: Level
    start: int
    stop: int


class Insults:
    """Terms of one kind of view, with or without diacritics."""

    def __init__(self, terms: dict[str, Level]) -> None:
        self.terms = terms
        self._beginnings = {term.split()[0] for term in terms}

    def found_in(self, text: str) -> Iterator[Insult]:
        """From left to right; of terms that overlap the longest."""
        words = _words_of(text)
        places = list(_WORD.finditer(text))
        at = 0
        while at < len(words):
            length = self._length(words, at) if words[at] in self._beginnings else 0
            term = " ".join(words[at : at + length])
            if length and self.terms[term] is not Level.FINE:
                stop = places[at + length - 1].end()
                yield Insult(term, self.terms[term], places[at].start(), stop)
            at += length or 1

    def _length(self, words: list[str], at: int) -> int:
        """How many words the longest term has that begins there; 0 if none does."""
        for length in range(min(_LONGEST_TERM, len(words) - at), 0, -1):
            if " ".join(words[at : at + length]) in self.terms:
                return length
        return 0


@cache
def with_marks() -> Insults:
    """For a text with Vietnamese marks: Vietnamese as it is written, and English."""
    return Insults(_listed("en") | _listed("vi"))


@cache
def without_marks() -> Insults:
    """For one without: English, and what insults also when Vietnamese is typed without marks."""
    return Insults(_listed("en") | _listed("vi") | _listed("plain"))


def may_insult(text: str) -> bool:
    """Whether a word stands in it without which nothing here is an insult; quick."""
    return not _keys().isdisjoint(_words_of(text))


@cache
def _keys() -> frozenset[str]:
    """Of each term the word that is one itself, else its last, which is the rarer one."""
    terms = without_marks().terms
    parted = (term.split() for term in terms)
    return frozenset(next((w for w in words if w in terms), words[-1]) for words in parted)


def _words_of(text: str) -> list[str]:
    """A letter three times and more was meant once; the number of words stays the same."""
    return _WORD.findall(_DRAWN_OUT.sub(r"\1", text) if _THRICE.search(text) else text)


def _listed(language: str) -> dict[str, Level]:
    terms: dict[str, Level] = {}
    for line in _LISTED.read_text("utf-8").splitlines():
        head, _, listed = line.partition(": ")
        if not line.startswith("#") and head.endswith(f" {language}"):
            level = Level(head.split()[0])
            terms |= {_DRAWN_OUT.sub(r"\1", term): level for term in listed.split(", ")}
    return terms
