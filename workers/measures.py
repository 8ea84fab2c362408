"""How good scores are: figures over (score, is it spam) pairs, on the standard library alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_BINS = 10


@dataclass(frozen=True)
class Scores:
    """Scores of spam and of honest comments, each sorted."""

    spam: Sequence[float]
    honest: Sequence[float]

    @classmethod
    def of(cls, spam: Sequence[float], honest: Sequence[float]) -> "Scores":
        return cls(sorted(spam), sorted(honest))

    def area_under_curve(self) -> float:
        """ROC AUC: how often a spam scores more than an honest one, ties half (Mann-Whitney)."""
        wins = sum(
            bisect_left(self.honest, score) + bisect_right(self.honest, score)
            for score in self.spam
        )
        return wins / (2 * len(self.spam) * len(self.honest))

    def threshold(self, false_alarms: float) -> float:
        """The lowest score that at most this share of the honest ones exceeds."""
        allowed = int(false_alarms * len(self.honest))
        return self.honest[len(self.honest) - allowed - 1]

    def recall(self, threshold: float) -> float:
        """The share of spam above the threshold."""
        return self._above(self.spam, threshold) / len(self.spam)

    def precision(self, threshold: float) -> float:
        """The share of spam in all that is above the threshold; 1 where nothing is."""
        caught, alarms = (self._above(group, threshold) for group in (self.spam, self.honest))
        return caught / (caught + alarms) if caught + alarms else 1.0

    def f1(self, threshold: float) -> float:
        precision, recall = self.precision(threshold), self.recall(threshold)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def brier(self) -> float:
        """Mean squared distance of the score from the truth (Brier 1950): 0 is perfect."""
        missed = sum((1 - score) ** 2 for score in self.spam)
        missed += sum(score**2 for score in self.honest)
        return missed / (len(self.spam) + len(self.honest))

    def calibration_error(self) -> float:
        """Expected calibration error over ten bins of equal width."""
        total, number = 0.0, len(self.spam) + len(self.honest)
        for low, high in pairwise(step / _BINS for step in range(_BINS + 1)):
            spam, honest = (self._within(group, low, high) for group in (self.spam, self.honest))
            if spam or honest:
                total += abs(sum(spam) + sum(honest) - len(spam))
        return total / number

    def curve(self) -> list[tuple[float, float]]:
        """(false alarms, recall) at every threshold that changes one of them."""
        points = [
            (self._above(self.honest, at) / len(self.honest), self.recall(at))
            for at in sorted({*self.spam, *self.honest}, reverse=True)
        ]
        return [(0.0, 0.0), *points, (1.0, 1.0)]

    @staticmethod
    def _above(group: Sequence[float], threshold: float) -> int:
        return len(group) - bisect_right(group, threshold)

    @staticmethod
    def _within(group: Sequence[float], low: float, high: float) -> Sequence[float]:
        end = len(group) if high == 1 else bisect_left(group, high)
        return group[bisect_left(group, low) : end]
