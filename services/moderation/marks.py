"""Marking in a text what a check found there, so that the eye need not look for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_SHORTEST = 2

# As the ledger keeps it: code, text, and of newer ones field and span.
Reason = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def marked(field: str, text: str, reasons: Sequence[Reason]) -> list[Piece]:
    """The field's text in pieces, with what reasons point at marked.

    Older reasons do not say where they saw what they quote; it is marked wherever it stands.
    """
    pieces: list[Piece] = []
    end = 0
    for start, stop in _merged([*_pointed_at(field, text, reasons), *_quoted(text, reasons)]):
        if start > end:
            pieces.append(Piece(text[end:start], marked=False))
        pieces.append(Piece(text[start:stop], marked=True))
        end = stop
    if end < len(text):
        pieces.append(Piece(text[end:], marked=False))
    return pieces


def _pointed_at(field: str, text: str, reasons: Sequence[Reason]) -> Iterator[tuple[int, int]]:
    for reason in reasons:
        if reason.get("field") == field and reason.get("span"):
            start, stop = reason["span"]
            # What was erased since is not there to be marked.
            if 0 <= start < stop <= len(text):
                yield start, stop


def _quoted(text: str, reasons: Sequence[Reason]) -> Iterator[tuple[int, int]]:
    lowered = text.lower()
    # Lowering may change the length ("İ"), and then places no longer agree.
    if len(lowered) != len(text):
        return
    quotes = {str(r.get("text") or "").lower() for r in reasons if not r.get("field")}
    for quote in quotes:
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
