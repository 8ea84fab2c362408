"""The checks, in the order a moderator reads them."""

from collections.abc import Callable

from commentdesk.domain.finding import Finding, unknown
from commentdesk.domain.submission import Submission
from commentdesk.log import log
from workers.checks.abuse import check_abuse
from workers.checks.context import CheckContext, SiteFacts, Surroundings, Tolerance
from workers.checks.flood import check_flood
from workers.checks.links import check_links
from workers.checks.names import check_name
from workers.checks.person import check_person
from workers.checks.phone import check_phone
from workers.checks.reading import SubmissionReading
from workers.checks.spam.check import check_spam
from workers.checks.words import check_words

Check = Callable[[Submission, CheckContext], Finding]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("name", check_name),
    ("phone", check_phone),
    ("links", check_links),
    ("words", check_words),
    ("flood", check_flood),
    ("person", check_person),
    ("spam", check_spam),
    ("abuse", check_abuse),
)


def run_checks(
    submission: Submission,
    site: SiteFacts,
    around: Surroundings | None = None,
    reading: SubmissionReading | None = None,
) -> list[Finding]:
    """Every check's finding, then the engines'; one that fails is unknown, and so holds it."""
    context = CheckContext.of(submission, site, around, reading)
    own = [_run(name, check, submission, context) for name, check in CHECKS]
    return [*own, *context.around.engines]


def _run(name: str, check: Check, submission: Submission, context: CheckContext) -> Finding:
    try:
        return check(submission, context)
    except Exception as error:
        log.error("check_failed", submission=submission.id, check=name, error=type(error).__name__)
        return unknown(name, type(error).__name__)


__all__ = [
    "CHECKS",
    "Check",
    "CheckContext",
    "SiteFacts",
    "Surroundings",
    "Tolerance",
    "run_checks",
]
