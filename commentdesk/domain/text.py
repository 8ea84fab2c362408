"""Text as it is kept (NFC) and as it is compared (folded)."""

import re
import unicodedata
from typing import Literal

# The blocks of combining marks (Unicode 16, Blocks.txt).
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# More marks in a row than any language writes (UAX #15 §13 draws the line at 30 too); the halfwidth
# voiced marks are letters that decompose to marks.
_MANY_MARKS = re.compile(r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){31,}")
_WORTH_A_LOOK = 1_000
# The last two code points of every plane are noncharacters (Unicode §23.7).
_NONCHARACTER = 0xFFFE
_LINE_CONTROLS = frozenset("\n\t")
_ZERO_WIDTH = dict.fromkeys(
    [
        *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xE0000, 0xE0080),
    ]
)
# Bidirectional controls (UAX #9): in a one-line field they can only disguise.
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def normalize(text: str) -> str:
    """NFC (UAX #15), line ends as \\n, outer blanks off."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _in_order(lines, "NFD")).strip()


def normalize_line(text: str) -> str:
    """As `normalize`, on one line, and without direction controls."""
    return " ".join(normalize(text.translate(_DIRECTION)).split())


def has_control_character(text: str) -> bool:
    """Whether a control, NUL, surrogate or noncharacter stands in the text (tab, newline may)."""
    if text.isprintable():
        return False
    return any(
        (unicodedata.category(character) in {"Cc", "Cs"} and character not in _LINE_CONTROLS)
        or ord(character) & _NONCHARACTER == _NONCHARACTER
        for character in text
    )


def fold(text: str) -> str:
    """The text for comparing: compatibility forms, case, diacritics and zero-width removed.

    đ is a letter of its own in Unicode, without a decomposition; readers type d for it.
    """
    visible = text if text.isprintable() else text.translate(_ZERO_WIDTH)
    # Once before, once after: some compatibility forms have a case of their own (ᴬ).
    folded = unicodedata.normalize("NFKD", _in_order(visible, "NFKD")).casefold()
    bare = _COMBINING.sub("", unicodedata.normalize("NFKD", folded)).replace("đ", "d")
    if not bare.isascii():
        # What was taken out may have kept marks of other scripts out of order (U+20DD does).
        bare = unicodedata.normalize("NFKD", _in_order(bare, "NFKD"))
    return " ".join(bare.split())


def _in_order(text: str, form: Literal["NFD", "NFKD"]) -> str:
    """Long runs of marks decomposed and in canonical order, the rest untouched.

    Python puts marks in order by insertion, which takes a second for 30,000 of them; what is in
    order already it leaves.
    """
    if len(text) < _WORTH_A_LOOK or text.isascii():
        return text
    return _MANY_MARKS.sub(lambda run: _ordered(run[0], form), text)


def _ordered(marks: str, form: Literal["NFD", "NFKD"]) -> str:
    ordered: list[str] = []
    waiting: list[str] = []
    for character in "".join(unicodedata.normalize(form, mark) for mark in marks):
        if unicodedata.combining(character):
            waiting.append(character)
            continue
        ordered += [*sorted(waiting, key=unicodedata.combining), character]
        waiting = []
    return "".join(ordered + sorted(waiting, key=unicodedata.combining))
