"""The shipped weights: how they lie in their file, and what they say of a text.

The file: the bytes `CDM1`, then length (4 bytes, little-endian) and text of a JSON header, then
one signed byte a bucket. A weight is its byte times the header's `step`.
"""

import json
import math
import struct
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from workers.checks.spam.features import BUCKETS, Features

SHIPPED = Path(__file__).parent / "spam.model"
# How long the vectors of a text's letters and of its words are, and how much each fact adds;
# measured on sources left out (training/holdout.py).
LETTER_SCALE, WORD_SCALE, FACT_SCALE = 0.5, 1.5, 0.2
_MAGIC = b"CDM1"
_WORTH_A_GETTER = 2


class ModelUnreadable(ValueError):
    """The file is no model of this version."""


@dataclass(frozen=True)
class Model:
    """A linear model over hashed features, calibrated by Platt's curve: 1 / (1 + e^-(ax + b))."""

    weights: "array[int]"
    step: float
    slope: float
    intercept: float
    bias: float
    facts: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Model":
        """
        Raises:
            ModelUnreadable: not a model, or cut.
        """
        raw = path.read_bytes()
        if raw[:4] != _MAGIC:
            raise ModelUnreadable(path.name)
        (length,) = struct.unpack_from("<I", raw, 4)
        header = json.loads(raw[8 : 8 + length])
        weights = array("b", raw[8 + length :])
        if len(weights) != BUCKETS:
            raise ModelUnreadable(path.name)
        return cls(
            weights,
            header["step"],
            header["slope"],
            header["intercept"],
            header["bias"],
            header["facts"],
        )

    def write(self, path: Path) -> None:
        header = {
            "step": self.step,
            "slope": self.slope,
            "intercept": self.intercept,
            "bias": self.bias,
            "facts": self.facts,
        }
        text = json.dumps(header, sort_keys=True).encode()
        path.write_bytes(_MAGIC + struct.pack("<I", len(text)) + text + self.weights.tobytes())

    def probability(self, known: Features) -> float:
        """How likely the text is spam, by what it was trained on."""
        return logistic(self.slope * self.margin(known) + self.intercept)

    def margin(self, known: Features) -> float:
        summed = LETTER_SCALE * self._mean(known.letters) + WORD_SCALE * self._mean(known.words)
        summed += FACT_SCALE * self._sum(known.facts)
        return summed * self.step + self.bias

    def _mean(self, buckets: Collection[int]) -> float:
        return self._sum(buckets) / math.sqrt(len(buckets) or 1)

    def _sum(self, buckets: Collection[int]) -> int:
        if len(buckets) < _WORTH_A_GETTER:
            return sum(map(self.weights.__getitem__, buckets))
        # All in one go, in a third of the time.
        return sum(itemgetter(*buckets)(self.weights))


def logistic(logit: float) -> float:
    """1 / (1 + e^-x), for any number."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


@cache
def shipped_model() -> Model:
    return Model.read(SHIPPED)
