"""Phone numbers in a text: in digits, with letters typed for digits, in words, mixed."""

import re
from collections.abc import Iterator

from workers.checks.reading.contact import Contact, ContactKind
from workers.checks.reading.known import DIGITS
from workers.checks.reading.view import View

_WORDS = sorted(DIGITS, key=len, reverse=True)
_VALUES = {**DIGITS, "o": "0", "i": "1", "l": "1"}
_SPOKEN_ONE = "|".join(_WORDS)
# Digits with at most three signs between them, and the letters that are typed for 0 and 1.
_DIGITS = re.compile(
    r"(?:(?<!\w)[oil]|(?<![\d.,/-])\+?\d)(?:[ .()_*/|-]{0,3}[\doil]){7,14}"
    r"(?![\d/])(?:(?<=\d)|(?!\w))"
)
_SPOKEN = re.compile(
    rf"(?<!\w)(?:{_SPOKEN_ONE}|\d)(?:[ .,()_*/|-]{{0,3}}(?:{_SPOKEN_ONE}|\d)){{7,14}}(?!\w)"
)
_ONE = re.compile(rf"{_SPOKEN_ONE}|[\doil]")
# Letters that are typed for digits.
_POSING = "oil"
_BARE = str.maketrans("oil", "011", " .,()_*/|+-")
_MONEY = re.compile(r"^\d{1,3}(?:[.,]\d{3}){2,4}$")
_DATED = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}")
_YEARS = re.compile(r"^1[89]00 ?[/-] ?(?:1[6-9]|20)\d\d$")
# Vietnam: 03, 05, 07, 08, 09 and nine digits, 02 and ten (numbering plan of 2017-2018), the
# 11-digit mobile numbers of before; hotlines 1800 and 1900.
_VIETNAMESE = re.compile(r"^(?:84|0084|0)(?:[35789]\d{8}|2\d{9}|1[2689]\d{8})$|^1[89]00\d{4,6}$")
# As they are dialled at home: eleven digits from 0 (UK, Germany, Korea, Japan …), Russia's from
# 8 or 7, North America's in its own grouping.
_ELSEWHERE = re.compile(r"^0[1-9]\d{9}$|^[78][349]\d{9}$")
_AMERICAN = re.compile(r"^(?:\+?1[ .-]?)?\(?[2-9]\d\d\)?[ .-]{1,2}\d{3}[ .-]\d{4}$")
_FEWEST_DIGITS, _FOREIGN = 5, 10
# Words of which at least these many follow each other in a number that is partly spoken.
_SAYS_DIGITS = frozenset(_WORDS) | set("0123456789")
_SOME_IN_A_ROW = bytes([True] * 3)


def phones_in(view: View) -> Iterator[Contact]:
    """Numbers that could be called, by their digits."""
    text = view.text
    if view.shape.count("0") >= _FEWEST_DIGITS:
        yield from _found(_DIGITS, text)
    if _SOME_IN_A_ROW in bytes(map(_SAYS_DIGITS.__contains__, view.pieces)):
        yield from (c for c in _found(_SPOKEN, text) if not text[c.start : c.stop].isdecimal())


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Contact]:
    match = pattern.search(text)
    while match:
        if number := _number(match, text, pattern):
            yield number
            match = pattern.search(text, number.stop)
        else:
            # What is no number may hide the beginning of one: "2024 0912 345 678".
            match = pattern.search(text, match.start() + 1)


def _number(match: re.Match[str], text: str, pattern: re.Pattern[str]) -> Contact | None:
    if match[0][0] in _POSING:
        # A word may end there, and the number begin: "z a l o 0912 345 678".
        within = pattern.search(text, match.start() + 1, match.end())
        if within and (number := _number(within, text, pattern)):
            return number
    digits = _digits_of(match[0])
    posing = 0 if pattern is _SPOKEN else sum(map(match[0].count, _POSING))
    if len(digits) - posing >= _FEWEST_DIGITS and _can_be_called(match[0], digits):
        return Contact(ContactKind.PHONE, digits, *match.span())
    return None


def _digits_of(typed: str) -> str:
    digits = typed.translate(_BARE)
    if digits.isdecimal():
        return digits
    return "".join(_VALUES.get(one, one) for one in _ONE.findall(typed))


def _can_be_called(typed: str, digits: str) -> bool:
    if _MONEY.match(typed) or _DATED.match(typed) or _YEARS.match(typed):
        return False
    if _AMERICAN.match(typed) or _VIETNAMESE.match(digits) or _ELSEWHERE.match(digits):
        return True
    # Not 001: so begin the numbers of identity cards made out in Hanoi.
    abroad = typed.startswith("+") or (digits.startswith("00") and digits[2] not in "01")
    return abroad and len(digits) >= _FOREIGN
