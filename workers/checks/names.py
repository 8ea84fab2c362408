"""Does the reader pass for the newsroom? Names that look like staff, the site or an office."""

import re
from collections.abc import Iterator
from functools import lru_cache

from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import visible
from workers.checks.context import CheckContext
from workers.checks.reading.lookalikes import looks_like

NAME = "name"
# Offices of a newsroom; the setting reserved_names adds a site's own.
RESERVED = (
    *("admin", "administrator", "webmaster", "moderator", "mod", "editor"),
    *("ban biên tập", "biên tập viên", "ban quản trị", "quản trị viên", "tòa soạn"),
)
_SCORE = 0.6
# Shorter ones are too easily made of the syllables of an honest name.
_LONG_ENOUGH = 5
# Intake takes no longer ones; putting marks in order takes the square of their number.
_LONGEST = 500
_SIGN = re.compile(r"[^\w\s]")
_DIGIT = re.compile(r"\d")
_NO_LETTER = re.compile(r"[\W_]+")


def check_name(submission: Submission, context: CheckContext) -> Finding:
    """Suspect, so that a person looks; never bad, for a name alone rejects nobody.

    A reserved name (an office, the site's own name) counts as whole words anywhere in the name:
    "Admin Hà" and "Ban biên tập 2" are held, "Nguyễn Văn Admiral" and "Modesto" are not. A login
    counts only as the whole name: beside a login "mai" a reader "Mai" waits for a look, which
    costs a moderator a click, and "Nguyễn Thị Mai", as most people sign, does not. Where the
    name is spelt apart ("a.d.m.i.n") it is put together again; a sign is read both as a letter
    ("@dmin") and as an ornament ("@admin").
    """
    seen = visible(submission.name)[:_LONGEST]
    if not seen:
        return clean(NAME)
    readings = {seen, _SIGN.sub(" ", seen)}
    wholes = {_together(_like(reading)) for reading in readings}
    words = "|".join(_apart(_like(_unnumbered(reading))) for reading in readings)
    whole_name = 0, len(submission.name)
    reasons = [
        Reason("name_reserved", name, NAME, whole_name)
        for name in _reserved(wholes, words, context)
    ]
    reasons += [
        Reason("name_staff", login, NAME, whole_name)
        for login in context.site.staff
        if _listed(login)[1] in wholes - {""}
    ]
    return suspect(NAME, _SCORE, reasons, holds=True) if reasons else clean(NAME)


def _reserved(wholes: set[str], words: str, context: CheckContext) -> Iterator[str]:
    for name in (*RESERVED, *context.site.reserved):
        apart, together = _listed(name)
        spelt_apart = together in wholes and len(together) >= _LONG_ENOUGH
        if together and (spelt_apart or apart in words):
            yield name


def _like(text: str) -> str:
    """What the text looks like; many readers share the words of their names."""
    return " ".join(map(_word_like, text.split()))


@lru_cache(maxsize=4000)
def _word_like(word: str) -> str:
    return looks_like(word)


def _unnumbered(text: str) -> str:
    """The text without the numbers that words end in ("Admin2"); a number alone stays."""
    if not _DIGIT.search(text):
        return text
    words = ((word, "".join(filter(str.isdecimal, word))) for word in text.split())
    return " ".join(word.rstrip(digits) or word for word, digits in words)


@lru_cache(maxsize=1000)
def _listed(name: str) -> tuple[str, str]:
    """A name of the newsroom's as words and in one piece."""
    like = _like(name)
    return _apart(like), _together(like)


def _apart(text: str) -> str:
    """Words between blanks, punctuation gone."""
    return f" {_NO_LETTER.sub(' ', text).strip()} "


def _together(text: str) -> str:
    """Letters and digits alone."""
    return _NO_LETTER.sub("", text)
