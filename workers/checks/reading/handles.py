"""Names in messengers: "zalo: @vaynhanh", "tele id vay_nhanh"."""

import re
from collections.abc import Iterator

from workers.checks.reading.contact import Contact, ContactKind
from workers.checks.reading.view import View

_MESSENGERS = frozenset(
    "zalo telegram tele viber whatsapp wechat skype imo facebook fb messenger instagram insta "
    "signal".split()
)
# "Za lo", "whats app", "line id": words that are no messengers by themselves.
_BEGINNINGS = frozenset({"za", "whats", "line"})
_NAMED = re.compile(
    r"(?<![^\W_])(?:za ?lo|telegram|tele|viber|whats ?app|wechat|skype|imo|line id|facebook|fb"
    r"|messenger|insta|instagram|signal)(?: id| nick| acc)?[ :=.-]{1,3}"
    r"(@?[a-z0-9][a-z0-9_.]{3,31})(?![^\W_])"
)
_AT = re.compile(r"(?<![\w./])@[a-z][a-z0-9_.]{3,31}(?![\w@])")
_LETTERS = re.compile(r"[a-z]")
_FEWEST_LETTERS, _FEWEST_DIGITS, _SHORTEST = 3, 8, 5


def handles_in(view: View) -> Iterator[Contact]:
    """Handles, and mentions; a messenger's name before a word alone makes none."""
    text = view.text
    named = not _MESSENGERS.isdisjoint(view.pieces)
    if named or not _BEGINNINGS.isdisjoint(view.pieces):
        for match in _NAMED.finditer(text):
            named = True
            if _is_a_name(match[1].rstrip(".")):
                yield Contact(ContactKind.HANDLE, match[1].strip("@."), *match.span())
    if "@" in text:
        kind = ContactKind.HANDLE if named else ContactKind.MENTION
        for match in _AT.finditer(text):
            yield Contact(kind, match[0].strip("@."), *match.span())


def _is_a_name(word: str) -> bool:
    """Whether it is no word of a sentence ("zalo thường", "facebook 2024", "telegram 100k")."""
    if word.startswith("@"):
        return False  # found as such
    letters = len(_LETTERS.findall(word))
    if letters == 0:
        return len(word) >= _FEWEST_DIGITS and word.isdecimal()
    told_apart = "_" in word or letters < len(word.replace(".", ""))
    return told_apart and letters >= _FEWEST_LETTERS and len(word) >= _SHORTEST
