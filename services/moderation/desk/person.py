"""What is known of a submission's writer: for programs, as a page, and as a part of one."""

from typing import Any

from aiohttp import web

from commentdesk.ledger.entries import Entry
from commentdesk.ledger.related import Person, Related, person
from commentdesk.web import Problem
from services.moderation.auth import sections_of
from services.moderation.desk.api import entry_json
from services.moderation.desk.bans import may_lift
from services.moderation.desk.cards import card_of, cards_of, render
from services.moderation.desk.openings import with_presence
from services.moderation.desk.showing import plain
from services.moderation.keys import LEDGER

_GROUPS = ("phone", "address", "browser", "campaign")


async def get_person(request: web.Request) -> web.Response:
    """The same phone, address, browser and text: how many, the newest, and bans."""
    found = await _find(request)
    document: dict[str, Any] = {
        name: _group(group, [entry_json(entry) for entry in _items(request, group)])
        for name, group in _groups(found).items()
    }
    return web.json_response({**document, "bans": [plain(each) for each in _bans(request, found)]})


async def show_person(request: web.Request) -> web.Response:
    """The same for people; `?part=person` without the frame."""
    found = await _find(request)
    shown: dict[str, Any] = {
        name: _group(group, cards_of(request, _items(request, group)))
        for name, group in _groups(found).items()
    }
    part = "person_part.html" if request.query.get("part") == "person" else "person.html"
    bans = _bans(request, found)
    card = await card_of(request, request.match_info["id"])
    return await render(request, part, card=card, person={**shown, "bans": bans})


async def _find(request: web.Request) -> Person:
    ledger, submission = request.app[LEDGER], request.match_info["id"]
    if (found := await person(ledger, submission, sections_of(request))) is None:
        raise Problem(404, "not_found")
    return found


def _groups(found: Person) -> dict[str, Related | None]:
    return {name: getattr(found, name) for name in _GROUPS}


def _items(request: web.Request, group: Related | None) -> list[Entry]:
    return with_presence(request, group.items) if group else []


def _group(group: Related | None, items: list[Any]) -> dict[str, Any] | None:
    if group is None:
        return None
    return {
        "published": group.published,
        "rejected": group.rejected,
        "waiting": group.waiting,
        "items": items,
    }


def _bans(request: web.Request, found: Person) -> list[dict[str, Any]]:
    """Not what they were taken from: that may be of another's section."""
    return [
        {
            **{name: getattr(each, name) for name in ("id", "kind", "until", "actor")},
            "may_lift": may_lift(request, each),
        }
        for each in found.bans
    ]
