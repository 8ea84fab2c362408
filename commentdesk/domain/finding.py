"""What a check says of a submission."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    CLEAN = "clean"
    SUSPECT = "suspect"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reason:
    """Why, by code and with the evidence.

    `span` counts characters (code points) of the submission's field named by `field`, as the
    reader typed it.
    """

    code: str
    text: str = ""
    field: str | None = None
    span: tuple[int, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "text": self.text, "field": self.field, "span": self.span}


@dataclass(frozen=True)
class Finding:
    """One check's answer; `score` runs from 0 (surely fine) to 1 (surely bad).

    `holds`: a person should look, whatever the score.
    """

    check: str
    outcome: Outcome
    score: float
    reasons: tuple[Reason, ...] = ()
    holds: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "outcome": self.outcome,
            "score": self.score,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "holds": self.holds,
        }


def clean(check: str, score: float = 0.0) -> Finding:
    """Nothing to say against it, or too little."""
    return Finding(check, Outcome.CLEAN, score)


def unknown(check: str, error: str) -> Finding:
    """The check could not answer; never to be read as clean."""
    return Finding(check, Outcome.UNKNOWN, 0.0, (Reason("check_failed", error),))


def suspect(check: str, score: float, reasons: Iterable[Reason], *, holds: bool = False) -> Finding:
    return Finding(check, Outcome.SUSPECT, score, tuple(reasons), holds)


def bad(check: str, score: float, reasons: Iterable[Reason]) -> Finding:
    return Finding(check, Outcome.BAD, score, tuple(reasons))
