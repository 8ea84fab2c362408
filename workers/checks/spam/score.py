"""A plain spam score: a few counted facts, weighed and put through a logistic curve.

The weights are set by hand, so that no single fact reaches the threshold at which a comment
is held, and two or three together do.
"""

import math
import re
from collections.abc import Callable
from typing import Any

from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold

NAME = "spam"
_BASE = -3.0
_WORTH_TELLING = 0.3
_CONTACT = re.compile(r"\b(?:zalo|telegram|whatsapp|viber|inbox|hotline|ib)\b")
_NUMBER = re.compile(r"\d[\d .-]{6,14}\d")
_MONEY = re.compile(
    r"\b(?:trieu|vnd|usd|\d+ ?tr|\d+k|lai suat|hoa hong|loi nhuan|uu dai|khuyen mai|giam gia"
    r"|bitcoin|profit|discount)\b"
)
_REPEAT = re.compile(r"([^\s.])\1{5,}")
_SHOUT_LENGTH = 20


def _capitals(submission: Submission, _folded: str) -> float:
    letters = [c for c in submission.content if c.isalpha()]
    if len(letters) < _SHOUT_LENGTH:
        return 0.0
    return float(sum(c.isupper() for c in letters) / len(letters) > 0.6)  # noqa: PLR2004


FACTS: dict[str, tuple[float, Callable[[Submission, str], Any]]] = {
    "asks_for_contact": (2.0, lambda _s, folded: bool(_CONTACT.search(folded))),
    "number_in_text": (2.0, lambda _s, folded: bool(_NUMBER.search(folded))),
    "talks_of_money": (0.9, lambda _s, folded: min(len(_MONEY.findall(folded)), 3)),
    "all_capitals": (1.5, _capitals),
    "repeated_characters": (1.0, lambda _s, folded: bool(_REPEAT.search(folded))),
    "same_title_and_text": (0.5, lambda s, _f: s.title == s.content),
}


def check_spam(submission: Submission, _context: object) -> Finding:
    """Suspect in proportion to the score, with the facts that weighed as reasons."""
    score, facts = spam_score(submission)
    if score < _WORTH_TELLING:
        return clean(NAME)
    return suspect(NAME, round(score, 3), [Reason(fact) for fact in facts])


def spam_score(submission: Submission) -> tuple[float, list[str]]:
    """A score in 0..1 and the facts that speak for it, heaviest first."""
    folded = fold(f"{submission.title}\n{submission.content}")
    weights = {
        name: weight * float(fact(submission, folded)) for name, (weight, fact) in FACTS.items()
    }
    total = _BASE + sum(weights.values())
    found = sorted((name for name, weight in weights.items() if weight), key=lambda n: -weights[n])
    return 1 / (1 + math.exp(-total)), found
