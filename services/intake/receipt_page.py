"""Receipts for people: a page by code, typed from paper if need be, that needs no script."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from commentdesk.domain.moments import stamp
from commentdesk.domain.receipt_code import read_code
from commentdesk.ledger.receipts import Standing, receipt_code
from commentdesk.log import log
from commentdesk.web import SETTINGS, FieldError, Problem, language_of, read_body
from commentdesk.web.errors import DATABASE_AWAY
from commentdesk.web.language import TEXTS
from commentdesk.web.times import clock
from services.intake import keys
from services.intake.forms import FIELDS, WORDING
from services.intake.pages import answering, messages, render, return_url
from services.intake.receipt_words import reason_of, status_of
from services.intake.receipts import (
    again,
    correct_and_pass_on,
    find,
    permalink,
    withdraw_and_pass_on,
)

# The address of the page is a key: no other page is told where its reader came from.
_PRIVATE = {"Referrer-Policy": "no-referrer"}
_DONE = frozenset({"sent", "corrected", "withdrawn"})
_LONGEST = {field.name: 2 * field.limit for field in FIELDS}
_Step = Callable[[web.Request], Awaitable[web.Response]]


async def ask_for_code(request: web.Request) -> web.Response:
    """A line to type a code into."""
    return _asking(request)


async def take_code(request: web.Request) -> web.Response:
    """303 to what the typed code leads to; a code that is none is told here."""

    async def lead(request: web.Request) -> web.Response:
        typed = (await read_body(request)).get("code")
        code = read_code(typed) if isinstance(typed, str) else None
        if code is None:
            raise Problem(422, "invalid", errors=[FieldError("code", "not_a_code")])
        raise web.HTTPSeeOther(_path(request, code))

    return await _told(request, lead)


async def show_receipt(request: web.Request) -> web.Response:
    """The comment, what became of it, and while it waits, the ways to change it."""

    async def show(request: web.Request) -> web.Response:
        return _page(request, await find(request))

    return await _told(request, show)


async def change_receipt(request: web.Request) -> web.Response:
    """303 to the page anew; what went wrong is told beside what was typed."""

    async def change(request: web.Request) -> web.Response:
        standing, body = await find(request), dict[str, Any]()
        try:
            body = await read_body(request)
            done = "withdrawn" if body.get("withdraw") else "corrected"
            if done == "withdrawn":
                await withdraw_and_pass_on(request, standing)
            else:
                await correct_and_pass_on(request, standing, body)
        except Problem as problem:
            # It may be the comment that moved, and not the form that was wrong.
            return _page(request, await again(request), problem, body)
        code = receipt_code(request.app[keys.LEDGER], standing.id)
        raise web.HTTPSeeOther(_path(request, code, done=done))

    return await _told(request, change)


async def _told(request: web.Request, step: _Step) -> web.Response:
    """The step's page; whatever else went wrong is told on the page that asks for a code."""
    try:
        return await step(request)
    except Problem as problem:
        return _asking(request, problem)
    except DATABASE_AWAY as error:
        log.error("database_away", error=type(error).__name__)
        return _asking(request, Problem(503, "unavailable", retry_after=5))


def _asking(request: web.Request, problem: Problem | None = None) -> web.Response:
    errors = messages(request, problem)
    response = render(request, "receipt_code.html", headers=_PRIVATE, errors=errors)
    return answering(response, problem)


def _page(
    request: web.Request,
    standing: Standing,
    problem: Problem | None = None,
    typed: Any = None,
) -> web.Response:
    language, zone = language_of(request), request.app[SETTINGS].zone
    code = receipt_code(request.app[keys.LEDGER], standing.id)
    until, status = standing.editable_until, status_of(standing)
    done = request.query.get("done", "")
    own = {name: getattr(standing, name) for name in WORDING}
    response = render(
        request,
        "receipt.html",
        headers=_PRIVATE,
        standing=standing,
        code=code,
        url=f"{request.app[SETTINGS].intake_url}/receipts/{code}",
        path=_path(request, code),
        status=status,
        reason=reason_of(standing, request.app[TEXTS], language),
        permalink=permalink(standing),
        done=done if done in _DONE and not problem else "",
        clock=partial(clock, zone=zone),
        stamp=stamp,
        until=until.astimezone(zone).strftime("%H:%M") if until else "",
        asked=request.app[SETTINGS],
        fields=own | {name: _text(typed.get(name), own[name]) for name in WORDING if typed},
        longest=_LONGEST,
        errors=messages(request, problem),
        return_url=return_url(
            request,
            request.query.get("return_url"),
            standing.article_url or request.app[SETTINGS].articles_url,
        ),
    )
    return answering(response, problem)


def _path(request: web.Request, code: str, **more: str) -> str:
    """The page of a code, in this language and with the same way back."""
    query = {"lang": language_of(request)}
    if back := request.query.get("return_url"):
        query["return_url"] = return_url(request, back, "")
    return f"/receipts/{code}?{urlencode({**query, **more})}"


def _text(value: object, otherwise: str) -> str:
    return value if isinstance(value, str) else otherwise


ROUTES = [
    web.get("/receipts", ask_for_code),
    web.post("/receipts", take_code),
    web.get("/receipts/{code}", show_receipt),
    web.post("/receipts/{code}", change_receipt),
]
