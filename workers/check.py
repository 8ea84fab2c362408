"""The check job: claim, run CHECKS, decide, record, pass on."""

import time

from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from commentdesk.domain.policy import Thresholds, Verdict, decide
from commentdesk.domain.state import State, Work
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.record import Recorded, record_verdicts
from commentdesk.ledger.words import list_words
from commentdesk.log import log
from workers.checks import CheckContext, run_checks
from workers.process import WorkerProcess

_WORDS_SECONDS = 2.0
CHECKED = Counter("commentdesk_checked_total", "Submissions checked", ["action"])


async def check_submissions(process: WorkerProcess, ids: list[str]) -> None:
    """Decide on those of the ids that nobody else has taken; doing it twice changes nothing."""
    claims = await claim(process.ledger, Work.CHECK, ids)
    if not claims:
        return
    context = await _context(process)
    thresholds = Thresholds(process.settings.hold_at, process.settings.reject_at)
    results = [(taken, _verdict(taken, context, thresholds)) for taken in claims]
    recorded = await record_verdicts(process.ledger, results)
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


_CONTEXTS: dict[int, tuple[float, CheckContext]] = {}


async def _context(process: WorkerProcess) -> CheckContext:
    """The site's lists, read again every two seconds at most."""
    read_at, context = _CONTEXTS.get(id(process), (0.0, None))
    if context is None or time.monotonic() - read_at > _WORDS_SECONDS:
        words = await list_words(process.ledger)
        context = CheckContext.build(
            region=process.settings.phone_region,
            words=[(word.kind, word.text, word.folded) for word in words],
            own_hosts=frozenset(origin[1] for origin in process.settings.allowed_origins),
        )
        _CONTEXTS[id(process)] = (time.monotonic(), context)
    return context
