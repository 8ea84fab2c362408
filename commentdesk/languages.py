"""Languages: where the product's texts are, and files that add a language to every part of it.

What a newsroom adds is one file, `<tag>.json` (`th.json`, `pt-BR.json`): for each section its
texts by key. Nothing else has to know the language's name.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

Texts = dict[str, str]

# In the order of menus; what an added file lacks is said in English.
BUILT_IN = ("vi", "en")
_ROOT = Path(__file__).parents[1]
SECTIONS = {
    "kernel": _ROOT / "commentdesk/web/texts",
    "intake": _ROOT / "services/intake/texts",
    "articles": _ROOT / "services/articles/texts",
    "moderation": _ROOT / "services/moderation/texts",
}
DIRECTION = "language.direction"
NAME = "language.name"
DIRECTIONS = ("ltr", "rtl")
# The plural categories of Unicode's CLDR beside "other", which is the text without an ending.
PLURALS = ("zero", "one", "two", "few", "many")
COUNT = "count"
# A language tag of RFC 5646, without what no website uses of it.
TAG_PATTERN = "[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"
_TAG = re.compile(TAG_PATTERN)
_LARGEST_FILE = 2**20
_KEYED = Formatter()


class Unreadable(ValueError):
    """A file that is no language; the text says why, in words for an operator."""


def built_in(section: str) -> dict[str, Texts]:
    """The section's texts by language, as they ship."""
    folder = SECTIONS[section]
    return {
        language: json.loads((folder / f"{language}.json").read_text("utf-8"))
        for language in BUILT_IN
    }


def added_files(folder: Path | None) -> list[Path]:
    """The files of the folder that are meant to be languages, by name."""
    return sorted(folder.glob("*.json")) if folder else []


def read_language(path: Path) -> dict[str, Texts]:
    """Texts by section and key.

    Raises:
        Unreadable: it is not of that shape, or the file's name is no language tag.
    """
    if not _TAG.fullmatch(path.stem):
        raise Unreadable(f"{path.stem} is no language tag, such as th or pt-BR")
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise Unreadable("it is larger than a megabyte")
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"it cannot be read as JSON in UTF-8: {error}") from None
    if not isinstance(document, dict) or not all(map(_is_texts, document.values())):
        raise Unreadable('it must be of the form {"intake": {"form.send": "…"}, …}')
    return document


def placeholders(text: str) -> frozenset[str]:
    """The names in braces.

    Raises:
        ValueError: a brace without its like, or more than a name between two.
    """
    names = set()
    for _, name, form, conversion in _KEYED.parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(f"“{{{name}}}” is no plain placeholder")
        names.add(name)
    return frozenset(names)


def original_of(key: str, known: Mapping[str, str]) -> str | None:
    """The key itself where it is known, the counting one it is a plural form of, or None."""
    if key in known:
        return key
    base, _, category = key.rpartition("_")
    counts = category in PLURALS and f"{{{COUNT}}}" in known.get(base, "")
    return base if counts else None


def refusal(key: str, text: str, originals: Mapping[str, Texts]) -> str | None:
    """Why the text cannot be said in the place of its originals; None where it can."""
    known = frozenset[str]().union(
        *(placeholders(texts[key]) for texts in originals.values() if key in texts)
    )
    try:
        strange = placeholders(text) - known
    except ValueError as error:
        return str(error)
    if strange:
        offered = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
        return f"{{{min(strange)}}} is not a placeholder of this text (it has: {offered})"
    if key == DIRECTION and text not in DIRECTIONS:
        return "must be ltr or rtl"
    return None


def _is_texts(section: object) -> bool:
    return isinstance(section, dict) and all(isinstance(text, str) for text in section.values())
