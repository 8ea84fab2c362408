"""A moderator's decisions: into the ledger, then on to the workers and to who is watching."""

from collections.abc import Iterable, Sequence

from aiohttp import web

from commentdesk.domain.state import MODERATOR_ACTIONS
from commentdesk.ledger import desk
from commentdesk.ledger.decide import Outcome, decide
from commentdesk.ledger.erase import erase
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import session_of
from services.moderation.fields import invalid
from services.moderation.keys import LEDGER, LIVE, QUEUES

DONE = "done"
REASON_LENGTH = 100
NOTE_LENGTH = 500
# One transaction; more would keep other writers waiting.
MOST_ITEMS = 100


async def decide_and_pass_on(
    request: web.Request,
    items: Sequence[tuple[str, int]],
    action: str,
    reason: str,
    note: str,
) -> list[Outcome]:
    """Decide each item as it was seen; what is done is hinted to the workers and announced."""
    if action not in list(MODERATOR_ACTIONS):
        raise invalid("action", "unknown_value")
    if len(items) > MOST_ITEMS:
        raise invalid("items", "out_of_range", most=MOST_ITEMS)
    outcomes = await decide(
        request.app[LEDGER],
        items=items,
        action=action,
        actor=session_of(request).account.login,
        reason=reason,
        note=note,
    )
    done = [outcome for outcome in outcomes if outcome.result == DONE]
    for outcome in done:
        log.info("submission_decided", submission=outcome.id, action=action)
    await _hint(request.app, ((outcome.work, outcome.id) for outcome in done))
    announcements = [outcome.announcement for outcome in done if outcome.announcement]
    if announcements:
        await request.app[LIVE].announce_all(announcements)
    return outcomes


async def erase_and_pass_on(request: web.Request, submission: str) -> None:
    """Forget one submission; the article store is hinted to forget it too.

    Raises:
        Problem: 404 where there is no such submission.
    """
    app, actor = request.app, session_of(request).account.login
    erased = await erase(app[LEDGER], submission, actor)
    if erased:
        log.info("submission_erased", submission=submission)
        await _hint(app, [(erased.work, submission)])
        await app[LIVE].announce_all([erased.announcement])
    elif await desk.state_of(app[LEDGER], submission) is None:
        raise Problem(404, "not_found")


async def replay_and_pass_on(request: web.Request, ids: Sequence[str] | None) -> int:
    """Have stuck work tried again, the given or (None) all of it; how many that are."""
    actor = session_of(request).account.login
    replayed = await desk.replay(request.app[LEDGER], ids, actor)
    await _hint(request.app, ((work, submission) for submission, work in replayed))
    log.info("stuck_work_replayed", count=len(replayed))
    return len(replayed)


async def _hint(app: web.Application, works: Iterable[tuple[str | None, str]]) -> None:
    by_work: dict[str, list[str]] = {}
    for work, submission in works:
        if work:
            by_work.setdefault(work, []).append(submission)
    for work, ids in by_work.items():
        await app[QUEUES].hint(work, ids)
