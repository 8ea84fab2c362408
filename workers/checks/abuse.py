"""Does the reader insult or threaten? A score of its own; it holds, and rejects nobody.

Vietnamese is compared with its diacritics ("ngủ" sleeps, "ngu" insults); what is typed without
any is found where it means nothing else. A term counts once, however often it stands there.
"""

from collections.abc import Iterator
from math import prod

from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext
from workers.checks.insults import Insult, Level, with_marks, without_marks
from workers.checks.reading import Reading

NAME = "abuse"
# A grave or a hard term holds; of mild ones it takes two.
HOLD_AT = 0.5
_WEIGHTS = {Level.GRAVE: 0.8, Level.HARD: 0.5, Level.MILD: 0.3}
_SEVERITY = list(Level)
_FIELDS = ("name", "title", "content")
_MOST_REASONS = 5
_LONGEST_LOOKED_AT = 4_000


def check_abuse(_submission: Submission, context: CheckContext) -> Finding:
    """Suspect, and held, from HOLD_AT on; below it clean, with its score."""
    readings = {field: getattr(context.reading, field) for field in _FIELDS}
    levels = {term: level for one in readings.values() for term, level in _said(one)}
    score = round(1 - prod(1 - _WEIGHTS[level] for level in levels.values()), 3)
    if score < HOLD_AT:
        return clean(NAME, score)
    reasons = [reason for field, one in readings.items() for reason in _reasons(field, one)]
    worst_first = sorted(reasons, key=lambda reason: _SEVERITY.index(Level(reason.code[6:])))
    return suspect(NAME, score, worst_first[:_MOST_REASONS], holds=True)


def _said(reading: Reading) -> Iterator[tuple[str, Level]]:
    """Terms without their places, which only evidence needs."""
    for insult in _insults(reading):
        yield insult.term, insult.level


def _reasons(field: str, reading: Reading) -> Iterator[Reason]:
    """Each stretch once, as it was typed."""
    for insult in _insults(reading):
        start, stop = reading.accented.span(insult.start, insult.stop)
        yield Reason(f"abuse_{insult.level}", reading.original[start:stop], field, (start, stop))


def _insults(reading: Reading) -> Iterator[Insult]:
    """Where no mark is typed at all, also what insults without its marks."""
    text = reading.accented.text[:_LONGEST_LOOKED_AT]
    insults = without_marks() if text.isascii() else with_marks()
    return insults.found_in(text)
