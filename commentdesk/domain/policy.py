"""From findings to a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.state import Action


@dataclass(frozen=True)
class Thresholds:
    """Scores from which a submission is held, and rejected, by the machine."""

    hold_at: float
    reject_at: float


@dataclass(frozen=True)
class Verdict:
    """All findings of one submission and what follows from them."""

    action: Action
    score: float
    findings: tuple[Finding, ...]


def decide(findings: Sequence[Finding], thresholds: Thresholds) -> Verdict:
    """Approve what every check finds clean; hold what is unknown, doubtful or bad.

    Scores combine as independent doubts do (noisy or): 1 - product of (1 - score). Only a
    score at `reject_at` or above is rejected, so that no single doubt rejects.
    """
    score = 1 - prod(1 - finding.score for finding in findings)
    return Verdict(_action(findings, score, thresholds), score, tuple(findings))


def _action(findings: Sequence[Finding], score: float, thresholds: Thresholds) -> Action:
    outcomes = {finding.outcome for finding in findings}
    if score >= thresholds.reject_at and Outcome.BAD in outcomes:
        return Action.REJECT
    doubtful = outcomes & {Outcome.BAD, Outcome.UNKNOWN}
    return Action.HOLD if doubtful or score >= thresholds.hold_at else Action.APPROVE
