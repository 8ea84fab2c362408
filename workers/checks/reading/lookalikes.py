"""What a name looks like to a reader: one form for all that is hard to tell apart.

The skeleton of Unicode's UTS #39 §4 (its table comes with `confusable-homoglyphs`), and beyond
it what nobody minds in a name: case, accents, width, letters named for a Latin one (ɴ, 🅝, đ),
digits written for letters.
"""

import re
import unicodedata
from functools import cache, lru_cache

from commentdesk.domain.text import fold

_LATIN = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL|SYMBOL LETTER) ([A-Z])"
    r"(?: WITH .*)?$"
)
# Small i, capital I, l and 1 are one stroke; ʍ and ĸ are where UTS #39 puts м and к; the rest is
# what people type instead of letters.
_READ_AS = str.maketrans(dict(zip("l134578@$ĸ", "iieastbask", strict=True)) | {"ʍ": "rn"})
# The same two, as the letters that their capitals pass for: М is M, so that м is m.
_SMALL_CAPITALS = str.maketrans({"ʍ": "m", "ĸ": "k"})
# The package shows some characters between direction marks or on a dotted circle.
_AROUND = re.compile("[\u200e\u200f\u25cc]")


@lru_cache(maxsize=4000)
def looks_like(text: str) -> str:
    """The form to compare by: two texts that look alike have the same."""
    # Twice: a capital may have another double than its small letter (Н is H, н is ʜ).
    return _twin(_twin(text)).translate(_READ_AS)


def latin_twin(letter: str) -> str:
    """The ASCII letters that a letter of another script passes for; the letter itself if none."""
    if not letter.isalpha():
        named = fold(_named_for(letter))
        return named if named.isascii() else letter
    twin = _twin(_twin(letter)).translate(_SMALL_CAPITALS)
    return twin if twin.isascii() and twin else letter


def _twin(text: str) -> str:
    named = _latin(unicodedata.normalize("NFKD", text))
    return fold(_latin(named.translate(_doubles())))


def _latin(text: str) -> str:
    """The text with the Latin letter in place of each that is named for one."""
    return "".join(c if c.isascii() else _named_for(c) for c in text)


@lru_cache(maxsize=2000)
def _named_for(character: str) -> str:
    named = _LATIN.search(unicodedata.name(character, ""))
    return named[1] if named else character


@cache
def _doubles() -> dict[int, str]:
    """Each character that UTS #39 maps to another, and that other.

    The package keeps every pair both ways round. A character has one prototype and a prototype
    many characters, so that who has one partner is mapped; of two that have only each other
    either may stand for both.
    """
    # Imported here: the table is a sixth of a second that two of three workers do not need.
    from confusable_homoglyphs.confusables import (  # type: ignore[import-untyped]
        confusables_data,
    )

    doubles: dict[int, str] = {}
    for shown, partners in confusables_data.items():
        character, partner = _AROUND.sub("", shown), _AROUND.sub("", partners[0]["c"])
        if len(partners) > 1 or len(character) != 1 or not partner:
            continue
        only_each_other = len(partner) == 1 and len(confusables_data[partners[0]["c"]]) == 1
        doubles[ord(character)] = min(character, partner) if only_each_other else partner
    return doubles
