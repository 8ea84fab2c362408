"""The desk's pages: the list, one submission, decisions, stuck work."""

from typing import Any

from aiohttp import web
from yarl import URL

from commentdesk.ledger import desk
from commentdesk.ledger.decide import Outcome
from commentdesk.web import Problem
from services.moderation.asked import ALL, Asked
from services.moderation.auth import session_of
from services.moderation.decisions import (
    DONE,
    NOTE_LENGTH,
    REASON_LENGTH,
    decide_and_pass_on,
    erase_and_pass_on,
    replay_and_pass_on,
)
from services.moderation.fields import local_path, redirect, seen_items, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE
from services.moderation.showing import REASONED, REASONS, Card, card

TABS = (
    "held",
    "received",
    "approved",
    "published",
    "rejected",
    "removed",
    "erased",
    "stuck",
    ALL,
)
# What the one form around all checkboxes can carry within the body's fifty fields.
_PAGE_SIZE = 30
_STUCK_SHOWN = 40


async def show_desk(request: web.Request) -> web.Response:
    """The list in one state, with what can be done to each."""
    asked = Asked.read(request, state="held", limit=_PAGE_SIZE)
    page = await asked.answer(request.app[LEDGER])
    cards = _cards(request, page.items)
    possible = list(dict.fromkeys(action for shown in cards for action in shown.actions))
    return _render(
        request,
        "desk.html",
        asked=asked,
        cards=cards,
        next=page.next,
        counts=await _counts(request),
        tabs=TABS,
        bulk_actions=possible,
        bulk_reasons=not REASONED.isdisjoint(possible),
        **_told(request),
    )


async def show_submission(request: web.Request) -> web.Response:
    """One submission with its findings and all that was done to it."""
    return await _submission_page(request, None)


async def reveal(request: web.Request) -> web.Response:
    """The same with phone and address in full; that this was asked is written down."""
    actor = session_of(request).account.login
    revealed = await desk.reveal(request.app[LEDGER], request.match_info["id"], actor)
    return await _submission_page(request, revealed)


async def erase_form(request: web.Request) -> web.Response:
    """Forget a submission for good, and show what is left of it."""
    submission = request.match_info["id"]
    await erase_and_pass_on(request, submission)
    return redirect(f"/submissions/{submission}?done=erase&count=1")


async def decide_form(request: web.Request) -> web.Response:
    """A decision from a form: back to the list, or a page that says what was in the way."""
    body = request[BODY]
    action = text_field(body, "action", REASON_LENGTH)
    outcomes = await decide_and_pass_on(
        request,
        seen_items(body),
        action,
        text_field(body, "reason", REASON_LENGTH) if action in REASONED else "",
        text_field(body, "note", NOTE_LENGTH),
    )
    back = local_path(body.get("back"))
    if all(outcome.result == DONE for outcome in outcomes):
        return redirect(str(URL(back).update_query(done=action, count=len(outcomes))))
    return await _outcomes_page(request, action, back, outcomes)


async def show_stuck(request: web.Request) -> web.Response:
    """Work that gave up, with its error."""
    entries = await desk.stuck(request.app[LEDGER], _STUCK_SHOWN)
    counts = await _counts(request)
    return _render(
        request,
        "stuck.html",
        cards=_cards(request, entries),
        counts=counts,
        tabs=TABS,
        **_told(request),
    )


async def replay_form(request: web.Request) -> web.Response:
    """Try one stuck submission again, or all of them."""
    chosen = text_field(request[BODY], "submission", 36)
    count = await replay_and_pass_on(request, [chosen] if chosen else None)
    return redirect(f"/stuck?done=replay&count={count}")


async def _submission_page(request: web.Request, revealed: dict[str, str] | None) -> web.Response:
    submission = request.match_info["id"]
    found = await desk.entry(request.app[LEDGER], submission)
    if found is None:
        raise Problem(404, "not_found")
    return _render(
        request,
        "submission.html",
        card=_cards(request, [found])[0],
        history=await desk.history(request.app[LEDGER], submission),
        revealed=revealed,
        **_told(request),
    )


async def _outcomes_page(
    request: web.Request, action: str, back: str, outcomes: list[Outcome]
) -> web.Response:
    refused = [outcome for outcome in outcomes if outcome.result != DONE]
    shown = []
    for outcome in refused:
        found = await desk.entry(request.app[LEDGER], outcome.id)
        shown.append((outcome, _cards(request, [found])[0] if found else None))
    return _render(
        request,
        "outcomes.html",
        status=409,
        action=action,
        back=back,
        done=len(outcomes) - len(refused),
        refused=shown,
    )


def _cards(request: web.Request, entries: list[desk.Entry]) -> list[Card]:
    console = request.app[CONSOLE]
    language = console.language(request)
    return [card(entry, console.texts, language) for entry in entries]


async def _counts(request: web.Request) -> dict[str, int]:
    counts = await desk.counts(request.app[LEDGER])
    return {**counts, ALL: sum(n for state, n in counts.items() if state != "stuck")}


def _told(request: web.Request) -> dict[str, Any]:
    """What a form that went well has to say, from the address it led to."""
    done, count = request.query.get("done", ""), request.query.get("count", "")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 5 else 0  # noqa: PLR2004
    return {"told": done, "told_count": number}


def _render(
    request: web.Request, template: str, *, status: int = 200, **values: Any
) -> web.Response:
    return request.app[CONSOLE].render(
        request, template, status=status, reasons=REASONS, reasoned=REASONED, **values
    )
