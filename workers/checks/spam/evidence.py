"""Why a text was taken for spam: the facts and the words that weighed most."""

import heapq
import math
from collections.abc import Collection, Iterator

from commentdesk.domain.finding import Reason
from workers.checks.reading import SubmissionReading
from workers.checks.spam.features import RUN, Features, letter_buckets, word_bucket
from workers.checks.spam.model import FACT_SCALE, LETTER_SCALE, WORD_SCALE, Model

_MOST_FACTS, _MOST_WORDS = 3, 4
_SHORTEST = 2
# Parts of addresses, which are told as links.
_OF_ADDRESSES = frozenset({"http", "https", "www", "com", "net", "org", "href", "html", "php"})
# In units of the margin; below them a fact or a word alone moves nothing.
_FACT_WORTH_TELLING, _WORD_WORTH_TELLING = 0.05, 0.1
_MOST_LOOKED_AT = 400
# Facts that say nothing to a person, however much they weigh.
SILENT = frozenset(
    {"length", "questions", "different_words", "lines", "several_ways", "several_classes"}
    | {"bare_host", "known_link", "article_link"}
)


def reasons(model: Model, reading: SubmissionReading, known: Features) -> list[Reason]:
    """The heaviest facts, then the heaviest words with their places; at most seven."""
    return [*_heavy_facts(model, known), *_heavy_words(model, reading)]


def _heavy_facts(model: Model, known: Features) -> list[Reason]:
    weighed = (
        (FACT_SCALE * model.step * model.weights[bucket], name)
        for bucket, name in known.facts.items()
        if name not in SILENT
    )
    heavy = sorted((w, name) for w, name in weighed if w > _FACT_WORTH_TELLING)[::-1]
    return [Reason(f"spam_{name}") for _, name in heavy[:_MOST_FACTS]]


def _heavy_words(model: Model, reading: SubmissionReading) -> list[Reason]:
    whole = reading.whole.joined
    heavy = heapq.nlargest(_MOST_WORDS, _weighed(model, set(whole.pieces[:_MOST_LOOKED_AT])))
    worth = [word for weight, word in heavy if weight > _WORD_WORTH_TELLING]
    return [_quoted(reading, *whole.span(*_place(whole.text, word))) for word in worth]


def _place(text: str, word: str) -> tuple[int, int]:
    """Where it stands first as a word, as it does somewhere."""
    start = text.find(word)
    while text[max(start - 1, 0) : start].isalnum() or text[start + len(word) :][:1].isalnum():
        start = text.find(word, start + 1)
    return start, start + len(word)


def _weighed(model: Model, words: Collection[str]) -> Iterator[tuple[float, str]]:
    """Each word's weight: as a word, and by the letters it is made of."""
    by_word = WORD_SCALE * model.step / math.sqrt(2 * len(words) or 1)
    by_letter = LETTER_SCALE * model.step / math.sqrt(sum(map(len, words)) or 1)
    for word in words:
        if len(word) >= _SHORTEST and word.isalpha() and word not in _OF_ADDRESSES:
            weight = model.weights[word_bucket(word)] * by_word
            if len(word) >= RUN:
                runs = letter_buckets(word)
                weight += sum(map(model.weights.__getitem__, runs)) * by_letter
            yield weight, word


def _quoted(reading: SubmissionReading, start: int, stop: int) -> Reason:
    field, span = reading.field_of((start, stop))
    typed = getattr(reading, field).original[slice(*span)]
    return Reason("spam_word", typed, field, span)
