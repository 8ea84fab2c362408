"""From findings to a decision, in terms an editor understands."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.state import Action

# "At most 1 in N honest comments": what an editor may choose N from.
HOLD_STEPS = (10, 20, 50, 100, 200, 500, 1000)
NEVER = 0
REJECT_STEPS = (200, 500, 1000, 2000, 5000, NEVER)
_STEPS = {"hold_one_in": HOLD_STEPS, "reject_one_in": REJECT_STEPS}
# A check that is sure of itself says 0.95 at most: whatever the curve allows, the machine rejects
# for no single doubt.
LEAST_TO_REJECT = 0.97
# What is doubted more than this is as good as bad, whoever wrote it.
WAVED_BELOW = 0.9
# No score reaches it.
_OUT_OF_REACH = 1.01
# Checks whose score is of another kind than how surely a submission is unwanted.
SEPARATE = frozenset({"abuse"})


@dataclass(frozen=True)
class Thresholds:
    """Scores from which a submission is held, and rejected, by the machine.

    Without `publish_clean` everything is pre-moderated: what would be approved is held. `tight`,
    for a breaking story: what any check doubts is held, whoever wrote it.
    """

    hold_at: float
    reject_at: float
    publish_clean: bool = True
    tight: bool = False


@dataclass(frozen=True)
class HonestCurve:
    """What share of honest comments scores so much or more: (score, share), by rising score."""

    points: tuple[tuple[float, float], ...]

    def score_for(self, one_in: int) -> float:
        """The lowest score that at most one in so many honest comments reaches."""
        # Shares fall as scores rise.
        at = bisect_left(self.points, True, key=lambda point: point[1] * one_in <= 1)
        return self.points[at][0] if at < len(self.points) else _OUT_OF_REACH


@dataclass(frozen=True)
class Policy:
    """Of honest comments at most one in `hold_one_in` waits for a moderator, at most one in
    `reject_one_in` is rejected by the machine (NEVER: it rejects nothing); `publish_clean`:
    what no check minds is published without a moderator.
    """

    hold_one_in: int = 100
    reject_one_in: int = 1000
    publish_clean: bool = True

    def thresholds(self, curve: HonestCurve, *, tight: bool = False) -> Thresholds:
        """The scores that keep these promises, as the curve was measured.

        A breaking story (`tight`) holds as often as an editor may choose to at most.
        """
        hold_at, reject_at = curve.score_for(self.hold_one_in), _OUT_OF_REACH
        if tight:
            hold_at = min(hold_at, curve.score_for(min(HOLD_STEPS)))
        if self.reject_one_in != NEVER:
            reject_at = max(hold_at, curve.score_for(self.reject_one_in), LEAST_TO_REJECT)
        return Thresholds(hold_at, reject_at, self.publish_clean, tight)


def checked_step(name: str, value: int) -> int:
    """The value, where an editor may choose it for that part of a policy.

    Raises:
        ValueError: it is none of the steps.
    """
    if value not in _STEPS[name]:
        raise ValueError(f"none of {', '.join(map(str, _STEPS[name]))}")
    return value


class Comments(StrEnum):
    """Whether an article takes comments, by word of the newsroom."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Override:
    """What a site or an article wants otherwise; None is as the wider policy has it.

    `comments` goes over what the article store says.
    """

    hold_one_in: int | None = None
    reject_one_in: int | None = None
    publish_clean: bool | None = None
    comments: str | None = None

    def over(self, wider: Policy) -> Policy:
        """The wider policy with this in its place where it says something."""
        return Policy(
            wider.hold_one_in if self.hold_one_in is None else self.hold_one_in,
            wider.reject_one_in if self.reject_one_in is None else self.reject_one_in,
            wider.publish_clean if self.publish_clean is None else self.publish_clean,
        )


@dataclass(frozen=True)
class Verdict:
    """All findings of one submission and what follows from them."""

    action: Action
    score: float
    findings: tuple[Finding, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The checks that could not answer."""
        return tuple(f.check for f in self.findings if f.outcome is Outcome.UNKNOWN)


def combined(findings: Sequence[Finding]) -> float:
    """One score, as independent doubts combine (noisy or): 1 - product of (1 - score).

    Abuse keeps a score of its own: it holds, and must neither reject nor hide what advertises.
    """
    return 1 - prod(1 - finding.score for finding in findings if finding.check not in SEPARATE)


def decide(
    findings: Sequence[Finding],
    thresholds: Thresholds,
    *,
    trusted: bool = False,
    ordered: Action | None = None,
) -> Verdict:
    """Approve what every check finds clean; hold what is unknown, doubtful or bad.

    Only a combined score at `reject_at` or above, with something bad in it, is rejected. Doubts
    about somebody `trusted` do not hold while they stay below WAVED_BELOW together. What a person
    `ordered` is done, whatever the machine thinks, and whoever wrote it.
    """
    score = combined(findings)
    waved = trusted and score < WAVED_BELOW and not thresholds.tight
    action = ordered or _action(findings, score, thresholds, waved)
    return Verdict(action, score, tuple(findings))


def _action(
    findings: Sequence[Finding], score: float, thresholds: Thresholds, waved: bool
) -> Action:
    outcomes = {finding.outcome for finding in findings}
    if score >= thresholds.reject_at and Outcome.BAD in outcomes:
        return Action.REJECT
    doubtful = score >= thresholds.hold_at or any(finding.holds for finding in findings)
    doubtful = doubtful or (thresholds.tight and Outcome.SUSPECT in outcomes)
    held = outcomes & {Outcome.BAD, Outcome.UNKNOWN} or (doubtful and not waved)
    return Action.HOLD if held or not thresholds.publish_clean else Action.APPROVE
