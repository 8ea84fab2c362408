"""Marking in a text what a check found there, so that the eye need not look for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_SHORTEST = 2


@dataclass(frozen=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def marked(text: str, reasons: Sequence[dict[str, Any]]) -> list[Piece]:
    """The text in pieces; what the reasons quote is marked wherever it stands."""
    pieces: list[Piece] = []
    end = 0
    for start, stop in _merged(_places(text, reasons)):
        if start > end:
            pieces.append(Piece(text[end:start], marked=False))
        pieces.append(Piece(text[start:stop], marked=True))
        end = stop
    if end < len(text):
        pieces.append(Piece(text[end:], marked=False))
    return pieces


def _places(text: str, reasons: Sequence[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    lowered = text.lower()
    # Lowering may change the length ("İ"), and then places no longer agree.
    if len(lowered) != len(text):
        return
    for quote in {str(reason.get("text") or "").lower() for reason in reasons}:
        if len(quote) < _SHORTEST:
            continue
        start = lowered.find(quote)
        while start >= 0:
            yield start, start + len(quote)
            start = lowered.find(quote, start + len(quote))


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
