"""The desk's pages: the list, one submission, stuck work."""

from aiohttp import web

from commentdesk.domain.state import State
from commentdesk.ledger import desk
from commentdesk.ledger.filters import VIEWS
from services.moderation.auth import sections_of, session_of
from services.moderation.desk.asked import ALL, DESK, Asked
from services.moderation.desk.cards import card_of, cards_of, render
from services.moderation.desk.choices import choices
from services.moderation.desk.counts import figures
from services.moderation.desk.showing import REASONED
from services.moderation.keys import LEDGER

# What the one form around all checkboxes can carry within the body's fifty fields.
_PAGE_SIZE = 30
_STUCK_SHOWN = 40


async def show_desk(request: web.Request) -> web.Response:
    """The list that was asked for, and what can be done; `?part=cards` is the list alone."""
    asked = Asked.read(request.query, otherwise=DESK, limit=_PAGE_SIZE)
    ledger = request.app[LEDGER]
    page = await asked.answer(request, ledger)
    cards = cards_of(request, page.items)
    if request.query.get("part") == "cards":
        return await render(request, "cards.html", asked=asked, cards=cards, next=page.next)
    possible = list(dict.fromkeys(action for shown in cards for action in shown.actions))
    return await render(
        request,
        "desk.html",
        asked=await asked.masked(request, ledger),
        cards=cards,
        next=page.next,
        counts=await _counts(request),
        tabs=VIEWS,
        choices=await choices(request, asked),
        bulk_actions=possible,
        bulk_reasons=not REASONED.isdisjoint(possible),
    )


async def show_submission(request: web.Request) -> web.Response:
    """One submission with its findings and history; `?part=card` is the card alone."""
    if request.query.get("part") == "card":
        card = await card_of(request, request.match_info["id"])
        return await render(request, "card_part.html", card=card)
    return await _submission_page(request, None)


async def reveal(request: web.Request) -> web.Response:
    """The same with phone and address in full; that this was asked is written down."""
    actor, submission = session_of(request).account.login, request.match_info["id"]
    revealed = await desk.reveal(request.app[LEDGER], submission, actor, sections_of(request))
    return await _submission_page(request, revealed)


async def show_stuck(request: web.Request) -> web.Response:
    """Work that gave up, with its error."""
    entries = await desk.stuck(request.app[LEDGER], _STUCK_SHOWN, sections_of(request))
    return await render(
        request,
        "stuck.html",
        cards=cards_of(request, entries),
        counts=await _counts(request),
        tabs=VIEWS,
    )


async def _submission_page(request: web.Request, revealed: dict[str, str] | None) -> web.Response:
    submission = request.match_info["id"]
    return await render(
        request,
        "submission.html",
        card=await card_of(request, submission),
        history=await desk.history(request.app[LEDGER], submission),
        revealed=revealed,
    )


async def _counts(request: web.Request) -> dict[str, int]:
    counts: dict[str, int] = (await figures(request))["counts"]
    return {**counts, ALL: sum(counts[state] for state in State)}
