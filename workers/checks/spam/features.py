"""A text as numbers: hashed pieces of it, the same in every version of the model."""

import re
from itertools import pairwise
from zlib import crc32

from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.facts import facts_of

BUCKETS = 2**18
_MASK = BUCKETS - 1
# Runs of 4 letters, two bytes each.
_BYTES_OF_RUN = 8
# An advertisement shows itself at its beginning or its end; and no text costs more than this.
_HEAD, _TAIL = 400, 150
_MOST_WORDS = 120
_DIGITS = str.maketrans("123456789", "000000000")
_WORD_OF_TEXT = re.compile(r"\w+")
_WORD, _FACT = 1, 3


def features(reading: SubmissionReading) -> tuple[set[int], set[int], set[int]]:
    """The buckets of a submission's letters, words, and countable facts."""
    whole = reading.whole
    words = words_of(whole)
    return (
        letter_buckets(whole.letters.text),
        set(map(word_bucket, words)),
        {fact_bucket(name, size) for name, size in facts_of(whole, words)},
    )


def words_of(reading: Reading) -> list[str]:
    """The words of the plain text, any digit a 0, then its pairs of words, a blank between."""
    words = _WORD_OF_TEXT.findall(reading.plain.text.translate(_DIGITS))
    if len(words) > _MOST_WORDS:
        words = words[: _MOST_WORDS // 2] + words[-_MOST_WORDS // 2 :]
    return [*words, *map(" ".join, pairwise(words))]


def letter_buckets(letters: str) -> set[int]:
    """The buckets of all runs of 4 letters; any digit is a 0."""
    if len(letters) > _HEAD + _TAIL:
        letters = letters[:_HEAD] + letters[-_TAIL:]
    coded = letters.translate(_DIGITS).encode("utf-16-le", "surrogatepass")
    ends = range(_BYTES_OF_RUN, len(coded) + 1, 2)
    return {crc32(coded[end - _BYTES_OF_RUN : end]) & _MASK for end in ends}


def word_bucket(word: str) -> int:
    """Of a word, or of a pair with a blank between."""
    return crc32(word.encode("utf-8", "surrogatepass"), _WORD) & _MASK


def fact_bucket(name: str, size: int) -> int:
    return crc32(f"{name}={size}".encode(), _FACT) & _MASK
