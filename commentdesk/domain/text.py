"""Text as it is kept (NFC, no towers of marks) and as it is compared (folded)."""

import re
import unicodedata

# The blocks of combining marks (Unicode 16, Blocks.txt).
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_COMBINING = re.compile(f"[{_MARKS}]+")
_ASCII_AND_MARKS = re.compile(f"[\x00-\x7f{_MARKS}]*")
# Controls but tab and newline, surrogates, and the last two code points of every plane, which
# are noncharacters (Unicode §23.7).
_NONCHARACTERS = "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")
# Takes no room: joiners, soft hyphen, direction and variation selectors, tags, Hangul's fillers.
_NO_ROOM = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
# Takes room, shows nothing and is no blank to Unicode: Hangul's wide fillers, blank braille.
_BLANK = "\u2800\u3164\uffa0"
_ZERO_WIDTH = re.compile(f"[{_NO_ROOM}]+")
_BLANK_LETTER = re.compile(f"[{_BLANK}]")
_NOTHING = re.compile(rf"[\s{_NO_ROOM}{_BLANK}]*")
# Bidirectional controls (UAX #9): in a one-line field they can only disguise.
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# What scripts that are alive put on one letter after NFC: three in Thai, Arabic, Devanagari,
# four in pointed Hebrew and Burmese. Vietnamese needs none.
_MOST_MARKS = 4
# Stream-Safe Text (UAX #15 §13): before NFC no language needs more, and putting thousands in
# order takes the square of their number.
_MOST_MARKS_APART = 30
# No mark is a letter to `re`, so a run shorter than this holds no tower.
_NO_LETTERS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")


def normalize(text: str) -> str:
    """NFC (UAX #15), line ends as \\n, outer blanks off, at most four marks on a letter."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    composed = unicodedata.normalize("NFC", _with_few_marks(lines, _MOST_MARKS_APART))
    lower = _with_few_marks(composed, _MOST_MARKS)
    # What stood on both sides of a tower may now compose.
    return (composed if lower == composed else unicodedata.normalize("NFC", lower)).strip()


def normalize_line(text: str) -> str:
    """Normalised, on one line, without characters that change the direction of what follows."""
    return " ".join(normalize(text.translate(_DIRECTION)).split())


def shows_nothing(text: str) -> bool:
    """Whether a reader would see an empty field: blanks and what takes no room alone."""
    return _NOTHING.fullmatch(text) is not None


def has_control_character(text: str) -> bool:
    """Whether a control, NUL, surrogate or noncharacter stands in the text (tab, newline may)."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def visible(text: str) -> str:
    """The text without what takes no room, and with blanks for what looks like one."""
    return _BLANK_LETTER.sub(" ", _ZERO_WIDTH.sub("", text))


def fold(text: str) -> str:
    """The text for comparing: compatibility forms, case, diacritics and zero-width removed.

    đ is a letter of its own in Unicode, without a decomposition; readers type d for it.
    """
    # The halfwidth voiced marks are letters that decompose to marks.
    marks_shown = visible(text).replace("\uff9e", "\u3099").replace("\uff9f", "\u309a")
    # Marks go first, for some keep others out of order (U+20DD); those of composed letters after.
    bare = _with_few_marks(_COMBINING.sub("", marks_shown), _MOST_MARKS_APART)
    # Once before, once after: some compatibility forms have a case of their own (ᴬ).
    folded = unicodedata.normalize("NFKD", bare).casefold()
    decomposed = unicodedata.normalize("NFKD", folded).replace("đ", "d")
    # Some marks are two.
    few = _with_few_marks(_without_marks(decomposed), _MOST_MARKS_APART)
    return " ".join(few.split())


def _without_marks(text: str) -> str:
    # Where all letters are ASCII by now, as Vietnamese ones are, the codec leaves the marks out
    # four times as fast.
    if _ASCII_AND_MARKS.fullmatch(text):
        return text.encode("ascii", "ignore").decode("ascii")
    return _COMBINING.sub("", text)


def _with_few_marks(text: str, most: int) -> str:
    """The text with at most so many marks on a letter; what takes no room parts no tower."""
    if text.isascii():
        return text
    return _NO_LETTERS.sub(lambda run: _lowered(run[0], most), text)


def _lowered(run: str, most: int) -> str:
    kept: list[str] = []
    marks = 0
    for character in run:
        if _is_mark(character):
            marks += 1
            if marks > most:
                continue
        elif unicodedata.category(character) != "Cf":
            marks = 0
        kept.append(character)
    return "".join(kept)


def _is_mark(character: str) -> bool:
    # Some of those that take room of their own are put in order among the others.
    return unicodedata.category(character) in {"Mn", "Me"} or unicodedata.combining(character) > 0
