"""What a run is to be like."""

from dataclasses import dataclass

BREAKS = ("answer-before-commit", "no-fence")


@dataclass(frozen=True)
class Plan:
    """How long and hard, on what. All times in seconds.

    `only` names the strikes that may happen (none: all); `broken` a deliberate break of the
    promise, one of BREAKS.
    """

    database: str
    seconds: float
    seed: int
    readers: int = 12
    mean_pause: float = 0.7
    lease: float = 2.0
    rehint: float = 1.0
    only: frozenset[str] = frozenset()
    broken: str = ""
