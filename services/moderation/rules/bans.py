"""The bans that stand, for editors: what of whom, until when, by whom; and lifting them."""

import re
from datetime import timedelta

from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.ledger.bans import NothingToBan, ban, lift_ban, list_bans
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import sections_of, session_of
from services.moderation.desk.asked import cursor_of
from services.moderation.desk.decisions import NOTE_LENGTH
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.reasons import reason_words
from services.moderation.rules.frame import rules_page

_PAGE_SIZE = 50
_ID_LENGTH = 36
_LINK_LENGTH = 300
_DAYS = ("1", "7", "30", "90", "365")
# An id, or the address of the comment's page with it.
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


async def show_bans(request: web.Request) -> web.Response:
    """The newest first, those that have ended too until they are cleared away."""
    return await bans_page(request)


async def ban_form(request: web.Request) -> web.Response:
    """Ban what a comment holds."""
    body = request[BODY]
    try:
        kind, submission = written_ban(request)
        days = text_field(body, "days", _ID_LENGTH)
        if days and days not in _DAYS:
            raise invalid("days", "unknown_value")
        until = now() + timedelta(days=int(days)) if days else None
        note, actor = text_field(body, "note", NOTE_LENGTH), session_of(request).account.login
        made = await ban(request.app[LEDGER], submission, kind, actor, until=until, note=note)
        if made is None:
            raise invalid("submission", "unknown_comment")
    except NothingToBan:
        return await bans_page(request, invalid("kind", "nothing_to_ban"))
    except Problem as problem:
        return await bans_page(request, problem)
    log.info("banned", submission=submission, kind=str(kind))
    return redirect("/rules/bans?done=banned")


async def lift_form(request: web.Request) -> web.Response:
    """Lift one; doing it twice changes nothing."""
    ban_id = text_field(request[BODY], "ban", _ID_LENGTH)
    if await lift_ban(request.app[LEDGER], ban_id, session_of(request).account.login):
        log.info("ban_lifted", ban=ban_id)
    return redirect("/rules/bans?done=ban_lifted")


def written_ban(request: web.Request) -> tuple[BanKind, str]:
    """What is to be banned of which comment, from the form.

    Raises:
        Problem: 422 where it names neither.
    """
    body = request[BODY]
    found = _ID.search(text_field(body, "submission", _LINK_LENGTH))
    if found is None:
        raise invalid("submission", "unknown_comment")
    kind = body.get("kind")
    if kind not in list(BanKind):
        raise invalid("kind", "unknown_value")
    return BanKind(str(kind)), found[0]


async def bans_page(request: web.Request, problem: Problem | None = None) -> web.Response:
    """The page; with a problem, its form as it was typed."""
    ledger, sections = request.app[LEDGER], sections_of(request)
    found = await list_bans(ledger, cursor_of(request), _PAGE_SIZE, sections)
    return await rules_page(
        request,
        "rules_bans.html",
        "bans",
        problem,
        bans=found,
        at=now(),
        kinds=list(BanKind),
        days=_DAYS,
        next=found[-1].id if len(found) == _PAGE_SIZE else None,
        reason_choices=(await reason_words(request)).choices,
    )
