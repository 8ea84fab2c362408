"""A moderator's decisions: into the ledger, then on to the workers and to who is watching."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from commentdesk.domain.state import MODERATOR_ACTIONS, Action, State, moderator_actions
from commentdesk.ledger import desk
from commentdesk.ledger.accounts import Role, list_accounts
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.decide import Outcome, decide
from commentdesk.ledger.erase import erase
from commentdesk.ledger.filters import Wanted
from commentdesk.ledger.undo import AT_ONCE, NoSuchBatch, NotTheirs, undo
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import sections_of, session_of
from services.moderation.fields import invalid
from services.moderation.keys import DEPARTURES, LEDGER, LIVE, QUEUES

DONE = "done"
REASON_LENGTH = 100
NOTE_LENGTH = 500
LOGIN_LENGTH = 100
# What one request may name, and what it may be about where it names a campaign or a person.
MOST_ITEMS = AT_ONCE
MOST_TOGETHER = 5_000
# What can be done to all that wait alike.
TOGETHER = moderator_actions(State.HELD)


@dataclass(frozen=True)
class Wish:
    """What a moderator wants done, and why; `held_for` is the colleague of a hold."""

    action: str
    reason: str = ""
    note: str = ""
    held_for: str = ""


@dataclass(frozen=True)
class Batch:
    """What was decided by one request, and is undone by its id."""

    id: str
    outcomes: list[Outcome]

    @property
    def done(self) -> int:
        """How many of the items were decided."""
        return sum(outcome.result == DONE for outcome in self.outcomes)


async def decide_and_pass_on(
    request: web.Request, items: Sequence[tuple[str, int]], wish: Wish
) -> Batch:
    """Decide each item as it was seen; what is done is hinted to the workers and announced."""
    await _check(request, wish, tuple(MODERATOR_ACTIONS))
    if len(items) > MOST_ITEMS:
        raise invalid("items", "out_of_range", most=MOST_ITEMS)
    return await _decide(request, items, wish)


async def decide_together(request: web.Request, wanted: Wanted, wish: Wish) -> Batch:
    """Decide all of those wanted that wait, the oldest MOST_TOGETHER of them."""
    await _check(request, wish, TOGETHER)
    items = await desk.chosen(request.app[LEDGER], wanted, MOST_TOGETHER)
    return await _decide(request, items, wish)


async def decide_campaign(request: web.Request, campaign: str, wish: Wish) -> Batch:
    """Decide all of a campaign that wait and that this moderator may decide.

    Raises:
        Problem: 404 where none does.
    """
    sections = sections_of(request)
    wanted = Wanted(view="waiting", campaign=campaign, sections=sections)
    batch = await decide_together(request, wanted, wish)
    if not batch.outcomes:
        raise Problem(404, "not_found")
    return batch


async def undo_and_pass_on(request: web.Request, batch: str) -> Batch:
    """Take back what one request decided.

    Raises:
        Problem: 404 for no such batch, 403 for another moderator's, but editors may.
    """
    account = session_of(request).account
    try:
        outcomes = await undo(
            request.app[LEDGER],
            batch,
            account.login,
            others=account.may_act_as(Role.EDITOR),
            sections=sections_of(request),
        )
    except NoSuchBatch:
        raise Problem(404, "not_found") from None
    except NotTheirs:
        raise Problem(403, "forbidden") from None
    await _pass_on(request.app, outcomes, str(Action.UNDO))
    return Batch(batch, outcomes)


async def erase_and_pass_on(request: web.Request, submission: str) -> None:
    """Forget one submission; the article store is hinted to forget it too.

    Raises:
        Problem: 404 where there is no such submission.
    """
    app, actor = request.app, session_of(request).account.login
    if await desk.state_of(app[LEDGER], submission, sections_of(request)) is None:
        raise Problem(404, "not_found")
    if erased := await erase(app[LEDGER], submission, actor):
        log.info("submission_erased", submission=submission)
        await _hint(app, [(erased.work, submission)])
        await app[LIVE].announce_all([erased.announcement])


async def replay_and_pass_on(request: web.Request, ids: Sequence[str] | None) -> int:
    """Have stuck work tried again, the given or (None) all of it; how many that are."""
    actor = session_of(request).account.login
    replayed = await desk.replay(request.app[LEDGER], ids, actor, sections_of(request))
    await _hint(request.app, ((work, submission) for submission, work in replayed))
    log.info("stuck_work_replayed", count=len(replayed))
    return len(replayed)


async def colleagues(request: web.Request) -> list[str]:
    """The logins of all who may be at the desk."""
    accounts = await list_accounts(request.app[LEDGER])
    return [account.login for account in accounts if account.disabled_at is None]


async def _check(request: web.Request, wish: Wish, possible: tuple[Action, ...]) -> None:
    if wish.action not in possible:
        raise invalid("action", "unknown_value")
    if wish.held_for:
        known = wish.action == Action.HOLD and wish.held_for in await colleagues(request)
        if not known:
            raise invalid("held_for", "unknown_value")


async def _decide(request: web.Request, items: Sequence[tuple[str, int]], wish: Wish) -> Batch:
    """In transactions of so many that other writers need not wait long."""
    batch = Batch(new_id(), [])
    for start in range(0, len(items), AT_ONCE):
        outcomes = await decide(
            request.app[LEDGER],
            items=items[start : start + AT_ONCE],
            action=wish.action,
            actor=session_of(request).account.login,
            reason=wish.reason,
            note=wish.note,
            held_for=wish.held_for,
            batch=batch.id,
            sections=sections_of(request),
        )
        await _pass_on(request.app, outcomes, wish.action)
        batch.outcomes.extend(outcomes)
    return batch


async def _pass_on(app: web.Application, outcomes: Sequence[Outcome], action: str) -> None:
    done = [outcome for outcome in outcomes if outcome.result == DONE]
    for outcome in done:
        log.info("submission_decided", submission=outcome.id, action=action)
    graced = [outcome for outcome in done if outcome.not_before]
    if graced and graced[0].not_before:
        # One deed, one moment.
        works = ((outcome.work, outcome.id) for outcome in graced)
        app[DEPARTURES].hint_at(graced[0].not_before, _by_work(works))
    await _hint(app, ((each.work, each.id) for each in done if not each.not_before))
    announcements = [outcome.announcement for outcome in done if outcome.announcement]
    if announcements:
        await app[LIVE].announce_all(announcements)


async def _hint(app: web.Application, works: Iterable[tuple[str | None, str]]) -> None:
    for work, ids in _by_work(works).items():
        await app[QUEUES].hint(work, ids)


def _by_work(works: Iterable[tuple[str | None, str]]) -> dict[str, list[str]]:
    by_work: defaultdict[str, list[str]] = defaultdict(list)
    for work, submission in works:
        if work:
            by_work[work].append(submission)
    return by_work
