"""Other ways to write a text: as people are used to, and as advertisers hide it. Seeded."""

import random
import re
import unicodedata
from collections.abc import Callable

Chance = random.Random
_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"})
_TWINS = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_BOLD = {ord("a") + n: 0x1D41A + n for n in range(26)} | {
    ord("A") + n: 0x1D400 + n for n in range(26)
}
_ZERO_WIDTH = ("\u200b", "\u200c", "\u2060", "\u00ad")
_TEENCODE = {
    "không": "ko", "được": "dc", "gì": "j", "vậy": "z", "rồi": "r", "biết": "bít", "với": "vs",
    "người": "ng", "nhiều": "nhìu", "quá": "wá", "cũng": "cg", "trong": "trog", "bây giờ": "bh",
    "như": "nhu", "thì": "thì", "mình": "mk", "bạn": "b", "yêu": "iu", "thích": "thik",
}  # fmt: skip
_LINK = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,6})((?:/\S*)?)")
_WORD = re.compile(r"\w{3,}")


def no_diacritics(text: str, _chance: Chance) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if not unicodedata.combining(c))
    )


def decomposed(text: str, _chance: Chance) -> str:
    return unicodedata.normalize("NFD", text)


def small_letters(text: str, _chance: Chance) -> str:
    return text.lower().replace(". ", " ").rstrip(".")


def teencode(text: str, _chance: Chance) -> str:
    for word, short in _TEENCODE.items():
        text = re.sub(rf"\b{word}\b", short, text)
    return text


def capitals(text: str, _chance: Chance) -> str:
    return text.upper()


def zero_width(text: str, chance: Chance) -> str:
    return _in_words(text, chance, lambda word: chance.choice(_ZERO_WIDTH).join(word))


def twins(text: str, _chance: Chance) -> str:
    return text.translate(_TWINS)


def leetspeak(text: str, chance: Chance) -> str:
    return _in_words(text, chance, lambda word: word[0] + word[1:].translate(_LEET))


def apart(text: str, chance: Chance) -> str:
    between = chance.choice((" ", ".", "-", "_"))
    return _in_words(text, chance, between.join)


def full_width(text: str, _chance: Chance) -> str:
    return text.translate(_FULL_WIDTH)


def mathematical(text: str, _chance: Chance) -> str:
    return text.translate(_BOLD)


def broken_links(text: str, chance: Chance) -> str:
    def broken(match: re.Match[str]) -> str:
        host = match[1].replace(".", chance.choice((" . ", " [dot] ", "(.)", " chấm ")))
        return chance.choice(("", "", "hxxp://")) + host + match[2]

    return _LINK.sub(broken, text)


def mixed(text: str, chance: Chance) -> str:
    for name in chance.sample(("no_diacritics", "twins", "zero_width", "leetspeak", "apart"), 2):
        text = WRITINGS[name](text, chance)
    return text


WRITINGS: dict[str, Callable[[str, Chance], str]] = {
    writing.__name__: writing
    for writing in (
        *(no_diacritics, decomposed, small_letters, teencode, capitals),
        *(zero_width, twins, leetspeak, apart, full_width, mathematical, broken_links, mixed),
    )
}
ADVERTISERS = (
    *("zero_width", "twins", "leetspeak", "apart", "full_width", "mathematical", "broken_links"),
    *("mixed", "capitals", "no_diacritics"),
)
# What honest people do, by whether they write Vietnamese.
HABITS = {
    True: ("no_diacritics", "no_diacritics", "small_letters", "teencode", "decomposed"),
    False: ("small_letters",),
}


def writing(name: str, text: str, chance: Chance) -> str:
    """The text written in one of WRITINGS."""
    return WRITINGS[name](text, chance)


def _in_words(text: str, chance: Chance, change: Callable[[str], str]) -> str:
    """Change some of the longer words, half of them on average."""
    return _WORD.sub(lambda word: change(word[0]) if chance.random() < 0.5 else word[0], text)
