"""The check job: claim, ask outside engines, look around, run CHECKS, decide, record, pass on."""

from collections.abc import Sequence

from prometheus_client import Counter

from commentdesk.domain.finding import Finding
from commentdesk.domain.policy import Thresholds, Verdict, decide
from commentdesk.domain.state import Action, State, Work
from commentdesk.ledger.claim import Claim, addresses_of, claim
from commentdesk.ledger.recheck import MOST_AT_ONCE, recheck_now
from commentdesk.ledger.record import Recorded, record_verdicts
from commentdesk.log import log
from workers.checks import SiteFacts, Surroundings, run_checks
from workers.checks.person import is_trusted
from workers.checks.reading import SubmissionReading, read_submission
from workers.engines import Question
from workers.process import WorkerProcess
from workers.surroundings import look_around

CHECKED = Counter("commentdesk_checked_total", "Submissions checked", ["action"])
RECHECKS = Counter("commentdesk_rechecks_total", "Held rows due again: an engine is back")


async def check_submissions(process: WorkerProcess, ids: list[str]) -> None:
    """Decide on those of the ids that nobody else has taken; doing it twice changes nothing."""
    claims = await claim(process.ledger, Work.CHECK, ids)
    if not claims:
        return
    site = await process.lists.facts()
    policies = await process.policies.of({taken.submission.article for taken in claims})
    engines = await _ask_engines(process, claims)
    read = [(taken, read_submission(taken.submission)) for taken in claims]
    around = await look_around(process.ledger, read, site, engines)
    results = [
        (taken, _verdict(taken, reading, site, known, policies[taken.submission.article]))
        for (taken, reading), known in zip(read, around, strict=True)
    ]
    recorded = await record_verdicts(process.ledger, results)
    if recorded.too_late:
        # Slept past the lease: another worker has these, and the fence kept this one out.
        log.info("verdicts_too_late", count=recorded.too_late)
    await _pass_on(process, recorded)
    await _recheck_what_waited(process)


async def _ask_engines(
    process: WorkerProcess, claims: Sequence[Claim]
) -> dict[str, tuple[Finding, ...]]:
    needed = process.engines.need_address
    addresses = await addresses_of(process.ledger, claims) if needed else {}
    return await process.engines.ask(
        [
            Question.about(taken.submission, addresses.get(taken.submission.id, ""))
            for taken in claims
        ]
    )


def _verdict(
    taken: Claim,
    reading: SubmissionReading,
    site: SiteFacts,
    around: Surroundings,
    thresholds: Thresholds,
) -> Verdict:
    if thresholds.tight:
        site = site.tightened
    trusted = is_trusted(around.memory, site.tolerance)
    findings = run_checks(taken.submission, site, around, reading)
    order = around.memory.order
    ordered = order.action if order else None
    if taken.decided:
        ordered = Action.HOLD
    verdict = decide(findings, thresholds, trusted=trusted, ordered=ordered)
    log.info(
        "submission_checked",
        submission=taken.submission.id,
        action=verdict.action,
        score=round(verdict.score, 3),
    )
    CHECKED.labels(verdict.action).inc()
    return verdict


async def _recheck_what_waited(process: WorkerProcess) -> None:
    """Have an engine that is back asked what it did not answer; the reconciler hints it."""
    if back := process.engines.back():
        count = MOST_AT_ONCE
        while count == MOST_AT_ONCE:
            count = await recheck_now(process.ledger, back)
            RECHECKS.inc(count)
            log.info("engine_back", engines=sorted(back), rechecks=count)


async def _pass_on(process: WorkerProcess, recorded: Recorded) -> None:
    if approved := recorded.by_state.get(State.APPROVED):
        await process.queues.hint("publish", approved)
    if recorded.announcements:
        await process.live.announce_all(recorded.announcements)
