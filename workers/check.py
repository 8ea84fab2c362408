"""The check job: claim, run CHECKS, decide, record, pass on."""

from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from commentdesk.domain.policy import Thresholds, Verdict, decide
from commentdesk.domain.state import State, Work
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.record import Recorded, record_verdicts
from commentdesk.log import log
from workers.checks import CheckContext, run_checks
from workers.process import WorkerProcess

CHECKED = Counter("commentdesk_checked_total", "Submissions checked", ["action"])


async def check_submissions(process: WorkerProcess, ids: list[str]) -> None:
    """Decide on those of the ids that nobody else has taken; doing it twice changes nothing."""
    claims = await claim(process.ledger, Work.CHECK, ids)
    if not claims:
        return
    context = await process.lists.context()
    thresholds = Thresholds(process.settings.hold_at, process.settings.reject_at)
    results = [(taken, _verdict(taken, context, thresholds)) for taken in claims]
    recorded = await record_verdicts(process.ledger, results)
    if late := len(claims) - len(recorded.announcements):
        # Slept past the lease: another worker has these, and the fence kept this one out.
        log.info("verdicts_too_late", count=late)
    await _pass_on(process, recorded)


def _verdict(taken: Claim, context: CheckContext, thresholds: Thresholds) -> Verdict:
    with bound_contextvars(submission=taken.submission.id):
        verdict = decide(run_checks(taken.submission, context), thresholds)
        log.info("submission_checked", action=verdict.action, score=round(verdict.score, 3))
    CHECKED.labels(verdict.action).inc()
    return verdict


async def _pass_on(process: WorkerProcess, recorded: Recorded) -> None:
    if approved := recorded.by_state.get(State.APPROVED):
        await process.queues.hint("publish", approved)
    if recorded.announcements:
        await process.live.announce_all(recorded.announcements)
