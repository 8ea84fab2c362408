"""What writers do to words: letters set apart, digits for letters, the short forms of chats."""

import re
from collections.abc import Iterator

from workers.checks.reading.view import Edit, View, rewritten

# Three letters or more, the same between each two; 60 more at most, so that it is linear.
_APART = re.compile(r"(?<![^\W_])[^\W_]([\s.,*_|~/•·-]{1,3})[^\W_](?:\1[^\W_]){1,60}(?![^\W_])")
# Of the shape of a text in which a digit or sign may stand for a letter.
_MIXED = ("0a", "a0", "@a", "a@", "$a", "a$", "€a", "a€", "!a", "|a")
_THREE_LETTERS = b"\1\1\1"
_MIXED_WORD = re.compile(r"[a-z0-9@$€!|]+")
_LEET = str.maketrans("0134578@$€!|", "oieastbaseii")
_LETTER = re.compile(r"[a-z]")
_WORD = re.compile(r"[^\W_]+")
# What Vietnamese write short in chats, without diacritics. One reading each, the commonest.
_SHORT = {
    short: full
    for full, shorts in {
        "khong": "k ko kg kh hok hk hong khg kog khum hem",
        "duoc": "dc dk dx",
        "gi": "j ji zi",
        "vay": "z zay zv",
        "roi": "r rui",
        "biet": "bit bik bt",
        "qua": "wa qa",
        "voi": "vs zoi",
        "inbox": "ib inb ibx",
        "lien he": "lh lhe",
        "tai khoan": "tk",
        "dien thoai": "dt sdt",
        "nhu the nao": "ntn",
        "moi nguoi": "mn mng",
        "nguoi": "ng ngt",
        "nhieu": "nhiu nhju",
        "truoc": "trc trk",
        "chuyen khoan": "ck",
        "nhan tin": "nt",
        "bay gio": "bh bjo",
        "lam": "lm",
        "trong": "trog",
        "cung": "cx cg cug",
        "minh": "mk mik mih",
        "thich": "thik",
        "yeu": "iu",
        "vo": "zo vk",
        "vui": "zui",
        "va": "za",
        "van": "zan",
    }.items()
    for short in shorts.split()
}


def joined(plain: View) -> View:
    """Letters set apart joined: "v.a.y", "v a y"; the same view where there are none."""
    if _THREE_LETTERS not in plain.singles:
        return plain
    return rewritten(plain, _joined(plain.text))


def unleet(view: View) -> View:
    """Digits and signs within words read as letters: "c4sin0", "v@y"."""
    shape = view.shape
    if not any(mixed in shape for mixed in _MIXED):
        return view
    return rewritten(view, _leet(view.text))


def expanded(plain: View) -> View:
    """Short forms written out."""
    if _SHORT.keys().isdisjoint(plain.pieces):
        return plain
    found = (word for word in _WORD.finditer(plain.text) if word[0] in _SHORT)
    return rewritten(plain, ((*word.span(), _SHORT[word[0]]) for word in found))


def _joined(text: str) -> Iterator[Edit]:
    for run in _APART.finditer(text):
        letters = "".join(c for c in run[0] if c.isalnum())
        # Scores, dates and lists are no words.
        if not letters.isdecimal():
            yield *run.span(), letters


def _leet(text: str) -> Iterator[Edit]:
    for word in _MIXED_WORD.finditer(text):
        typed = word[0].rstrip("!|")
        if typed.isalpha():
            continue
        read = typed.translate(_LEET)
        if read != typed and _LETTER.search(typed):
            yield word.start(), word.start() + len(typed), read
