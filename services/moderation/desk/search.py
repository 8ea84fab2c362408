"""The search form: a phone or an address that was typed never stands in an address of ours."""

import re

from aiohttp import web

from commentdesk.web import SETTINGS
from services.moderation.desk.asked import DESK, FILTERS, Asked
from services.moderation.desk.operators import read_search
from services.moderation.desk.traces import KINDS, TRACE_PATTERN, kind_of, trace_from
from services.moderation.fields import redirect, text_field
from services.moderation.keys import BODY, LEDGER

_LONGEST = 200
_OTHERS = ("view", "state", "sort", "fold")
_TRACE = re.compile(TRACE_PATTERN)


async def search(request: web.Request) -> web.Response:
    """To the address of what was asked for."""
    body, ledger = request[BODY], request.app[LEDGER]
    names = (*FILTERS, *_OTHERS, "q", *(f"{kind}_now" for kind in KINDS))
    given = {name: text_field(body, name, _LONGEST) for name in names}
    typed = read_search(given["q"])
    given |= typed.filters
    if "state" in typed.filters:
        given["view"] = ""
    given["q"] = _without_personal(typed.words, given, request.app[SETTINGS].phone_region)
    for kind in KINDS:
        if not given[kind]:
            # What the form was opened with.
            given[kind] = given[f"{kind}_now"]
        elif not _TRACE.fullmatch(given[kind]):
            given[kind] = trace_from(ledger, kind, given[kind])
    asked = Asked.read(given, otherwise=DESK, limit=1)
    await asked.wanted(request, ledger)
    return redirect(asked.url())


def _without_personal(words: tuple[str, ...], given: dict[str, str], region: str) -> str:
    """The words that are left as text; a number among them becomes a filter."""
    whole = " ".join(words)
    if kind := kind_of(whole, region):
        given[kind] = given[kind] or whole
        return ""
    left = []
    for word in words:
        if kind := kind_of(word, region):
            given[kind] = given[kind] or word
        else:
            left.append(word)
    return " ".join(left)
