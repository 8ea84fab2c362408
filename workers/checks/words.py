"""The site's word lists, on folded text."""

from collections.abc import Iterator

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext

NAME = "words"
_BANNED = 0.9
_SUSPECT = 0.5
# More tell a moderator no more. The banned ones are first, by the order of letters too.
_MOST = 30


def check_words(_submission: Submission, context: CheckContext) -> Finding:
    """Bad with a banned word, suspect with a suspect one; what an allowed phrase holds is fine.

    Raises:
        PatternRefused: a listed pattern cannot be run; the answer is unknown, then.
    """
    if broken := context.site.word_list.broken:
        raise broken[0]
    reasons = sorted(word_reasons(context), key=lambda reason: reason.code)[:_MOST]
    if any(reason.code == "word_banned" for reason in reasons):
        return bad(NAME, _BANNED, reasons)
    return suspect(NAME, _SUSPECT, reasons, holds=True) if reasons else clean(NAME)


def word_reasons(context: CheckContext) -> Iterator[Reason]:
    """Each listed word, whatever follows from it."""
    reading, words = context.reading, context.site.word_list
    for word, span in words.found_in(reading.name):
        yield Reason(f"word_{word.kind}", word.text, "name", span)
    for word, span in words.found_in(reading.whole):
        field, place = reading.field_of(span)
        # Else it begins in the title and ends in the text.
        if place[1] - place[0] == span[1] - span[0]:
            yield Reason(f"word_{word.kind}", word.text, field, place)
