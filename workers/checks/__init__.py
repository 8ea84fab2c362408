"""The checks, in the order a moderator reads them."""

from collections.abc import Callable

from commentdesk.domain.finding import Finding, unknown
from commentdesk.domain.submission import Submission
from commentdesk.log import log
from workers.checks.context import CheckContext
from workers.checks.links import check_links
from workers.checks.names import check_name
from workers.checks.phone import check_phone
from workers.checks.spam import check_spam
from workers.checks.words import check_words

Check = Callable[[Submission, CheckContext], Finding]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("name", check_name),
    ("phone", check_phone),
    ("links", check_links),
    ("words", check_words),
    ("spam", check_spam),
)


def run_checks(submission: Submission, context: CheckContext) -> list[Finding]:
    """Every check's finding; one that fails is unknown, and so holds the comment."""
    return [_run(name, check, submission, context) for name, check in CHECKS]


def _run(name: str, check: Check, submission: Submission, context: CheckContext) -> Finding:
    try:
        return check(submission, context)
    except Exception as error:
        log.error("check_failed", check=name, error=type(error).__name__)
        return unknown(name, type(error).__name__)


__all__ = ["CHECKS", "CheckContext", "run_checks"]
