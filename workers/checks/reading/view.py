"""A folded form of a text, and the way back from it to what was typed."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from workers.checks.reading.characters import belongs_to_the_one_before

_WORD = re.compile(r"[^\W_]+")
_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


class _Shapes(dict[int, str]):
    """A table for `str.translate` that learns each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kinds = (("a", str.isalpha), ("0", str.isalnum), (" ", str.isspace))
        shape = next((sign for sign, is_one in kinds if is_one(character)), character)
        self[code] = shape
        return shape


_SHAPES = _Shapes()
# Of every character of a view, the first and the last it was read from.
Places = tuple[Sequence[int], Sequence[int]]
# Start and stop in the text that is rewritten, and what stands there instead.
Edit = tuple[int, int, str]


class View:
    """One folded form of a text; the way back is made when evidence asks for it.

    A view is read from the original, or from another view (`base`) that was.
    """

    def __init__(
        self,
        text: str,
        original: str,
        find_places: Callable[[], Places],
        base: "View | None" = None,
        changed: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.text, self.original = text, original
        # What `text` has otherwise than its base: stretches, in order.
        self.changed = changed
        self._find_places, self._base = find_places, base

    @cached_property
    def pieces(self) -> list[str]:
        """Words and numbers: what stands between blanks and signs."""
        if self.text.isascii():
            # The same, in a third of the time.
            return self.text.translate(_SIGNS).split()
        return _WORD.findall(self.text)

    @cached_property
    def singles(self) -> bytes:
        """Of every piece 1 if it is one letter or digit, else 0: "v.a.y" has three in a row."""
        return bytes([len(piece) == 1 for piece in self.pieces])

    @cached_property
    def shape(self) -> str:
        """The text with "a" for every letter, "0" for every digit, " " for every blank.

        Whether a pattern can be found at all is seen in it at once: "0a" for leetspeak, ".a" for
        a domain.
        """
        return self.text.translate(_SHAPES)

    @cached_property
    def _places(self) -> Places:
        return self._find_places()

    @property
    def places(self) -> Sequence[int]:
        """For every character, the index of the first that it was read from."""
        return self._places[0]

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The stretch of the original that `text[start:stop]`, not empty, was read from.

        Whole: marks on its last letter are within, and what takes no room behind it.
        """
        if self._base is not None:
            return self._base.span(*self.span_in_base(start, stop))
        first, end = self.span_in_base(start, stop)
        while end < len(self.original) and belongs_to_the_one_before(self.original[end]):
            end += 1
        return first, end

    def span_in_base(self, start: int, stop: int) -> tuple[int, int]:
        """The stretch of the text that this one was read from."""
        firsts, lasts = self._places
        return firsts[start], lasts[stop - 1] + 1

    def span_down_to(self, below: "View", start: int, stop: int) -> tuple[int, int]:
        """The stretch of the text of a view that this one was read from, directly or not."""
        view: View | None = self
        while view is not None and view is not below:
            start, stop = view.span_in_base(start, stop)
            view = view._base
        return start, stop

    def typed(self, start: int, stop: int) -> str:
        """What was typed there."""
        return self.original[slice(*self.span(start, stop))]


def rewritten(base: View, edits: Iterable[Edit]) -> View:
    """The view with other text in some places, given in order; the view itself without any."""
    pieces: list[str] = []
    changed: list[tuple[int, int]] = []
    taken: list[Edit] = []
    end = length = 0
    for start, stop, instead in edits:
        length += start - end + len(instead)
        pieces += (base.text[end:start], instead)
        changed.append((length - len(instead), length))
        taken.append((start, stop, instead))
        end = stop
    if not taken:
        return base
    pieces.append(base.text[end:])
    text = "".join(pieces)
    return View(text, base.original, lambda: places_of(base.text, taken), base, changed)


def places_of(base: str, edits: Sequence[Edit]) -> Places:
    """Where in `base` every character stands of what these edits, in order, make of it."""
    firsts: list[int] = []
    lasts: list[int] = []
    end = len(base)
    for (_, kept, _), (start, stop, text) in pairwise([(0, 0, ""), *edits, (end, end, "")]):
        firsts += range(kept, start)
        lasts += range(kept, start)
        for first, last in _shares(base[start:stop], text):
            firsts.append(start + first)
            lasts.append(start + last)
    return firsts, lasts


def _shares(replaced: str, text: str) -> list[tuple[int, int]]:
    """Of every character of `text`, the first and last of what it stands for.

    Where characters were but left out, each is found again; else it has its part of the whole.
    """
    found, place = [], -1
    for character in text:
        place = replaced.find(character, place + 1)
        if place < 0:
            break
        found.append((place, place))
    else:
        return found
    wide, many = len(replaced), len(text)
    parts = [(i * wide // many, (i + 1) * wide // many) for i in range(many)]
    return [(first, max(first, end - 1)) for first, end in parts]
