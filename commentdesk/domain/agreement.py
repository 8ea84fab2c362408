"""How far two judgements of the same comments agree, beyond what chance would have them agree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

# Of a normal distribution, the distance that 95 in 100 stay within.
_Z = 1.959964


class Opinion(StrEnum):
    """What should become of a comment."""

    PUBLISH = "publish"
    REJECT = "reject"


class DecidedBy(StrEnum):
    """Whose decision it was; ORDER: the machine's, as a moderator ordered for its campaign."""

    MACHINE = "machine"
    ORDER = "order"
    PERSON = "person"


@dataclass(frozen=True)
class Tally:
    """Of the published and of the rejected, how many another moderator would have so, too."""

    published_kept: int = 0
    published_overturned: int = 0
    rejected_kept: int = 0
    rejected_overturned: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Tally":
        """From what was decided and what was answered, each."""
        count = Counter((Opinion(decided), decided == answer) for decided, answer in pairs)
        return cls(
            count[Opinion.PUBLISH, True],
            count[Opinion.PUBLISH, False],
            count[Opinion.REJECT, True],
            count[Opinion.REJECT, False],
        )

    @property
    def published(self) -> int:
        return self.published_kept + self.published_overturned

    @property
    def rejected(self) -> int:
        return self.rejected_kept + self.rejected_overturned

    @property
    def looked(self) -> int:
        return self.published + self.rejected

    @property
    def agreed(self) -> int:
        return self.published_kept + self.rejected_kept

    @property
    def percent(self) -> float | None:
        """Of a hundred, how many agree; None where nothing was looked at."""
        return 100 * self.agreed / self.looked if self.looked else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa ("A Coefficient of Agreement for Nominal Scales", 1960): 1 is agreement
        in all, 0 as much as chance would give; None where either judged all alike, for chance
        tells nothing then.
        """
        total = self.looked
        would_publish = self.published_kept + self.rejected_overturned
        would_reject = total - would_publish
        if not (self.published and self.rejected and would_publish and would_reject):
            return None
        by_chance = (self.published * would_publish + self.rejected * would_reject) / total**2
        return (self.agreed / total - by_chance) / (1 - by_chance)


def at_least(found: int, looked: int) -> float:
    """The share that is so at least, with 95 % confidence, where it was found so often.

    The lower end of Wilson's interval ("Probable Inference, the Law of Succession, and
    Statistical Inference", 1927), which keeps its promise for few and for rare ones.
    """
    if not looked:
        return 0.0
    share, square = found / looked, _Z**2 / looked
    middle = share + square / 2
    reach = _Z * sqrt(share * (1 - share) / looked + square / looked / 4)
    return max(0.0, (middle - reach) / (1 + square))
