"""Reading a text and a whole submission."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from commentdesk.domain.submission import Submission
from workers.checks.reading.characters import CharacterTable, accented_table, plain_table
from workers.checks.reading.contact import Contact
from workers.checks.reading.contacts import contacts_in
from workers.checks.reading.disguise import expanded, joined, unleet
from workers.checks.reading.view import Places, View, places_of, rewritten

_WORD = re.compile(r"[^\W_]+")
# What Vietnamese is written with (see characters.py): a letter with its marks apart, and the marks
# past the fourth.
_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_CLUSTER = re.compile(rf"[^{_MARKS}][{_MARKS}]{{1,4}}", re.DOTALL)
_TOWER = re.compile(rf"(?<=[{_MARKS}]{{4}})[{_MARKS}]+")


class Reading:
    """A text as typed, and its folded forms, each made when it is first asked for."""

    def __init__(self, original: str) -> None:
        self.original = original

    @cached_property
    def plain(self) -> View:
        """Without case, width, diacritics, disguise."""
        return _translated(self.original, plain_table())

    @cached_property
    def accented(self) -> View:
        """The same with Vietnamese diacritics, composed."""
        typed = _translated(self.original, accented_table())
        # Composing takes the square of the marks on a letter; four are more than any needs.
        few = rewritten(typed, ((*tower.span(), "") for tower in _TOWER.finditer(typed.text)))
        text = _CLUSTER.sub(lambda cluster: _composed(cluster[0]), few.text)
        if text == few.text:
            return few
        return View(text, self.original, lambda: _places_composed(few.text), few)

    @cached_property
    def joined(self) -> View:
        """Plain, with letters set apart joined ("v.a.y"); `plain` itself without any."""
        return joined(self.plain)

    @cached_property
    def unmasked(self) -> View:
        """Joined, with leetspeak read ("c4sin0"); `joined` itself without any."""
        return unleet(self.joined)

    @cached_property
    def expanded(self) -> View:
        """Plain, with teencode written out; `plain` itself without any."""
        return expanded(self.plain)

    @cached_property
    def words(self) -> View:
        """The plain words, one blank before, between and after them."""
        return spaced(self.plain)

    @cached_property
    def contacts(self) -> list[Contact]:
        """Ways out of the page; their places count characters of `plain`."""
        return contacts_in(self.plain, self.joined) if self.original else []


@dataclass(frozen=True)
class SubmissionReading:
    """The three fields a reader writes freely, and title and content as one text."""

    name: Reading
    title: Reading
    content: Reading

    @cached_property
    def whole(self) -> Reading:
        if not self.title.original:
            return self.content
        return Reading(f"{self.title.original}\n{self.content.original}")

    def field_of(self, span: tuple[int, int]) -> tuple[str, tuple[int, int]]:
        """The field that a stretch of `whole` begins in, and the stretch counted within it."""
        start, stop = span
        title = self.title.original
        if not title:
            return "content", span
        if start <= len(title):
            return "title", (start, min(stop, len(title)))
        return "content", (start - len(title) - 1, stop - len(title) - 1)


def read_submission(submission: Submission) -> SubmissionReading:
    return SubmissionReading(
        Reading(submission.name), Reading(submission.title), Reading(submission.content)
    )


def spaced(view: View) -> View:
    """The view's words and numbers, one blank before, between and after them; two if none."""
    text = f" {' '.join(view.pieces)} "
    return View(text, view.original, lambda: _places_of_words(view.text), view)


def _translated(original: str, table: CharacterTable) -> View:
    return View(original.translate(table), original, lambda: _places(original, table))


def _places(original: str, table: CharacterTable) -> Places:
    if all(len(table[ord(character)]) == 1 for character in set(original)):
        places: Sequence[int] = range(len(original))
    else:
        places = [place for place, c in enumerate(original) for _ in table[ord(c)]]
    return places, places


def _places_of_words(text: str) -> Places:
    """A blank is read from the end of the word before it."""
    places = [0]
    for word in _WORD.finditer(text):
        places += range(*word.span())
        places.append(places[-1])
    return places, places


@lru_cache(maxsize=2000)
def _composed(cluster: str) -> str:
    return unicodedata.normalize("NFC", cluster)


def _places_composed(text: str) -> Places:
    """A letter stands where its base did, with all its marks."""
    clusters = [(*found.span(), _composed(found[0])) for found in _CLUSTER.finditer(text)]
    return places_of(text, clusters)
