"""A site's word lists, all looked for at once (Aho-Corasick, through pyahocorasick).

And its patterns, each looked for in turn (RE2).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import ahocorasick  # type: ignore[import-not-found]

from commentdesk.patterns import Pattern, PatternRefused, read_pattern
from workers.checks.reading import Reading, View, spaced

Span = tuple[int, int]
# Shorter ones stand in the letters of honest abbreviations ("V.I.P.").
_LONG_ENOUGH = 4
_WORD = re.compile(r"[^\W_]+")
# Both look like a stroke: who writes 1 may mean either.
_STROKES = str.maketrans("l", "i")


@dataclass(frozen=True)
class ListedWord:
    """A line of the site's lists; `match` is `word` (whole words), `anywhere` or `pattern`."""

    kind: str
    text: str
    folded: str
    match: str = "word"


@lru_cache(maxsize=2)
def word_list(words: tuple[ListedWord, ...]) -> "WordList":
    """The list made ready; once for each version of it."""
    return WordList(words)


class WordList:
    """Finds its words in texts, however they are disguised there."""

    def __init__(self, words: tuple[ListedWord, ...]) -> None:
        written, disguised, together = _Needles(), _Needles(), _Needles()
        self._patterns, self.broken = _patterns(words)
        for word in words:
            if word.match == "pattern":
                continue
            for form in _forms(word.text):
                bare = form.strip()
                needle = bare if word.match == "anywhere" else form
                written.add(needle, word)
                disguised.add(needle.translate(_STROKES), word)
                if len(bare) >= _LONG_ENOUGH:
                    together.add(bare.replace(" ", "").translate(_STROKES), word)
        self._written, self._disguised, self._together = written, disguised, together

    def found_in(self, reading: Reading) -> Iterator[tuple[ListedWord, Span]]:
        """Listed words and where they were typed; what stands in an allowed phrase is left out."""
        found = dict.fromkeys(self._all_in(reading))
        shields = _Shields(span for word, span in found if word.kind == "allowed")
        for word, span in found:
            if word.kind != "allowed" and not shields.cover(span):
                yield word, span

    def _all_in(self, reading: Reading) -> Iterator[tuple[ListedWord, Span]]:
        if not reading.original:
            return
        yield from self._by_pattern(reading.plain)
        if not self._written:
            return
        words = reading.words
        for word, place in self._written.found_in(words.text):
            yield word, words.span(*place)
        if reading.expanded is not reading.plain:
            expanded = spaced(reading.expanded)
            for word, place in self._written.found_in(expanded.text):
                yield word, expanded.span(*place)
        if reading.unmasked is not reading.plain:
            yield from self._behind_disguise(reading)

    def _by_pattern(self, plain: View) -> Iterator[tuple[ListedWord, Span]]:
        """On the folded text with its blanks and signs, without case, accents and disguise."""
        if not self._patterns:
            return
        encoded = plain.text.encode()
        for word, pattern in self._patterns:
            for start, stop in pattern.found_in(plain.text, encoded):
                yield word, plain.span(start, stop)

    def _behind_disguise(self, reading: Reading) -> Iterator[tuple[ListedWord, Span]]:
        words = spaced(reading.unmasked)
        for word, (start, stop) in self._disguised.found_in(words.text.translate(_STROKES)):
            if _is_disguised(words, reading.plain, start, stop):
                yield word, words.span(start, stop)
        # Leetspeak is letter by letter, so that places in the one are places in the other.
        letters = reading.unmasked.text.translate(_STROKES)
        for start, stop in reading.joined.changed:
            for word, (first, last) in self._together.found_in(letters[start:stop]):
                yield word, reading.unmasked.span(start + first, start + last)


class _Shields:
    """Stretches within which nothing counts."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        # As far as any shield reaches that begins here or before.
        self._reach = list(accumulate((stop for _, stop in ordered), max))

    def cover(self, span: Span) -> bool:
        before = bisect_right(self._starts, span[0])
        return before > 0 and span[1] <= self._reach[before - 1]


class _Needles:
    def __init__(self) -> None:
        self._words: dict[str, list[ListedWord]] = {}
        self._automaton: ahocorasick.Automaton | None = None

    def __bool__(self) -> bool:
        return bool(self._words)

    def add(self, needle: str, word: ListedWord) -> None:
        listed = self._words.setdefault(needle, [])
        if word not in listed:
            listed.append(word)

    def found_in(self, text: str) -> Iterator[tuple[ListedWord, Span]]:
        """Words and where they stand, without the blanks around them."""
        if not self._words:
            return
        for last, needle in self._ready().iter(text):
            stop = last + 1 - needle.endswith(" ")
            start = last + 1 - len(needle) + needle.startswith(" ")
            for word in self._words[needle]:
                yield word, (start, stop)

    def _ready(self) -> ahocorasick.Automaton:
        if self._automaton is None:
            self._automaton = ahocorasick.Automaton()
            for needle in self._words:
                self._automaton.add_word(needle, needle)
            self._automaton.make_automaton()
        return self._automaton


def _patterns(
    words: Iterable[ListedWord],
) -> tuple[list[tuple[ListedWord, Pattern]], list[PatternRefused]]:
    """The patterns among the words, made ready, and what is wrong with those that cannot be."""
    ready, broken = [], []
    for word in words:
        if word.match == "pattern":
            try:
                ready.append((word, read_pattern(word.text, lambda c: Reading(c).plain.text)))
            except PatternRefused as refused:
                broken.append(refused)
    return ready, broken


def _forms(text: str) -> set[str]:
    """The word as texts are folded, and with the short forms in it written out."""
    reading = Reading(text)
    return {reading.words.text, spaced(reading.expanded).text} - {"  "}


def _is_disguised(words: View, plain: View, start: int, stop: int) -> bool:
    """Whether the stretch was not written so: else it was found there, or i is read for l."""
    first, last = words.span_down_to(plain, start, stop)
    return words.text[start:stop].split() != _WORD.findall(plain.text[first:last])
