"""A text as numbers: hashed pieces of it, the same in every version of the model."""

import re
import struct
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.facts import facts_of

BUCKETS = 2**18
_MASK = BUCKETS - 1
# The largest prime below: what four letters, read as one number, leave of it is their bucket.
_PRIME = 262_139
# Letters in a run; two bytes each.
RUN = 4
_BYTES_OF_RUN = 2 * RUN
# An advertisement shows itself at its beginning or its end; and no text costs more than this.
_HEAD, _TAIL = 400, 150
_MOST_WORDS = 120
_DIGITS = str.maketrans("123456789", "000000000")
# What digits are typed instead of, within a word that begins with a letter.
_LETTERS_FOR_DIGITS = str.maketrans("013457", "oieast")
_DIGITS_TOGETHER = re.compile(r"\d\d")
_WORD, _FACT = 1, 3
# Any odd number does: the words of a pair must not change places.
_SECOND = 40_503


class Features(NamedTuple):
    """Buckets of a text's letters, of its words, and of its countable facts with their names."""

    letters: list[int]
    words: set[int]
    facts: dict[int, str]


def features(reading: SubmissionReading) -> Features:
    """Of a submission's title and content."""
    whole = reading.whole
    words = words_of(whole)
    return Features(
        letter_buckets("".join(words)),
        _word_buckets(words),
        {fact_bucket(name, size): name for name, size in facts_of(whole, words)},
    )


def words_of(reading: Reading) -> Sequence[str]:
    """The words, those spelt apart whole, any digit a 0."""
    whole = reading.joined
    words = whole.pieces
    if len(words) > _MOST_WORDS:
        words = words[: _MOST_WORDS // 2] + words[-_MOST_WORDS // 2 :]
    if "0" not in whole.shape:
        return words
    if "a0" in whole.shape:
        words = [_as_letters(word) for word in words]
    return [word if word.isalpha() else word.translate(_DIGITS) for word in words]


def letter_buckets(letters: str) -> list[int]:
    """The buckets of all runs of 4 letters: what is spelt apart is whole again."""
    if len(letters) > _HEAD + _TAIL:
        letters = letters[:_HEAD] + letters[-_TAIL:]
    coded = letters.encode("utf-16-le")
    runs: set[int] = set()
    for start in range(0, _BYTES_OF_RUN, 2):
        cut = coded[start : len(coded) - (len(coded) - start) % _BYTES_OF_RUN]
        # As numbers: a hundred of them are cut and compared faster than a hundred strings.
        runs.update(struct.unpack(f"<{len(cut) // _BYTES_OF_RUN}Q", cut))
    return [run % _PRIME for run in runs]


def _word_buckets(words: Sequence[str]) -> set[int]:
    """Of the words, and of the pairs of them."""
    alone = list(map(word_bucket, words))
    return {*alone, *[(one * _SECOND + two) & _MASK for one, two in pairwise(alone)]}


def _as_letters(word: str) -> str:
    """ "c4sin0" is "casino", "m1ll10n" "million"; "5tr" and "zalo0912" are what they are."""
    if word.isalpha() or not word[0].isalpha():
        return word
    if _DIGITS_TOGETHER.search(word) and not word[-1].isalpha():
        return word
    return word.translate(_LETTERS_FOR_DIGITS)


def word_bucket(word: str) -> int:
    """Of a single word."""
    return crc32(word.encode(), _WORD) & _MASK


@cache
def fact_bucket(name: str, size: int) -> int:
    return crc32(f"{name}={size}".encode(), _FACT) & _MASK
