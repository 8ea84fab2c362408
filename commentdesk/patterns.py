"""Patterns that the newsroom writes, run by RE2: the time they take grows with the text alone.

RE2 knows neither look-around nor back-references; what it refuses is told in the editor's words.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import re2  # type: ignore[import-untyped]

from commentdesk.domain.text import fold

PATTERN_LENGTH = 200
# What RE2 may take of memory for one pattern, bytes, and of steps for one character of a text.
_MOST_MEMORY = 2**20
_MOST_STEPS = 500
# Each search begins where the last match ended and may read to the end of the text: more of them
# would make the whole take the square of its length. So many are evidence enough.
_MOST_MATCHES = 10
# How RE2 begins to say what is wrong, and our code for it.
_TROUBLES = (
    ("missing )", "pattern_parenthesis"),
    ("unexpected )", "pattern_parenthesis"),
    ("missing ]", "pattern_bracket"),
    ("invalid character class range", "pattern_range"),
    ("invalid perl operator", "pattern_lookaround"),
    ("invalid named capture group", "pattern_lookaround"),
    ("invalid escape sequence", "pattern_escape"),
    ("trailing \\", "pattern_escape"),
    ("no argument for repetition", "pattern_repetition"),
    ("bad repetition", "pattern_repetition"),
    ("invalid repetition size", "pattern_too_large"),
    ("pattern too large", "pattern_too_large"),
)


class PatternRefused(ValueError):
    """`code` says why, `part` is what of the pattern is in the way; both may be shown."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(code)
        self.code, self.part = code, part


class Pattern:
    """A pattern made ready; case is nothing to it, nor are the accents it is written with."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def found_in(self, text: str, encoded: bytes) -> Iterator[tuple[int, int]]:
        """Where it stands, at most ten times; `encoded` is the text in UTF-8, made once for all."""
        for found in islice(self._compiled.finditer(encoded), _MOST_MATCHES):
            start, stop = found.span()
            if start < stop:
                yield (start, stop) if len(encoded) == len(text) else _letters(encoded, start, stop)


def read_pattern(text: str, folded: Callable[[str], str] = fold) -> Pattern:
    """The pattern made ready for texts that `folded` made comparable.

    Raises:
        PatternRefused: RE2 cannot do it, it is too large, or it is content with nothing.
    """
    if len(text) > PATTERN_LENGTH:
        raise PatternRefused("pattern_too_large")
    try:
        compiled = re2.compile(_comparable(text, folded), _options())
    except re2.error as error:
        raise _refusal(error) from None
    if compiled.programsize > _MOST_STEPS:
        raise PatternRefused("pattern_too_large")
    if compiled.search("") is not None:
        raise PatternRefused("pattern_matches_nothing")
    return Pattern(compiled)


def _comparable(text: str, folded: Callable[[str], str]) -> str:
    """Letters as texts have them; what is ASCII is the language of patterns and stays."""
    return "".join(c if c.isascii() else _letter(c, folded(c)) for c in text)


def _letter(written: str, folded: str) -> str:
    return folded if folded.isalnum() else written


def _letters(encoded: bytes, start: int, stop: int) -> tuple[int, int]:
    """The place in characters."""
    first = len(encoded[:start].decode())
    return first, first + len(encoded[start:stop].decode())


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    return options


def _refusal(error: Exception) -> PatternRefused:
    said = error.args[0] if error.args else b""
    told = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    part = told.partition(": ")[2]
    for beginning, code in _TROUBLES:
        if told.startswith(beginning):
            back = code == "pattern_escape" and part[1:2].isdigit()
            return PatternRefused("pattern_backreference" if back else code, part)
    return PatternRefused("pattern_broken", part)
