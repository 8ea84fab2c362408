"""The reader's language, and texts by key in each; a language is one JSON file."""

import json
from functools import lru_cache
from pathlib import Path

from aiohttp import web

DEFAULT = "vi"
_HEADER_LENGTH = 500


class Texts:
    """The texts of one service: `<folder>/<language>.json`, flat, {placeholders} filled in."""

    def __init__(self, folder: Path) -> None:
        self._texts: dict[str, dict[str, str]] = {
            path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
        }

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def find(self, language: str, key: str) -> str | None:
        """The text as written, or None where this key has none in any language."""
        return self._texts.get(language, {}).get(key) or self._texts[DEFAULT].get(key)

    def under(self, language: str, prefixes: tuple[str, ...]) -> dict[str, str]:
        """All texts as written whose keys begin with one of the prefixes and a dot."""
        texts = {**self._texts[DEFAULT], **self._texts.get(language, {})}
        return {key: text for key, text in texts.items() if key.partition(".")[0] in prefixes}

    def say(self, language: str, key: str, **values: object) -> str:
        """The text with its placeholders filled in; the key itself where there is no text."""
        text = self.find(language, key)
        return key if text is None else text.format_map(values)


KERNEL_TEXTS = Texts(Path(__file__).parent / "texts")


def language_of(request: web.Request) -> str:
    """`?lang=`, else the best of Accept-Language (RFC 9110 §12.5.4), else Vietnamese."""
    asked = request.query.get("lang", "") if request.query_string else ""
    if asked in KERNEL_TEXTS.languages:
        return asked
    return accepted_language(request.headers.get("Accept-Language", ""))


def accepted_language(header: str) -> str:
    """The language of ours that the header likes best."""
    return _liked_best(header[:_HEADER_LENGTH])


# Browsers send few.
@lru_cache(maxsize=1_024)
def _liked_best(header: str) -> str:
    best, best_quality = DEFAULT, 0.0
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        quality = _quality(parameter)
        if language in KERNEL_TEXTS.languages and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
