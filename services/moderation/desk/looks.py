"""Second looks: one decision at a time, blind; and how far moderators and machine agree."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from commentdesk.domain.agreement import Opinion, Tally
from commentdesk.domain.state import Action, moderator_actions
from commentdesk.ledger.accounts import Role
from commentdesk.ledger.agreement import DAYS, agreement, details
from commentdesk.ledger.blind import (
    Answered,
    SeenLook,
    answer_look,
    next_look,
    seen_look,
    skip_look,
)
from commentdesk.ledger.sessions import Session
from commentdesk.log import log
from commentdesk.web import Problem
from services.moderation.auth import session_of
from services.moderation.desk.decisions import REASON_LENGTH
from services.moderation.desk.showing import REASONED, plain
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE
from services.moderation.reasons import reason_words, reasons_on_page

_PAGE = "/second-look"
_SKIP = "skip"
_ID_LENGTH = 36
# What a moderator does who finds that a comment should be published, or rejected, after all.
_CARRIES_OUT = {
    Opinion.PUBLISH: (Action.RESTORE, Action.APPROVE),
    Opinion.REJECT: (Action.REMOVE, Action.REJECT),
}


async def show_look(request: web.Request) -> web.Response:
    """The next one, blind; after an answer that differs, what had been decided instead of it."""
    account, ledger = session_of(request).account, request.app[LEDGER]
    answered = request.query.get("answered", "")
    seen = await seen_look(ledger, answered, account) if len(answered) == _ID_LENGTH else None
    look, left = None, 0
    if seen is None or seen.agrees:
        look, left = await next_look(ledger, account)
    return request.app[CONSOLE].render(
        request,
        "look.html",
        look=look,
        left=left,
        seen=seen,
        action=_action(seen) if seen else None,
        reasoned=REASONED,
        **await reasons_on_page(request),
        told=request.query.get("done", ""),
        names_shown=account.may_act_as(Role.EDITOR),
    )


async def answer_form(request: web.Request) -> web.Response:
    """What this moderator would have done, or that they would rather not say."""
    body, account, ledger = request[BODY], session_of(request).account, request.app[LEDGER]
    look = text_field(body, "look", _ID_LENGTH)
    answer = text_field(body, "answer", REASON_LENGTH)
    if answer == _SKIP:
        await skip_look(ledger, look, account)
        return redirect(_PAGE)
    if answer not in list(Opinion):
        raise invalid("answer", "unknown_value")
    reason = text_field(body, "reason", REASON_LENGTH) if answer == Opinion.REJECT else ""
    if reason not in ("", *(await reason_words(request)).codes):
        raise invalid("reason", "unknown_value")
    match await answer_look(ledger, look, account, Opinion(answer), reason):
        case Answered.UNKNOWN:
            raise Problem(404, "not_found")
        case Answered.TAKEN:
            return redirect(f"{_PAGE}?done=look_taken")
    log.info("second_look_answered", look=look)
    return redirect(f"{_PAGE}?answered={look}")


async def show_agreement(request: web.Request) -> web.Response:
    """The figures as a page."""
    session, ledger = session_of(request), request.app[LEDGER]
    return request.app[CONSOLE].render(
        request,
        "agreement.html",
        days=DAYS,
        found=await agreement(ledger, session.account),
        more=await details(ledger, session.account) if _sees_more(session) else None,
        **await reasons_on_page(request),
    )


async def get_agreement(request: web.Request) -> web.Response:
    """The figures as JSON has them."""
    session, ledger = session_of(request), request.app[LEDGER]
    found = await agreement(ledger, session.account)
    document: dict[str, Any] = {
        "days": DAYS,
        "overall": _tally(found.overall),
        "by": {str(by): _tally(tally) for by, tally in found.by.items()},
        "own_decisions": _tally(found.own_decisions),
        "own_looks": _tally(found.own_looks),
        "details": None,
    }
    if _sees_more(session):
        more = await details(ledger, session.account)
        document["details"] = {
            "checks": {check: _tally(tally) for check, tally in more.checks.items()},
            "reasons": {reason: _tally(tally) for reason, tally in more.reasons.items()},
            "conflicts": [plain(asdict(each)) for each in more.conflicts],
            "proposals": [asdict(each) for each in more.proposals],
        }
    return web.json_response(document)


def _action(seen: SeenLook) -> Action | None:
    """What would make it so; None where it is so already, or cannot be done now."""
    possible = moderator_actions(seen.state)
    return next((action for action in _CARRIES_OUT[seen.answer] if action in possible), None)


def _sees_more(session: Session) -> bool:
    return session.account.may_act_as(Role.EDITOR)


def _tally(tally: Tally) -> dict[str, Any]:
    counts = {"looked": tally.looked, "agreed": tally.agreed, **asdict(tally)}
    return {**counts, "percent": tally.percent, "kappa": tally.kappa}
