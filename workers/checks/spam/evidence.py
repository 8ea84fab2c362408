"""Why a text was taken for spam: the facts and the words that weighed most."""

import math
import re
from collections.abc import Iterator

from commentdesk.domain.finding import Reason
from workers.checks.reading import SubmissionReading
from workers.checks.spam.facts import facts_of
from workers.checks.spam.features import fact_bucket, letter_buckets, word_bucket, words_of
from workers.checks.spam.model import FACT_SCALE, LETTER_SCALE, WORD_SCALE, Model

_WORD = re.compile(r"[^\W_]+")
_MOST_FACTS, _MOST_WORDS = 3, 4
# In units of the margin; below it a word or fact alone moves nothing.
_WORTH_TELLING = 0.05
_LONGEST_LOOKED_AT = 2_000
# Facts that say nothing to a person, however much they weigh.
SILENT = frozenset(
    {"length", "questions", "different_words", "lines", "several_ways", "several_classes"}
    | {"bare_host", "known_link", "article_link"}
)


def reasons(model: Model, reading: SubmissionReading) -> list[Reason]:
    """The heaviest facts, then the heaviest words with their places; at most seven."""
    return [*_heavy_facts(model, reading), *_heavy_words(model, reading)]


def _heavy_facts(model: Model, reading: SubmissionReading) -> list[Reason]:
    weighed = (
        (FACT_SCALE * model.step * model.weights[fact_bucket(name, size)], name)
        for name, size in facts_of(reading.whole, words_of(reading.whole))
        if name not in SILENT
    )
    heavy = sorted((w, name) for w, name in weighed if w > _WORTH_TELLING)[::-1]
    return [Reason(f"spam_{name}") for _, name in heavy[:_MOST_FACTS]]


def _heavy_words(model: Model, reading: SubmissionReading) -> list[Reason]:
    heavy = sorted(_weighed_words(model, reading), reverse=True)[:_MOST_WORDS]
    return [_quoted(reading, start, stop) for w, start, stop in heavy if w > _WORTH_TELLING]


def _weighed_words(model: Model, reading: SubmissionReading) -> Iterator[tuple[float, int, int]]:
    """Each different word's weight: as a word, and by the letters it is made of."""
    plain = reading.whole.plain.text[:_LONGEST_LOOKED_AT]
    words = list(_WORD.finditer(plain))
    letters = sum(len(word[0]) for word in words)
    by_word = WORD_SCALE / math.sqrt(2 * len(words) or 1)
    by_letter = LETTER_SCALE / math.sqrt(letters or 1)
    seen: set[str] = set()
    for word in words:
        text = word[0]
        if text in seen or len(text) < 2 or not text.isalpha():  # noqa: PLR2004
            continue
        seen.add(text)
        weight = model.weights[word_bucket(text)] * by_word
        weight += sum(model.weights[bucket] for bucket in letter_buckets(text)) * by_letter
        yield weight * model.step, word.start(), word.end()


def _quoted(reading: SubmissionReading, start: int, stop: int) -> Reason:
    field, span = reading.field_of(reading.whole.plain.span(start, stop))
    typed = getattr(reading, field).original[slice(*span)]
    return Reason("spam_word", typed, field, span)
