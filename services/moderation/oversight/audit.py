"""The audit on show, for people, programs and spreadsheets, and whether its chain holds."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from commentdesk.domain.moments import stamp
from commentdesk.ledger import Ledger, audit
from commentdesk.ledger.audit import SAW_PERSONAL_DATA, AuditEntry, Wanted
from commentdesk.web import SETTINGS, Problem
from services.moderation.dates import day_of, start_of
from services.moderation.desk.showing import plain
from services.moderation.fields import invalid
from services.moderation.keys import AUDIT, LEDGER
from services.moderation.oversight.audit_watch import AuditWatch
from services.moderation.oversight.spreadsheet import UTF8_MARK, line
from services.moderation.pages import CONSOLE
from services.moderation.query import LONGEST, line_asked, size_asked
from services.moderation.reasons import reasons_on_page

# Stands for all deeds that showed somebody phone numbers in full.
SAW = "personal_data"
# As an index of a path: a number of the chain.
CURSOR_PATTERN = "[0-9]{1,18}"
_CURSOR = re.compile(CURSOR_PATTERN, re.ASCII)
_FIELDS = ("actor", "action", "submission", "after", "before", "q")
_PAGE_SIZE = 50
_ROWS_AT_ONCE = 500
_COLUMNS = ("number", "at", "actor", "action", "submission", "detail", "note_erased", "mac")


@dataclass(frozen=True)
class AuditQuery:
    """What part of the audit was asked for; `typed` is the query without the place in the list."""

    wanted: Wanted = field(default_factory=Wanted)
    before: int | None = None
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, request: web.Request) -> "AuditQuery":
        """From the address.

        Raises:
            Problem: 400 or 422 naming what cannot be answered.
        """
        cursor = request.query.get("cursor", "")
        if cursor and not _CURSOR.fullmatch(cursor):
            raise Problem(400, "invalid_cursor")
        typed = {name: text for name in _FIELDS if (text := line_asked(request.query, name))}
        action, zone = typed.get("action", ""), request.app[SETTINGS].zone
        wanted = Wanted(
            actor=typed.get("actor", "").casefold(),
            actions=SAW_PERSONAL_DATA if action == SAW else (action,) if action else (),
            submission=typed.get("submission", "").lower(),
            since=_midnight(typed, "after", 0, zone),
            until=_midnight(typed, "before", 1, zone),
            text=typed.get("q", ""),
        )
        return cls(wanted, int(cursor) if cursor else None, typed)

    def url(self, path: str, **changes: str) -> str:
        """The address of this part of the audit."""
        query = {**self.typed, **changes}
        return f"{path}?{urlencode(query)}" if query else path


async def show_audit(request: web.Request) -> web.Response:
    """A page of the audit, the newest first, and whether the chain holds."""
    console, ledger = request.app[CONSOLE], request.app[LEDGER]
    query, errors, status, following = AuditQuery(), [], 200, None
    entries: list[AuditEntry] = []
    try:
        query = AuditQuery.read(request)
        entries, following = await _page(ledger, query, _PAGE_SIZE)
    except Problem as problem:
        if not problem.errors:
            raise
        errors, status = console.messages(request, problem), problem.status
    return console.render(
        request,
        "audit.html",
        status=status,
        errors=errors,
        query=query,
        typed={name: request.query.get(name, "")[:LONGEST] for name in _FIELDS},
        entries=entries,
        next=following,
        actions=await audit.actions_known(ledger),
        saw=SAW,
        chain=request.app[AUDIT],
        **await reasons_on_page(request),
    )


async def get_audit(request: web.Request) -> web.Response:
    """The same for programs."""
    query, size = AuditQuery.read(request), size_asked(request.query, _PAGE_SIZE)
    entries, following = await _page(request.app[LEDGER], query, size)
    return web.json_response(
        {
            "items": [plain(asdict(entry)) for entry in entries],
            "next": following,
            "chain": chain_document(request.app[AUDIT]),
        }
    )


async def download_audit(request: web.Request) -> web.StreamResponse:
    """All rows of that part of the audit, for a spreadsheet."""
    query = AuditQuery.read(request)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="audit.csv"',
        }
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    await response.write(UTF8_MARK + line(_COLUMNS))
    async for entries in _all(request.app[LEDGER], query):
        await response.write(b"".join(line(_cells(entry)) for entry in entries))
    await response.write_eof()
    return response


def chain_document(watch: AuditWatch) -> dict[str, Any]:
    """Whether the chain holds, and its head, as JSON has it."""
    return {
        "holds": watch.holds,
        "number": watch.head.number,
        "mac": watch.head.mac.hex(),
        "checked": watch.checked,
        "faults": [
            {"kind": str(fault.kind), "number": fault.number, "last": fault.last}
            for fault in watch.faults
        ],
    }


async def _page(
    ledger: Ledger, query: AuditQuery, size: int
) -> tuple[list[AuditEntry], str | None]:
    found = await audit.search(ledger, query.wanted, size + 1, query.before)
    page = list(found[:size])
    return page, str(page[-1].number) if len(found) > size else None


async def _all(ledger: Ledger, query: AuditQuery) -> AsyncIterator[list[AuditEntry]]:
    before = query.before
    while entries := list(await audit.search(ledger, query.wanted, _ROWS_AT_ONCE, before)):
        yield entries
        before = entries[-1].number


def _cells(entry: AuditEntry) -> list[object]:
    return [stamp(entry.at) if name == "at" else getattr(entry, name) for name in _COLUMNS]


def _midnight(typed: Mapping[str, str], name: str, days: int, zone: ZoneInfo) -> datetime | None:
    """When the day begins, or so many days later."""
    if not (text := typed.get(name)):
        return None
    try:
        return start_of(day_of(text) + timedelta(days=days), zone)
    except ValueError:
        raise invalid(name, "not_a_date") from None
