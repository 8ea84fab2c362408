"""Entries made into the cards of a page, and pages with what all of the desk's need."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from commentdesk.ledger import desk
from commentdesk.ledger.entries import Entry
from commentdesk.web import Problem
from services.moderation.auth import sections_of
from services.moderation.desk.decisions import colleagues
from services.moderation.desk.openings import with_presence
from services.moderation.desk.showing import REASONED, Card, card
from services.moderation.keys import LEDGER
from services.moderation.pages import CONSOLE
from services.moderation.reasons import reasons_on_page


def cards_of(request: web.Request, entries: Sequence[Entry]) -> list[Card]:
    """The cards in the moderator's language."""
    console = request.app[CONSOLE]
    language = console.language(request)
    return [
        card(entry, console.texts, language, console.zone)
        for entry in with_presence(request, entries)
    ]


async def card_of(request: web.Request, submission: str) -> Card:
    """The card of one submission.

    Raises:
        Problem: 404 where there is none that this moderator may see.
    """
    found = await desk.entry(request.app[LEDGER], submission, sections_of(request))
    if found is None:
        raise Problem(404, "not_found")
    return cards_of(request, [found])[0]


async def render(
    request: web.Request, template: str, *, status: int = 200, **values: Any
) -> web.Response:
    """A page of the desk."""
    return request.app[CONSOLE].render(
        request,
        template,
        status=status,
        reasoned=REASONED,
        colleagues=await colleagues(request),
        **await reasons_on_page(request),
        **told(request),
        **values,
    )


def told(request: web.Request) -> dict[str, Any]:
    """What a form that went well has to say, from the address it led to."""
    done, count = request.query.get("done", ""), request.query.get("count", "")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 5 else 0  # noqa: PLR2004
    return {"told": done, "told_count": number, "batch": request.query.get("batch", "")}
