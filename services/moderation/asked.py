"""What part of the desk was asked for: state, article, text, order, place."""

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from commentdesk.domain.state import State
from commentdesk.domain.text import has_control_character, normalize_line
from commentdesk.ledger import Ledger, desk
from commentdesk.ledger.order import SORTS, is_cursor
from commentdesk.web import Problem
from services.moderation.fields import invalid

ALL = "all"
_UNSAID = {"state": str(State.HELD), "sort": "oldest"}
_LONGEST = 200
_MOST = 100


@dataclass(frozen=True)
class Asked:
    """One view of the desk; `url` leads to it."""

    state: str
    article: str = ""
    text: str = ""
    sort: str = "oldest"
    cursor: str = ""
    limit: int = 30

    @classmethod
    def read(cls, request: web.Request, *, state: str, limit: int) -> "Asked":
        """From the query; `state` and `limit` where it has none.

        Raises:
            Problem: 400 or 422 naming what cannot be answered.
        """
        sort = _sort(request.query.get("sort") or _UNSAID["sort"])
        return cls(
            _state(request.query.get("state") or state),
            _line(request, "article"),
            _line(request, "q"),
            sort,
            _cursor(request, sort),
            _limit(request, limit),
        )

    async def answer(self, ledger: Ledger) -> desk.Page:
        """The page of entries."""
        return await desk.listing(
            ledger,
            state=None if self.state == ALL else self.state,
            article=self.article or None,
            text=self.text or None,
            sort=self.sort,
            cursor=self.cursor or None,
            limit=self.limit,
        )

    def url(self, **changes: str) -> str:
        """The desk's address for this view, changed as told; the place in the list is dropped."""
        query = {
            "state": self.state,
            "article": self.article,
            "q": self.text,
            "sort": self.sort,
            **changes,
        }
        filled = {n: value for n, value in query.items() if value != _UNSAID.get(n, "")}
        return f"/?{urlencode(filled)}" if filled else "/"


def cursor_of(request: web.Request) -> str | None:
    """The cursor of a list whose ids are UUIDs.

    Raises:
        Problem: 400 where it is none of ours.
    """
    return _cursor(request, _UNSAID["sort"]) or None


def limit_of(request: web.Request, default: int) -> int:
    """How many a program wants in a page.

    Raises:
        Problem: 422 where it is no number from 1 to 100.
    """
    return _limit(request, default)


def _state(text: str) -> str:
    if text != ALL and text not in list(State):
        raise invalid("state", "unknown_value")
    return text


def _sort(text: str) -> str:
    if text not in SORTS:
        raise invalid("sort", "unknown_value")
    return text


def _line(request: web.Request, name: str) -> str:
    text = normalize_line(request.query.get(name, ""))
    if len(text) > _LONGEST:
        raise invalid(name, "too_long", limit=_LONGEST)
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def _cursor(request: web.Request, sort: str) -> str:
    text = request.query.get("cursor", "")
    if text and not is_cursor(sort, text):
        raise Problem(400, "invalid_cursor")
    return text


def _limit(request: web.Request, default: int) -> int:
    text = request.query.get("limit", str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST))):
        raise invalid("limit", "wrong_type")
    if not 1 <= int(text) <= _MOST:
        raise invalid("limit", "out_of_range", most=_MOST)
    return int(text)
