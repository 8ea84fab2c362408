"""What can be counted in a text: each fact with its size.

A fact's size is a small step, so that one weight can be learned for "two links" and another
for "many".
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from workers.checks.reading import Reading, View
from workers.checks.reading.contacts import Contact, ContactKind
from workers.checks.spam.hosts import Place, place_of
from workers.checks.spam.phrases import classes_in

_MARKUP = re.compile(r"<a\s|</a>|href=|\[url|\[/url|\[link")
_MONEY = re.compile(
    r"[$€£₽₫¥₿]|\b\d+ ?(?:k|tr|trieu|ty|usd|vnd|euro|eur|gbp|usdt|btc|dong|cent|p)\b|\d ?%"
)
# An article's address says what it is about, in words with dashes between, or when it was.
_DATED = re.compile(r"/(?:19|20)\d\d[/-]\d\d?|/wiki/")
_LEAST_DASHES = 3
_AFFILIATE = re.compile(r"[?&#](?:ref|aff|utm_|id|code|r|u|invite|uid|partner)", re.IGNORECASE)
# Those of Latin, Vietnamese but for the letters with two marks, Greek and Cyrillic.
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞĂĐĨŨƠƯΑ-ΩА-Я]")
_LATIN = re.compile(r"[a-zA-Z]")
_OTHER_LETTER = re.compile(r"[\u0370-\u052f]")
_BEYOND_LETTERS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2190-\U000fffff]")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_FANCY = re.compile("[\U0001d400-\U0001d7ff\U0001f100-\U0001f1e5\uff01-\uff5e\u2460-\u24ff]")
_NO_ROOM = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Quick to say no, which is the answer for most texts.
_CURRENCY = re.compile(r"[$€£₽₫¥₿]")
# Blanks and dots part and trail off; else a character so often in a row is a cry.
_THRICE = re.compile(r"([^\s.])\1\1")
_OFTEN = 4
_APART = re.compile(r"(?:\b\w[ .*_-]){4,60}")
# A size is the number of these that are reached.
_COUNTS = (1, 2, 3, 5, 9, 16)
_SHARES = (1, 3, 6, 10, 20, 35, 60)
_LENGTHS = (20, 50, 100, 200, 400, 800, 1600)
_MANY_WORDS = 8
_LONGEST_LOOKED_AT = 2_000


def facts_of(reading: Reading, words: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Facts and their sizes; a fact that is not there is left out.

    `words` are those of the text, the ones spelt apart whole.
    """
    original, plain = reading.original, reading.plain.text
    contacts = reading.contacts
    counted = _found_in(reading)
    if contacts:
        counted |= Counter(_kind(plain, contact) for contact in contacts)
        counted |= _ways_of_links(plain, contacts)
    classes = classes_in(words, ascii_only=plain.isascii())
    counted |= classes
    for name, found in counted.items():
        if found:
            yield name, bisect_right(_COUNTS, found)
    if len(classes) > 1:
        yield "several_classes", min(len(classes), 5)
    yield from _shares(original, reading.plain, contacts)
    if len(words) > _MANY_WORDS:
        yield "different_words", 10 * len(set(words)) // len(words)


def _kind(plain: str, contact: Contact) -> str:
    """The contact's kind; a link's is the place it leads to."""
    if contact.kind is not ContactKind.LINK:
        return str(contact.kind)
    place = place_of(contact.value.removeprefix("www."))
    if place is Place.OTHER and _is_an_article(plain[contact.start : contact.stop]):
        return "article_link"
    return str(place)


def _is_an_article(address: str) -> bool:
    path = address.removeprefix("https://").removeprefix("http://").split("/")[1:]
    dashes = max((part.count("-") + part.count("_") for part in path), default=0)
    return dashes >= _LEAST_DASHES or bool(_DATED.search(address))


def _ways_of_links(plain: str, contacts: Sequence[Contact]) -> Counter[str]:
    links = [contact for contact in contacts if contact.kind is ContactKind.LINK]
    counted = Counter(hosts=len({contact.value for contact in links}) - 1)
    for link in links:
        address = plain[link.start : link.stop]
        counted["affiliate"] += bool(_AFFILIATE.search(address))
        counted["bare_host"] += link.stop - link.start <= len(link.value) + len("https://www./")
        counted["number_in_host"] += any(map(str.isdigit, link.value))
    counted["several_ways"] = len({contact.kind for contact in contacts}) - 1
    return +counted


def _found_in(reading: Reading) -> dict[str, int]:
    original, plain = reading.original, reading.plain
    counted = {
        "lines": original.count("\n"),
        "exclamations": original.count("!"),
        "questions": original.count("?"),
        "hashtags": original.count("#"),
    }
    if reading.joined is not plain:
        counted["spelt_apart"] = len(_APART.findall(plain.text))
    if "0" in plain.shape or _CURRENCY.search(original):
        counted["money"] = len(_MONEY.findall(plain.text))
    if thrice := {found[1] for found in _THRICE.finditer(original)}:
        counted["repeated"] = len([c for c in thrice if c in "!?" or c * _OFTEN in original])
    if "<" in original or "[" in original:
        counted["markup"] = len(_MARKUP.findall(plain.text))
    if not original.isascii():
        counted |= _found_beyond_ascii(original)
    return counted


def _found_beyond_ascii(original: str) -> dict[str, int]:
    mixed = 0
    if _OTHER_LETTER.search(original):
        words = original.split()
        mixed = sum(bool(_LATIN.search(w) and _OTHER_LETTER.search(w)) for w in words)
    if not _BEYOND_LETTERS.search(original):
        return {"mixed_scripts": mixed}
    return {
        "emoji": len(_EMOJI.findall(original)),
        "fancy_letters": len(_FANCY.findall(original)),
        "hidden_characters": len(_NO_ROOM.findall(original)),
        "mixed_scripts": mixed,
    }


def _shares(original: str, plain: View, contacts: Sequence[Contact]) -> Iterator[tuple[str, int]]:
    """Of a hundred characters, so many; and how many there are."""
    length = max(len(plain.text), 1)
    yield "length", bisect_right(_LENGTHS, length)
    counts = {
        "capitals": len(_CAPITAL.findall(original, 0, _LONGEST_LOOKED_AT)),
        "digits": plain.shape.count("0"),
        "mostly_contact": sum(contact.stop - contact.start for contact in contacts),
    }
    for name, count in counts.items():
        if count:
            yield name, bisect_right(_SHARES, 100 * count // length)
