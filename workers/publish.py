"""The publish and retract jobs: idempotent calls to the article store, recorded by fence."""

import random
from collections.abc import Sequence
from datetime import timedelta

from prometheus_client import Counter

from commentdesk.articlestore import Delivery, StoredComment, StoreRefused, StoreUnavailable
from commentdesk.database import now
from commentdesk.domain.state import Work
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.record import record_failure, record_published, record_retracted
from commentdesk.log import log
from workers.process import WorkerProcess

DELIVERED = Counter(
    "commentdesk_delivered_total", "Comments put into the article store", ["result"]
)


async def publish_comments(process: WorkerProcess, ids: list[str]) -> None:
    """Put the approved ones into the store; what fails is tried again later, then stuck."""
    claims = await claim(process.ledger, Work.PUBLISH, ids)
    if not claims:
        return
    try:
        deliveries = await process.store.publish([_comment(taken) for taken in claims])
    except (StoreUnavailable, StoreRefused) as error:
        await _fail(process, claims, error)
        return
    for taken in claims:
        result = deliveries.get(taken.submission.id)
        DELIVERED.labels(str(result)).inc()
        log.info("comment_delivered", submission=taken.submission.id, result=result)
    await _record(process, claims, deliveries)


async def retract_comments(process: WorkerProcess, ids: list[str]) -> None:
    """Take the removed ones out of the store."""
    claims = await claim(process.ledger, Work.RETRACT, ids)
    if not claims:
        return
    try:
        await process.store.retract({taken.submission.id: taken.version for taken in claims})
    except (StoreUnavailable, StoreRefused) as error:
        await _fail(process, claims, error)
        return
    await record_retracted(process.ledger, claims)
    for taken in claims:
        log.info("comment_retracted", submission=taken.submission.id)


async def _record(
    process: WorkerProcess, claims: Sequence[Claim], deliveries: dict[str, Delivery]
) -> None:
    accepted = {Delivery.APPLIED, Delivery.ABSORBED}
    done = [taken for taken in claims if deliveries.get(taken.submission.id) in accepted]
    left = [taken for taken in claims if taken not in done]
    if done:
        recorded = await record_published(process.ledger, done)
        if recorded.too_late:
            log.info("deliveries_too_late", count=recorded.too_late)
        await process.live.announce_all(recorded.announcements)
    if left:
        await record_failure(process.ledger, left, "the article store has no such article", None)


async def _fail(
    process: WorkerProcess, claims: Sequence[Claim], error: StoreUnavailable | StoreRefused
) -> None:
    """Wait as the settings say, each attempt longer; refused, or out of waits, is stuck."""
    waits = process.settings.delivery_backoff_seconds
    for attempts in {taken.attempts for taken in claims}:
        group = [taken for taken in claims if taken.attempts == attempts]
        retry_at = None
        if isinstance(error, StoreUnavailable) and attempts <= len(waits):
            wait = max(waits[attempts - 1], error.retry_after or 0)
            # Jitter keeps a store that comes back from meeting everything at once.
            retry_at = now() + timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311
        await record_failure(process.ledger, group, f"article store: {error}", retry_at)
        log.warning("delivery_failed", count=len(group), error=str(error), stuck=retry_at is None)


def _comment(taken: Claim) -> StoredComment:
    submission = taken.submission
    return StoredComment(
        id=submission.id,
        version=taken.version,
        article=submission.article,
        parent_id=submission.parent,
        name=submission.name,
        title=submission.title,
        content=submission.content,
        language=submission.language,
        received_at=submission.received_at,
    )
