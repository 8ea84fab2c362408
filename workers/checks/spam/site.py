"""The site's own layer: what its moderators' decisions add to the shipped model, and take away.

A logistic regression over the same hashed letters and words, that starts from what the shipped
model says and learns the difference. It is learned anew each time from a bounded number of the
latest decisions, so that a decision taken back is forgotten.
"""

import math
import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.features import Features, features
from workers.checks.spam.model import Model, logistic

_ROUNDS = 6
_RATE = 0.7
# One decision is no rule: what stands in a single one is not learned.
_LEAST_DECISIONS = 3
# In units of the logit; what the layer may add or take away in all.
_MOST_MOVED = 8.0
_MOST_WEIGHTS = 20_000
_PAIR = struct.Struct("<If")


@dataclass(frozen=True)
class Example:
    """A submission's title and content, whether it is spam, and how much that is worth, 0..1."""

    title: str
    content: str
    spam: bool
    worth: float = 1.0


@dataclass(frozen=True)
class SiteModel:
    """Weights by bucket; what is not in it weighs nothing."""

    weights: dict[int, float]

    @classmethod
    def read(cls, raw: bytes) -> "SiteModel":
        """What `to_bytes` wrote; no bytes are no weights."""
        return cls(dict(_PAIR.iter_unpack(zlib.decompress(raw)) if raw else ()))

    def to_bytes(self) -> bytes:
        pairs = sorted(self.weights.items())
        return zlib.compress(b"".join(_PAIR.pack(*pair) for pair in pairs))

    def moved(self, known: Features, probability: float) -> float:
        """The shipped model's probability, moved by what the site has learned."""
        if not self.weights:
            return probability
        by_how_much = _sum(self.weights, _scaled(known))
        return logistic(_logit(probability) + _bounded(by_how_much))


NOTHING_LEARNED = SiteModel({})


def learn(examples: Sequence[Example], shipped: Model) -> SiteModel:
    """The layer that these examples teach."""
    seen = [_Seen.of(example, shipped) for example in examples]
    known = _often_enough(seen)
    weights: defaultdict[int, float] = defaultdict(float)
    for turn in range(_ROUNDS):
        rate = _RATE / (1 + turn)
        for each in seen:
            said = logistic(each.shipped + _bounded(_sum(weights, each.features)))
            step = rate * each.worth * (each.spam - said)
            for bucket, value in each.features:
                if bucket in known:
                    weights[bucket] += step * value
    heaviest = sorted(weights.items(), key=lambda pair: -abs(pair[1]))[:_MOST_WEIGHTS]
    return SiteModel({bucket: weight for bucket, weight in heaviest if weight})


@dataclass(frozen=True)
class _Seen:
    """An example as numbers: the shipped model's logit, and its features with their values."""

    shipped: float
    features: list[tuple[int, float]]
    spam: float
    worth: float

    @classmethod
    def of(cls, example: Example, shipped: Model) -> "_Seen":
        reading = SubmissionReading(Reading(""), Reading(example.title), Reading(example.content))
        known = features(reading)
        logit = _logit(shipped.probability(known))
        return cls(logit, _scaled(known), float(example.spam), example.worth)


def _scaled(known: Features) -> list[tuple[int, float]]:
    """Letters and words, one in length each, as the shipped model has them."""
    groups = (known.letters, known.words)
    return [(bucket, 1 / math.sqrt(len(group))) for group in groups for bucket in group]


def _often_enough(seen: Iterable[_Seen]) -> set[int]:
    counted = Counter(bucket for each in seen for bucket, _ in each.features)
    return {bucket for bucket, times in counted.items() if times >= _LEAST_DECISIONS}


def _sum(weights: dict[int, float], scaled: list[tuple[int, float]]) -> float:
    return sum(weights.get(bucket, 0.0) * value for bucket, value in scaled)


def _bounded(moved: float) -> float:
    return max(-_MOST_MOVED, min(_MOST_MOVED, moved))


def _logit(probability: float) -> float:
    held = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))
