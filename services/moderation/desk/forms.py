"""What the desk's forms do without script: each leads back to where it stood, and says so there."""

from aiohttp import web

from commentdesk.ledger import desk
from commentdesk.ledger.filters import Wanted
from services.moderation.auth import sections_of
from services.moderation.bodies import checked
from services.moderation.desk.bans import BanBody, ban_and_reject
from services.moderation.desk.cards import cards_of, render
from services.moderation.desk.decisions import (
    DONE,
    LOGIN_LENGTH,
    NOTE_LENGTH,
    REASON_LENGTH,
    Batch,
    Wish,
    decide_and_pass_on,
    decide_campaign,
    erase_and_pass_on,
    replay_and_pass_on,
    undo_and_pass_on,
)
from services.moderation.desk.showing import REASONED
from services.moderation.fields import (
    back_to,
    id_field,
    local_path,
    number_field,
    redirect,
    seen_items,
    text_field,
)
from services.moderation.keys import BODY, LEDGER

_REFUSED_SHOWN = 100


async def decide_form(request: web.Request) -> web.Response:
    """A decision: back to the list, or a page that says what was in the way."""
    body = request[BODY]
    action = text_field(body, "action", REASON_LENGTH)
    wish = Wish(
        action,
        text_field(body, "reason", REASON_LENGTH) if action in REASONED else "",
        text_field(body, "note", NOTE_LENGTH),
        text_field(body, "held_for", LOGIN_LENGTH) if action == "hold" else "",
    )
    if campaign := id_field(body, "campaign"):
        batch = await decide_campaign(request, campaign, wish)
    else:
        batch = await decide_and_pass_on(request, seen_items(body), wish)
    return await _after(request, action, batch)


async def undo_form(request: web.Request) -> web.Response:
    """Take back what one request decided."""
    batch = await undo_and_pass_on(request, id_field(request[BODY], "batch"))
    return await _after(request, "undo", batch)


async def ban_form(request: web.Request) -> web.Response:
    """Ban what the submission holds, and reject what waits of the same if that is wanted too."""
    body = request[BODY]
    asked = {
        "submission": request.match_info["id"],
        "kind": text_field(body, "kind", REASON_LENGTH),
        "days": number_field(body, "days"),
        "note": text_field(body, "note", NOTE_LENGTH),
        "reject_waiting": bool(text_field(body, "reject_waiting", REASON_LENGTH)),
    }
    _, batch = await ban_and_reject(request, checked(BanBody, asked))
    if batch is None:
        return back_to(body, done="ban", count=0)
    return back_to(body, done="ban", count=batch.done, batch=batch.id)


async def erase_form(request: web.Request) -> web.Response:
    """Forget a submission for good, and show what is left of it."""
    submission = request.match_info["id"]
    await erase_and_pass_on(request, submission)
    return redirect(f"/submissions/{submission}?done=erase&count=1")


async def replay_form(request: web.Request) -> web.Response:
    """Try one stuck submission again, or all of them."""
    chosen = text_field(request[BODY], "submission", 36)
    count = await replay_and_pass_on(request, [chosen] if chosen else None)
    return redirect(f"/stuck?done=replay&count={count}")


async def _after(request: web.Request, action: str, batch: Batch) -> web.Response:
    refused = [outcome for outcome in batch.outcomes if outcome.result != DONE]
    if not refused:
        # What is undone is not offered to be undone.
        offered = {} if action == "undo" else {"batch": batch.id}
        return back_to(request[BODY], done=action, count=batch.done, **offered)
    ids = tuple(outcome.id for outcome in refused[:_REFUSED_SHOWN])
    wanted = Wanted(ids=ids, sections=sections_of(request))
    found = await desk.listing(request.app[LEDGER], wanted, limit=_REFUSED_SHOWN)
    cards = {card.entry.id: card for card in cards_of(request, found.items)}
    return await render(
        request,
        "outcomes.html",
        status=409,
        action=action,
        back=local_path(request[BODY].get("back")),
        done=batch.done,
        refused=[(outcome, cards.get(outcome.id)) for outcome in refused],
    )
