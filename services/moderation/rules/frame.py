"""The frame around the pages of rules: tabs, what stands tightened, a form that comes back."""

from typing import Any

from aiohttp import web

from commentdesk.ledger.tightenings import standing
from commentdesk.web import Problem
from services.moderation.fields import redirect
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE

TABS = ("words", "hosts", "patterns", "bans", "policy", "articles", "reasons")
_DIGITS = 5


async def show_rules(request: web.Request) -> web.Response:  # noqa: ARG001
    """The first tab."""
    return redirect("/rules/words")


async def rules_page(
    request: web.Request, template: str, tab: str, problem: Problem | None = None, **values: Any
) -> web.Response:
    """The page, its form as it was typed and with what is wrong."""
    console = request.app[CONSOLE]
    return console.render(
        request,
        template,
        status=problem.status if problem else 200,
        errors=console.messages(request, problem) if problem else [],
        typed=request[BODY] if problem else {},
        tab=tab,
        tabs=TABS,
        tightened=await standing(request.app[LEDGER]),
        **_told(request),
        **values,
    )


def _told(request: web.Request) -> dict[str, Any]:
    """What a form that went well has to say, from the address it led to."""
    count = request.query.get("count", "")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) <= _DIGITS else 0
    return {"told": request.query.get("done", ""), "told_count": number}
