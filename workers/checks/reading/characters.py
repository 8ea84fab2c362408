"""What one character is read as: the letter it passes for, without case, width or marks."""

import unicodedata
from functools import cache

from commentdesk.domain.text import fold, visible
from workers.checks.reading.lookalikes import latin_twin

# Grave, acute, circumflex, tilde, breve, hook above, horn, dot below.
_VIETNAMESE_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
_MARKS = {"Mn", "Me"}
# Signs that stand for those of addresses and numbers, and that UTS #39 and NFKC leave alone.
_SIGNS = {
    "\n": "\n",
    **dict.fromkeys("。｡", "."),
    **dict.fromkeys("⁄∕╱⧸", "/"),
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("∶꞉ː", ":"),
}


class CharacterTable(dict[int, str]):
    """A table for `str.translate` that learns each character when it first meets it."""

    def __init__(self, *, accents: bool) -> None:
        super().__init__()
        self._accents = accents

    def __missing__(self, code: int) -> str:
        read = self[code] = _read(chr(code), accents=self._accents)
        return read


@cache
def plain_table() -> CharacterTable:
    """To letters without diacritics."""
    return CharacterTable(accents=False)


@cache
def accented_table() -> CharacterTable:
    """To letters with the diacritics that Vietnamese has."""
    return CharacterTable(accents=True)


def belongs_to_the_one_before(character: str) -> bool:
    """Whether it is a mark on a letter, or takes no room at all."""
    return not plain_table()[ord(character)]


def _read(character: str, *, accents: bool) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isspace() or visible(character) == " ":
        return " "
    if accents and _is_vietnamese(character):
        return character.lower()
    if unicodedata.category(character) in _MARKS or not visible(character):
        return ""
    return _bare(character)


def _bare(character: str) -> str:
    """The ASCII letters, digit or sign it passes for; else the character, folded."""
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    folded = fold(character)
    if folded.isascii():
        return folded
    shown = (one for one in folded if unicodedata.category(one) not in _MARKS)
    return "".join(_SIGNS.get(one) or latin_twin(one) for one in shown)


def _is_vietnamese(character: str) -> bool:
    if character in "đĐ" or character in _VIETNAMESE_MARKS:
        return True
    letter = unicodedata.normalize("NFD", character)
    base, marks = letter[0], set(letter[1:])
    return bool(marks) and base.isascii() and marks <= _VIETNAMESE_MARKS
