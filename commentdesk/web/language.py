"""The reader's language, and texts by key in each; docs/languages.md says how one is added."""

from functools import lru_cache

from aiohttp import web
from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from commentdesk import languages
from commentdesk.languages import BUILT_IN, COUNT, DIRECTION, NAME, Unreadable
from commentdesk.log import log
from commentdesk.settings import Settings

_HEADER_LENGTH = 500
_KERNEL = "kernel"


class Texts:
    """What one service says, in every language there is; {placeholders} filled in.

    What a language has no text for is said in English, then in Vietnamese.
    """

    def __init__(self, section: str, settings: Settings) -> None:
        self._texts = _gathered(section, settings)
        self._tags = {tag.lower(): tag for tag in self._texts}
        self.default = self.match(settings.default_language) or BUILT_IN[0]
        # Browsers send few headers, and every request has one.
        self.accepted = lru_cache(maxsize=1_024)(self._accepted)

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags, in the order of menus: those that ship, then those added."""
        return tuple(self._texts)

    @property
    def menu(self) -> tuple[tuple[str, str], ...]:
        """Each language's tag and its own name."""
        return tuple((tag, texts[NAME]) for tag, texts in self._texts.items())

    def direction(self, language: str) -> str:
        """`ltr` or `rtl`: how what is said in the language is written."""
        return self.of(language)[DIRECTION]

    def match(self, tag: str) -> str | None:
        """What fits a tag best, by RFC 4647's lookup: for `pt-BR` that or `pt`."""
        parts = tag.strip().lower().split("-")
        while parts:
            if found := self._tags.get("-".join(parts)):
                return found
            parts.pop()
        return None

    def of(self, language: str) -> dict[str, str]:
        """All texts of the language, as written; the site's own language where it is none."""
        known = self._texts.get(language)
        return self._texts[self.match(language) or self.default] if known is None else known

    def find(self, language: str, key: str) -> str | None:
        """The text as written, or None where this key has none in any language."""
        return self.of(language).get(key)

    def under(self, language: str, prefixes: tuple[str, ...]) -> dict[str, str]:
        """All texts as written whose keys begin with one of the prefixes and a dot."""
        texts = self.of(language)
        return {key: text for key, text in texts.items() if key.partition(".")[0] in prefixes}

    def named(self, language: str, prefix: str) -> dict[str, str]:
        """All texts as written whose keys begin with the prefix and a dot, by what comes after."""
        under = self.under(language, (prefix,))
        return {key.removeprefix(f"{prefix}."): text for key, text in under.items()}

    def say(self, language: str, key: str, **values: object) -> str:
        """The text with its placeholders filled in; the key itself where there is no text.

        Whole numbers are written as the language writes them; a `count` chooses the plural form
        `<key>_one`, `<key>_few`, … if the language has one.
        """
        texts = self.of(language)
        count = values.get(COUNT)
        if isinstance(count, int):
            key = _plural_key(texts, key, language, count)
        text = texts.get(key)
        if text is None:
            return key
        return text.format_map({name: _written(value, language) for name, value in values.items()})

    def _accepted(self, header: str) -> str:
        """The language that Accept-Language likes best (RFC 9110 §12.5.4), else the site's."""
        best, best_quality = self.default, 0.0
        for part in header[:_HEADER_LENGTH].split(","):
            tag, _, parameter = part.partition(";")
            quality = _quality(parameter)
            language = self.match(tag) if quality > best_quality else None
            if language:
                best, best_quality = language, quality
        return best


TEXTS = web.AppKey("texts", Texts)


def language_of(request: web.Request) -> str:
    """`?lang=`, else the best of Accept-Language, else the site's."""
    texts = request.app[TEXTS]
    asked = texts.match(request.query.get("lang", "")) if request.query_string else None
    return asked or texts.accepted(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def number(count: int, language: str) -> str:
    """With its digits parted as the language does it."""
    locale = _locale(language)
    return f"{count:,}" if locale is None else format_decimal(count, locale=locale)


def _gathered(section: str, settings: Settings) -> dict[str, dict[str, str]]:
    """By language: the kernel's texts, over them the section's, under both what others have."""
    parts = tuple(dict.fromkeys((_KERNEL, section)))
    shipped: dict[str, dict[str, str]] = {language: {} for language in BUILT_IN}
    files = _readable(settings)
    added: dict[str, dict[str, str]] = {tag: {} for tag in files}
    for part in parts:
        originals = languages.built_in(part)
        for language in BUILT_IN:
            shipped[language] |= originals[language]
        for tag, sections in files.items():
            added[tag] |= _sayable(tag, sections.get(part, {}), originals)
    vietnamese, english = (shipped[language] for language in BUILT_IN)
    fallback = _over(vietnamese, english)
    whole = {"vi": _over(english, vietnamese), "en": fallback}
    for tag, texts in added.items():
        unnamed = {**fallback, NAME: tag, DIRECTION: "ltr"}
        whole[tag] = _over(whole.get(tag, unnamed), texts)
    return whole


def _readable(settings: Settings) -> dict[str, dict[str, dict[str, str]]]:
    """The files by tag; a site goes on without those that cannot be read."""
    found = {}
    for path in languages.added_files(settings.texts_folder):
        try:
            found[path.stem] = languages.read_language(path)
        except Unreadable as error:
            log.error("language_refused", file=path.name, reason=str(error))
    return found


def _sayable(
    tag: str, texts: dict[str, str], originals: dict[str, dict[str, str]]
) -> dict[str, str]:
    """Without what nothing asks for, and what could not be filled in."""
    said = {}
    for key, text in texts.items():
        original = languages.original_of(key, originals["en"])
        reason = languages.refusal(original, text, originals) if original else None
        if reason:
            log.error("text_refused", language=tag, key=key, reason=reason)
        elif original and text:
            said[key] = text
    return said


def _over(under: dict[str, str], texts: dict[str, str]) -> dict[str, str]:
    """One language's texts over another's, whose plural forms go with the text they are of."""
    kept = {key: text for key, text in under.items() if languages.original_of(key, texts) is None}
    return kept | texts


def _plural_key(texts: dict[str, str], key: str, language: str, count: int) -> str:
    locale = _locale(language)
    form = f"{key}_{locale.plural_form(count)}" if locale else key
    return form if form in texts else key


def _written(value: object, language: str) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return number(value, language)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
