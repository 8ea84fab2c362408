"""What a text is known by when it comes again, a little changed.

SimHash (Charikar, "Similarity Estimation Techniques from Rounding Algorithms", STOC 2002) of
words and pairs of words tells how near two texts are; the least hashes of runs of three words
(MinHash: Broder, "On the resemblance and containment of documents", 1997) are what the ledger
looks for: texts that share most of their runs share one of four least ones almost surely.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from workers.checks.reading import SubmissionReading

# Shorter ones ("hay quá", "ủng hộ bác sĩ") are what honest people write alike.
_LEAST_WORDS, _LEAST_LETTERS = 8, 40
# Nobody needs a whole essay to tell it.
_MOST_WORDS = 400
_BITS = 64
_MASK = 2**_BITS - 1
# Odd numbers with their ones well spread, for hashing by multiplication.
_FIRST, _SECOND, _THIRD = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_ORDERS = (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3)
# The lowest bit of each of as many numbers, side by side, as a text has words and pairs.
_LOWEST = (2 ** (_BITS * 2 * _MOST_WORDS) - 1) // (2**_BITS - 1)


@dataclass(frozen=True)
class Fingerprint:
    """`words` for telling the same text, `simhash` (signed) and `least` for telling one like it."""

    words: str
    simhash: int
    least: tuple[int, int, int, int]


def fingerprint(reading: SubmissionReading) -> Fingerprint | None:
    """The text's, or with its title where it is short by itself; None for what says too little."""
    for part in (reading.content, reading.whole):
        words = part.words.text.split(maxsplit=_MOST_WORDS)[:_MOST_WORDS]
        if len(words) >= _LEAST_WORDS and sum(map(len, words)) >= _LEAST_LETTERS:
            return _fingerprint(words)
    return None


def _fingerprint(words: Sequence[str]) -> Fingerprint:
    ones = [_hash(word) for word in words]
    pairs = [(a * _FIRST ^ b * _SECOND) & _MASK for a, b in pairwise(ones)]
    runs = {
        (a * _FIRST ^ b * _SECOND ^ c * _THIRD) & _MASK
        for a, b, c in zip(ones, ones[1:], ones[2:], strict=False)
    }
    first, second, third, fourth = (min([run * order & _MASK for run in runs]) for order in _ORDERS)
    return Fingerprint(
        " ".join(words),
        _signed(_simhash([*ones, *pairs])),
        (first >> 1, second >> 1, third >> 1, fourth >> 1),
    )


def _simhash(hashes: Sequence[int]) -> int:
    """Of each bit, what most of the hashes have: all are counted at once, side by side."""
    together = int.from_bytes(struct.pack(f"<{len(hashes)}Q", *hashes), "little")
    counts = (((together >> bit) & _LOWEST).bit_count() for bit in range(_BITS))
    return sum((2 * count > len(hashes)) << bit for bit, count in enumerate(counts))


def _signed(number: int) -> int:
    """As databases keep 64 bits."""
    return number - 2**_BITS if number >= 2 ** (_BITS - 1) else number


@lru_cache(maxsize=20_000)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
