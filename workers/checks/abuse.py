"""Does the reader insult or threaten? A score of its own; it holds, and rejects nobody.

Vietnamese is compared with its diacritics ("ngủ" sleeps, "ngu" insults); what is typed without
any is found where it means nothing else. A term counts once, however often it stands there.
"""

import re
from math import prod
from unicodedata import normalize

from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext
from workers.checks.insults import Insult, Level, may_insult, with_marks, without_marks
from workers.checks.reading import Reading

Span = tuple[int, int]
NAME = "abuse"
# A grave or a hard term holds; of mild ones it takes two.
HOLD_AT = 0.5
_WEIGHTS = {Level.GRAVE: 0.8, Level.HARD: 0.5, Level.MILD: 0.3}
_SEVERITY = list(Level)
_FIELDS = ("name", "title", "content")
_MOST_REASONS = 5
_LONGEST_LOOKED_AT = 4_000
# Letters that may pass for Latin ones: beyond Latin, its marks and the signs of punctuation.
_OTHER_LETTERS = re.compile(
    "[\u0250-\u02ff\u0370-\u1dff\u200b-\u200f\u2060-\u206f\u2070-\u218f\u2460-\u24ff"
    "\ua640-\ufdff\ufe10-\uffff\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff]"
)


def check_abuse(_submission: Submission, context: CheckContext) -> Finding:
    """Suspect, and held, from HOLD_AT on; below it clean, with its score."""
    found = {field: _insults(getattr(context.reading, field)) for field in _FIELDS}
    levels = {insult.term: insult.level for met in found.values() for insult, _ in met}
    if not levels:
        return clean(NAME)
    score = round(1 - prod(1 - _WEIGHTS[level] for level in levels.values()), 3)
    if score < HOLD_AT:
        return clean(NAME, score)
    worst_first = sorted(
        ((insult, span, field) for field, met in found.items() for insult, span in met),
        key=lambda one: _SEVERITY.index(one[0].level),
    )
    reasons = [_reason(*one, context) for one in worst_first[:_MOST_REASONS]]
    return suspect(NAME, score, reasons, holds=True)


def _insults(reading: Reading) -> list[tuple[Insult, Span]]:
    """With the stretch of the original that each stands in.

    Where no mark is typed at all, also what insults without its marks.
    """
    typed = reading.original[:_LONGEST_LOOKED_AT]
    if not typed:
        return []
    if typed.isascii():
        found = list(without_marks().found_in(typed.lower())) if may_insult(typed.lower()) else []
        return [(insult, (insult.start, insult.stop)) for insult in found]
    # Most comments are done with here; reading them with their marks takes longer.
    if not (_OTHER_LETTERS.search(typed) or may_insult(normalize("NFC", typed).lower())):
        return []
    text = reading.accented.text[:_LONGEST_LOOKED_AT]
    met = (without_marks() if text.isascii() else with_marks()).found_in(text)
    return [(insult, reading.accented.span(insult.start, insult.stop)) for insult in met]


def _reason(insult: Insult, span: Span, field: str, context: CheckContext) -> Reason:
    """As it was typed."""
    typed = getattr(context.reading, field).original[slice(*span)]
    return Reason(f"abuse_{insult.level}", typed, field, span)
