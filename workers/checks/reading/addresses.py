"""Links and bare domains in a text, whole or broken up."""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import combining, normalize

from publicsuffixlist import PublicSuffixList

from workers.checks.reading.characters import accented_table
from workers.checks.reading.contact import Contact, ContactKind
from workers.checks.reading.known import (
    ADVERTISERS_ENDINGS,
    ALSO_A_WORD,
    ENGLISH_WORDS,
    MESSENGERS,
    NEVER_A_WORD,
    NO_LABELS,
    SHORTENERS,
)
from workers.checks.reading.view import View

_SUFFIXES = PublicSuffixList(accept_unknown=False)
_LONGEST_HOST = 253
# What an address ends at.
_AROUND = str.maketrans(dict.fromkeys("\n<>()[]{}\"'“”‘’,;|*", " "))
_SCHEME = re.compile(r"(?:h[tx]{2}ps?|ftp)(?::[/\\]{0,3}|[/\\]{2,3})")
_HOST = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}(?![\w-])")
_PATH = re.compile(r"[/\\?#]")
# Endings that nobody takes for a word, and those that advertisements like beside them.
_PLAIN_ENDING = "com|net|org|vn|info|xyz|biz|ru|io|cc|ly|me"
_ENDING = f"{_PLAIN_ENDING}|top|club|vip|site|online|shop|link|bet|win|app|live|asia|pro|store"
_SPELT = re.compile(
    r"(?: ?[\[({] ?(?:\.|dot|d0t|cham|,) ?[\])}] ?| (?:dot|d0t|cham) )"
    rf"({_ENDING})(?![^\W_])"
)
# Each begins with letters alone, for which a pattern is looked up at once.
_SET_OFF = re.compile(rf" \. ?({_PLAIN_ENDING})(?![^\W_])")
_SENTENCE = re.compile(rf"\. (?<! \. )({_PLAIN_ENDING})(?![^\W_])")
_ANY_SET_OFF = re.compile(rf" \. ?({_ENDING})(?= ?/)")
_BROKEN_SCHEME = re.compile(r"(?<!\w)h ?[tx] ?[tx] ?p ?s? ?: ?[/\\] ?[/\\] ?([\w.-]{3,253})")
_KNOWN_BROKEN = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        r"[ .]{1,3}".join(map(re.escape, host.split(".")))
        for host in sorted(SHORTENERS | MESSENGERS)
    )
    + r") ?/ ?(?=\w)"
)
_KNOWN_BEGINNINGS = frozenset(host.split(".")[0] for host in SHORTENERS | MESSENGERS)
_KNOWN_ENDINGS = frozenset(host.split(".")[-1] for host in SHORTENERS | MESSENGERS)
_SCHEME_ENDS = ("p:/", "s:/", "p:\\", "s:\\")
_BLANKS_OR_DOTS = re.compile(r"[ .]+")
# One Vietnamese syllable without diacritics.
_SYLLABLE = re.compile(
    r"^(?:ngh|ng|nh|th|tr|ch|gh|gi|kh|ph|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?$"
)
_SHORT_TITLE, _SHORT_WORD = 3, 6


def links_in(view: View) -> Iterator[Contact]:
    """Links, and bare domains whose ending is a public suffix."""
    text = view.text
    if "/" not in text and "\\" not in text and ".a" not in view.shape:
        return
    start = 0
    for word in text.translate(_AROUND).split(" "):
        if ("." in word or "/" in word or "\\" in word) and (link := _link(view, start, word)):
            yield link
        start += len(word) + 1


def broken_links_in(view: View) -> Iterator[Contact]:
    """Domains in pieces: "vidu . com", "vidu [dot] com", "bit ly/abc", "h t t p : / / vidu"."""
    text = view.text
    if "dot" in text or "cham" in text or "d0t" in text or ".)" in text or ".]" in text:
        yield from _set_apart(view, _SPELT)
    if " ." in text:
        yield from _set_apart(view, _SET_OFF)
    if ". " in text:
        yield from _set_apart(view, _SENTENCE)
    if "/" in text:
        yield from _set_apart(view, _ANY_SET_OFF)
        yield from _known_broken(view)
        yield from _after_a_broken_scheme(text)


def _known_broken(view: View) -> Iterator[Contact]:
    if _KNOWN_BEGINNINGS.isdisjoint(view.pieces) or _KNOWN_ENDINGS.isdisjoint(view.pieces):
        return
    for match in _KNOWN_BROKEN.finditer(view.text):
        host = _BLANKS_OR_DOTS.sub(".", match[0].rstrip("/ "))
        if " " in match[0]:
            yield Contact(ContactKind.LINK, host, *match.span())


def _after_a_broken_scheme(text: str) -> Iterator[Contact]:
    closed = text.replace(" ", "")
    # No more schemes without the blanks than with them, and no blank behind one.
    if "// " not in text and "\\\\ " not in text and _schemes(closed) == _schemes(text):
        return
    for match in _BROKEN_SCHEME.finditer(text):
        if " " in match[0]:
            yield Contact(ContactKind.LINK, match[1].strip(".-"), *match.span())


def _schemes(text: str) -> int:
    return sum(map(text.count, _SCHEME_ENDS))


@lru_cache(maxsize=2000)
def registered(host: str) -> str | None:
    """The public suffix that a host ends in, with the name before it; None where it has none."""
    found: str | None = _SUFFIXES.privatesuffix(host)
    return found


def host_of(typed: str) -> str:
    """The host of a link as it was typed, small letters, composed."""
    after = _SCHEME.sub("", normalize("NFKC", typed).lower(), count=1)
    return _PATH.split(after, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".-")


def _link(view: View, start: int, word: str) -> Contact | None:
    scheme = _SCHEME.search(word)
    begin = scheme.end() if scheme else 0
    path = _PATH.search(word, begin)
    authority = word[begin : path.start() if path else len(word)]
    at = authority.rfind("@") + 1
    host = _HOST.search(authority, at)
    stop = start + len(word.rstrip(".,:!?…-"))
    if host and len(host[0]) <= _LONGEST_HOST and registered(host[0]):
        first = start + (scheme.start() if scheme else host.start())
        last = stop if path else start + begin + host.end()
        meant = scheme or path or host[0].startswith("www.")
        if meant or not _is_slip(view.typed(first, last)):
            return Contact(ContactKind.LINK, host[0], first, last)
    elif scheme and (named := authority[at:].partition(":")[0].strip(".!…-")):
        return Contact(ContactKind.LINK, named[:_LONGEST_HOST], start + scheme.start(), stop)
    return None


def _is_slip(typed: str) -> bool:
    """Whether it is the end of a sentence and the next one, without a blank between."""
    before, _, ending = normalize("NFC", typed).rpartition(".")
    if _has_marks(ending):
        return True
    label, small = before.rpartition(".")[2], ending.lower()
    if small in NEVER_A_WORD:
        return False
    if ending[:1].isupper() and (ending[1:].islower() or not before.isupper()):
        return True
    syllable = _SYLLABLE.match(label.lower()) is not None
    if small in ENGLISH_WORDS and label.isalpha() and len(label) <= _SHORT_WORD:
        return True
    if small in ALSO_A_WORD and (syllable or len(label) <= _SHORT_TITLE):
        return True
    return _has_marks(label) or (
        syllable and small not in ADVERTISERS_ENDINGS and _SYLLABLE.match(small) is not None
    )


def _has_marks(text: str) -> bool:
    """Whether letters carry diacritics, as no ending has that is not meant to look like another."""
    return "đ" in text.lower() or any(map(combining, normalize("NFD", text)))


def _set_apart(view: View, pattern: re.Pattern[str]) -> Iterator[Contact]:
    text = view.text
    for match in pattern.finditer(text):
        start = _label_before(text, match.start())
        label = text[start : match.start()].lstrip(".-")
        if label and not _is_said(view, label, match):
            yield Contact(
                ContactKind.LINK, f"{label}.{match[1]}", match.start() - len(label), match.end()
            )


def _label_before(text: str, stop: int) -> int:
    start = stop
    while (
        start
        and stop - start < _LONGEST_HOST
        and (text[start - 1].isalnum() or text[start - 1] in "-.")
    ):
        start -= 1
    return start


def _is_said(view: View, label: str, match: re.Match[str]) -> bool:
    """Whether no domain is meant: "mạng chậm net", "ngon. Cơm", "the dot com bubble"."""
    if label in NO_LABELS or _has_marks(view.typed(*match.span(1))):
        return True
    syllable = _SYLLABLE.match(label) is not None
    if "cham" in match[0]:
        said = normalize("NFC", view.typed(*match.span()).translate(accented_table()))
        return "chấm" not in said and (syllable or "cham" not in said)
    parted = match[0].startswith(". ")
    return syllable and (parted or match[1] in {"vn", "me", "ly"})
