"""Other ways to write a word, a number, a link: as those do who hide it. Seeded by the caller."""

import random
import unicodedata
from collections.abc import Callable

Chance = random.Random
Writing = Callable[[str, Chance], str]

LEET = str.maketrans("aeios", "43105")
TWINS = str.maketrans("aceopxyi", "асеорхуі")
BOLD = {ord("a") + n: 0x1D41A + n for n in range(26)} | {
    ord("0") + n: 0x1D7CE + n for n in range(10)
}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
CIRCLED = {ord("a") + n: 0x24D0 + n for n in range(26)} | {
    ord("1") + n: 0x2460 + n for n in range(9)
}
ARABIC = {ord("0") + n: 0x0660 + n for n in range(10)}
NO_ROOM = "\u200b\u200c\u2060\u00ad\ufe0f\U000e0061"
SAID_VIETNAMESE = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SAID_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def plainly(text: str, _chance: Chance) -> str:
    return text


def capitals(text: str, _chance: Chance) -> str:
    return text.upper()


def leetspeak(text: str, _chance: Chance) -> str:
    """The first letter of each word stays, as most leave it."""
    return " ".join(word[0] + word[1:].translate(LEET) for word in text.split(" "))


def twins(text: str, _chance: Chance) -> str:
    return text.translate(TWINS)


def bold(text: str, _chance: Chance) -> str:
    return text.translate(BOLD)


def full_width(text: str, _chance: Chance) -> str:
    return text.translate(FULL_WIDTH)


def circled(text: str, _chance: Chance) -> str:
    return text.translate(CIRCLED)


def no_diacritics(text: str, _chance: Chance) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def hidden_characters(text: str, chance: Chance) -> str:
    return "".join(c if c == " " else c + chance.choice(NO_ROOM) for c in text[:-1]) + text[-1]


def set_apart(text: str, chance: Chance) -> str:
    """Letters with a blank or the same sign between them; clusters stay together."""
    between = chance.choice((" ", ".", "-", "_", "*", " . "))
    words = [between.join(unicodedata.normalize("NFC", word)) for word in text.split(" ")]
    return chance.choice((" ", "  ")).join(words)


LETTERS: tuple[Writing, ...] = (plainly, capitals, leetspeak, twins, bold, full_width, circled)
AROUND: tuple[Writing, ...] = (plainly, hidden_characters, set_apart)


def disguised(text: str, chance: Chance) -> str:
    """A mixture: with or without diacritics, other letters, then what is put between them."""
    for some in ((plainly, no_diacritics), LETTERS, AROUND):
        text = chance.choice(some)(text, chance)
    form = chance.choice(("NFC", "NFD"))
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def hidden_number(digits: str, chance: Chance) -> str:
    """The digits of a phone number as advertisers write them."""
    groups = chance.choice(((4, 3, 3), (3, 3, 4), (10,), (1,) * 10))
    between = chance.choice((" ", ".", "-", "_", " - "))
    parts, start = [], 0
    for size in groups:
        parts.append(digits[start : start + size])
        start += size
    typed = between.join(parts)
    ways: tuple[Writing, ...] = (
        *(plainly, full_width, bold, circled, hidden_characters, _letters_for_digits),
        *(_arabic, _said, _half_said),
    )
    return chance.choice(ways)(typed, chance)


def broken_link(host: str, chance: Chance) -> str:
    """A host as it is written to get past filters; `host` has one dot."""
    name, _, ending = host.partition(".")
    dot = chance.choice((" . ", "[dot]", " [dot] ", "(.)", " chấm ", " dot ", "{dot}", "."))
    typed = f"{name}{dot}{ending}"
    way = chance.choice((plainly, full_width, bold, hidden_characters, capitals, _schemed))
    return way(typed, chance) if dot == "." or way is not _schemed else typed


def _schemed(text: str, chance: Chance) -> str:
    return chance.choice(("hxxp://", "hxxps://", "h t t p : / / ", "http:/", "https:\\\\")) + text


def _letters_for_digits(text: str, chance: Chance) -> str:
    return text.replace("0", chance.choice("oO")).replace("1", chance.choice("lI"))


def _arabic(text: str, _chance: Chance) -> str:
    return text.translate(ARABIC)


def _said(text: str, chance: Chance) -> str:
    said = chance.choice((SAID_VIETNAMESE, SAID_ENGLISH))
    return " ".join(said[int(c)] for c in text if c.isdigit())


def _half_said(text: str, _chance: Chance) -> str:
    digits = [c for c in text if c.isdigit()]
    return " ".join(SAID_VIETNAMESE[int(c)] if n % 2 else c for n, c in enumerate(digits))
