"""What part of the desk was asked for: view, filters, words, order, place."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from commentdesk.domain.state import State
from commentdesk.ledger import Ledger, desk
from commentdesk.ledger.filters import FOLDED, MINE, VIEWS, Wanted
from commentdesk.ledger.order import SORTS, is_cursor
from commentdesk.ledger.related import masked_trace
from commentdesk.web import SETTINGS, Problem
from services.moderation.auth import sections_of, viewer_of
from services.moderation.dates import day_of, start_of
from services.moderation.desk.operators import read_search
from services.moderation.desk.traces import KINDS, TRACE_PATTERN, trace
from services.moderation.fields import invalid
from services.moderation.query import line_asked, size_asked

ALL = "all"
STATES = (*map(str, State), ALL)
DESK = "waiting"
ID_PATTERN = "[0-9a-f-]{36}"
MOST_IDS = 100
UNFOLDED = "off"
# In the order the page shows them.
FILTERS = (
    *("article", "section", "check", "reason", "language", "decided_by", "after", "before"),
    *(*KINDS, "name", "campaign"),
)
_NEWEST_FIRST = frozenset({"published", "rejected", "removed", MINE})
_ID = re.compile(ID_PATTERN)
_PATTERNS = {
    **{kind: re.compile(TRACE_PATTERN) for kind in KINDS},
    "campaign": re.compile(ID_PATTERN),
}


@dataclass(frozen=True)
class Asked:
    """One view of the desk, or with `state` all in one state; `url` leads to it."""

    view: str = ""
    state: str = ""
    article: str = ""
    section: str = ""
    check: str = ""
    reason: str = ""
    language: str = ""
    decided_by: str = ""
    after: str = ""
    before: str = ""
    phone: str = ""
    ip: str = ""
    name: str = ""
    campaign: str = ""
    q: str = ""
    sort: str = "oldest"
    fold: str = ""
    cursor: str = ""
    limit: int = 30
    ids: tuple[str, ...] = ()
    # How a phone or address may be shown.
    masks: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, str], *, otherwise: str, limit: int) -> "Asked":
        """From a query's parameters; the view or state `otherwise`, and `limit`, unless said.

        What `q` says with operators goes before parameters of the same name.

        Raises:
            Problem: 400 or 422 naming what cannot be answered.
        """
        search = read_search(line_asked(given, "q"))
        said = {name: search.filters.get(name) or line_asked(given, name) for name in FILTERS}
        view, state = _place(given, search.filters.get("state", ""), otherwise)
        sort = _one_of("sort", line_asked(given, "sort"), SORTS) or default_sort(view)
        filters: dict[str, Any] = {name: _checked(name, value) for name, value in said.items()}
        return cls(
            view=view,
            state=state,
            **filters,
            q=search.text,
            sort=sort,
            fold=_one_of("fold", line_asked(given, "fold"), (UNFOLDED,)),
            cursor=_cursor(given, sort),
            limit=size_asked(given, limit),
            ids=_ids(given),
        )

    async def answer(self, request: web.Request, ledger: Ledger) -> desk.Page:
        """The page of entries, of those this moderator may see."""
        return await desk.listing(
            ledger,
            await self.wanted(request, ledger),
            sort=self.sort,
            cursor=self.cursor or None,
            limit=self.limit,
            fold=self.folded,
        )

    async def wanted(self, request: web.Request, ledger: Ledger) -> Wanted:
        """What the ledger has to look for."""
        sections, zone = sections_of(request), request.app[SETTINGS].zone
        same = ("article", "section", "check", "reason", "language", "decided_by", "name")
        return Wanted(
            view=self.view,
            state="" if self.state == ALL else self.state,
            viewer=viewer_of(request),
            sections=sections,
            ids=self.ids,
            **{name: getattr(self, name) for name in (*same, "campaign")},
            after=start_of(day_of(self.after), zone) if self.after else None,
            before=start_of(day_of(self.before), zone) if self.before else None,
            phone=await trace(ledger, "phone", self.phone, sections),
            network=await trace(ledger, "ip", self.ip, sections),
            terms=read_search(self.q).terms,
        )

    async def masked(self, request: web.Request, ledger: Ledger) -> "Asked":
        """The same, knowing how its phone and address may be shown."""
        masks = {}
        for kind in KINDS:
            found = await trace(ledger, kind, getattr(self, kind), sections_of(request))
            masks[kind] = await masked_trace(ledger, kind, found) if found else ""
        return replace(self, masks=masks)

    @property
    def folded(self) -> bool:
        """Whether those of one campaign stand as one."""
        return self.view in FOLDED and not (self.fold or self.campaign)

    @property
    def filters(self) -> list[tuple[str, str]]:
        """Each filter that is set, with its value as it may be shown."""
        shown = {**asdict(self), **{kind: self.masks.get(kind, "") or "…" for kind in KINDS}}
        return [(name, shown[name]) for name in (*FILTERS, "q") if getattr(self, name)]

    @property
    def fields(self) -> dict[str, str]:
        """What the search form is filled in with again; phone and address are not."""
        hidden = dict.fromkeys(KINDS, "")
        return {**{name: getattr(self, name) for name in (*FILTERS, "q")}, **hidden}

    def url(self, **changes: str) -> str:
        """The desk's address for this, changed as told; the place in the list is dropped."""
        query: dict[str, Any] = {
            name: getattr(self, name) for name in ("view", "state", *FILTERS, "q", "fold")
        }
        # Another view begins in its own order.
        query["sort"] = "" if self.sort == default_sort(self.view) else self.sort
        if changes.get("view"):
            query["state"] = ""
        if changes.get("state"):
            query["view"] = ""
        query |= changes
        unsaid = {"view": DESK, "sort": default_sort(query["view"])}
        filled = {
            name: value for name, value in query.items() if value and value != unsaid.get(name)
        }
        return f"/?{urlencode(filled)}" if filled else "/"


def default_sort(view: str) -> str:
    """The order a view has unless another is asked for."""
    return "newest" if view in _NEWEST_FIRST else "oldest"


def cursor_of(request: web.Request) -> str | None:
    """The cursor of a list whose ids are UUIDs.

    Raises:
        Problem: 400 where it is none of ours.
    """
    return _cursor(request.query, "oldest") or None


def _place(given: Mapping[str, str], typed: str, otherwise: str) -> tuple[str, str]:
    """View and state, one of which is empty: a state is looked for in all views."""
    view = _one_of("view", line_asked(given, "view"), VIEWS)
    state = _one_of("state", typed or line_asked(given, "state"), STATES)
    if state:
        return "", state
    if not view and otherwise in STATES:
        return "", otherwise
    return view or otherwise, ""


def _checked(name: str, value: str) -> str:
    if name in _PATTERNS and value and not _PATTERNS[name].fullmatch(value):
        raise invalid(name, "personal_in_address" if name in KINDS else "unknown_value")
    if name in ("after", "before") and value:
        try:
            day_of(value)
        except ValueError:
            raise invalid(name, "not_a_date") from None
    return value


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value and value not in known:
        raise invalid(name, "unknown_value")
    return value


def _ids(given: Mapping[str, str]) -> tuple[str, ...]:
    text = given.get("id", "")
    ids = tuple(text.split(",")) if text else ()
    if len(ids) > MOST_IDS:
        raise invalid("id", "out_of_range", most=MOST_IDS)
    if not all(_ID.fullmatch(each) for each in ids):
        raise invalid("id", "wrong_type")
    return ids


def _cursor(given: Mapping[str, str], sort: str) -> str:
    text = given.get("cursor", "")
    if text and not is_cursor(sort, text):
        raise Problem(400, "invalid_cursor")
    return text
