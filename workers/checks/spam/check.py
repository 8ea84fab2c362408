"""The check: how much the text looks like an advertisement, and which words make it look so."""

from commentdesk.domain.finding import Finding, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext
from workers.checks.spam.evidence import reasons
from workers.checks.spam.features import features

NAME = "spam"
_WORTH_TELLING = 0.2


def check_spam(_submission: Submission, context: CheckContext) -> Finding:
    """Suspect from a score on that is worth telling; the policy says what is worth holding."""
    model = context.site.model
    known = features(context.reading)
    score = context.site.learned.moved(known, model.probability(known))
    if score < _WORTH_TELLING:
        return clean(NAME, score)
    return suspect(NAME, score, reasons(model, context.reading, known))
