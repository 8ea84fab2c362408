"""Marking in a text what a check found there, so that the eye need not look for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_SHORTEST = 2

# As the ledger keeps it: code, text, and of newer ones field and span.
Reason = dict[str, Any]
# Where a reason points: from, to, its code.
Place = tuple[int, int, str]


@dataclass(frozen=True)
class Piece:
    """A stretch of text and the codes of the reasons that point at it; none where nothing does."""

    text: str
    codes: tuple[str, ...] = ()


def marked(field: str, text: str, reasons: Sequence[Reason]) -> list[Piece]:
    """The field's text in pieces, with what reasons point at marked.

    Older reasons do not say where they saw what they quote; it is marked wherever it stands.
    """
    pieces: list[Piece] = []
    end = 0
    for start, stop, codes in _merged(
        [*_pointed_at(field, text, reasons), *_quoted(text, reasons)]
    ):
        if start > end:
            pieces.append(Piece(text[end:start]))
        pieces.append(Piece(text[start:stop], codes))
        end = stop
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return pieces


def _pointed_at(field: str, text: str, reasons: Sequence[Reason]) -> Iterator[Place]:
    for reason in reasons:
        if reason.get("field") == field and reason.get("span"):
            start, stop = reason["span"]
            # What was erased since is not there to be marked.
            if 0 <= start < stop <= len(text):
                yield start, stop, str(reason.get("code") or "")


def _quoted(text: str, reasons: Sequence[Reason]) -> Iterator[Place]:
    lowered = text.lower()
    # Lowering may change the length ("İ"), and then places no longer agree.
    if len(lowered) != len(text):
        return
    quotes = {
        (str(r.get("text") or "").lower(), str(r.get("code") or ""))
        for r in reasons
        if not r.get("field")
    }
    for quote, code in quotes:
        if len(quote) < _SHORTEST:
            continue
        start = lowered.find(quote)
        while start >= 0:
            yield start, start + len(quote), code
            start = lowered.find(quote, start + len(quote))


def _merged(places: Iterable[Place]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Places that touch become one, with the reasons of all."""
    merged: list[tuple[int, int, tuple[str, ...]]] = []
    for start, stop, code in sorted(places):
        if merged and start <= merged[-1][1]:
            begun, end, codes = merged[-1]
            more = () if code in codes else (code,)
            merged[-1] = (begun, max(stop, end), (*codes, *more))
        else:
            merged.append((start, stop, (code,)))
    return merged
