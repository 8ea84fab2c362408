"""The words that insult, and where they stand in a text: by whole words, the longest term first."""

import re
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import ahocorasick  # type: ignore[import-not-found]

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
        words = _WORD.findall(_meant_once(text))
        places = list(_WORD.finditer(text))
        end = 0
        for at in [at for at, word in enumerate(words) if word in self._beginnings]:
            length = self._length(words, at) if at >= end else 0
            if not length:
                continue
            end = at + length
            term = " ".join(words[at:end])
            if self.terms[term] is not Level.FINE:
                yield Insult(term, self.terms[term], places[at].start(), places[end - 1].end())

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
    """Whether the words of an insult stand in it, in whatever order; quick."""
    text = _meant_once(text)
    for last, (key, insults) in _keys().iter(text):
        first = last + 1 - len(key)
        around = text[max(first - 1, 0) : first] + text[last + 1 : last + 2]
        alone = not any(map(str.isalnum, around))
        if alone and any(all(word in text for word in insult) for insult in insults):
            return True
    return False


@cache
def _keys() -> ahocorasick.Automaton:
    """The longest word of each insult, which is the rarest, with the insults it may be of."""
    insults_of: defaultdict[str, list[list[str]]] = defaultdict(list)
    for term, level in without_marks().terms.items():
        if level is not Level.FINE:
            words = term.split()
            insults_of[max(words, key=len)].append(words)
    keys = ahocorasick.Automaton()
    for key, insults in insults_of.items():
        keys.add_word(key, (key, insults))
    keys.make_automaton()
    return keys


def _meant_once(text: str) -> str:
    """A letter three times and more was meant once; the number of words stays the same."""
    return _DRAWN_OUT.sub(r"\1", text) if _THRICE.search(text) else text


def _listed(language: str) -> dict[str, Level]:
    terms: dict[str, Level] = {}
    for line in _LISTED.read_text("utf-8").splitlines():
        head, _, listed = line.partition(": ")
        if not line.startswith("#") and head.endswith(f" {language}"):
            level = Level(head.split()[0])
            terms |= {_DRAWN_OUT.sub(r"\1", term): level for term in listed.split(", ")}
    return terms
