"""What an address asks for beyond its path, read in one place."""

from typing import get_args

from aiohttp import web

from commentdesk.web import FieldError, Problem
from services.articles.cursors import BadCursor, Cursor
from services.articles.records import Part, Sort

_PAGE_LIMIT = 100
_COUNTS_LIMIT = 200
_NUMBER_END = 2**63
_NUMBER_DIGITS = 19


def cursor(request: web.Request) -> Cursor | None:
    """Where a page begins.

    Raises:
        Problem: 400, as all of these, where there is no sense in it.
    """
    text = request.query.get("cursor")
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except BadCursor as error:
        raise Problem(400, "invalid_cursor") from error


def limit(request: web.Request, default: int) -> int:
    """How many items a page has."""
    return min(number(request, "limit", default, start=1), _PAGE_LIMIT)


def number(request: web.Request, name: str, default: int | None = None, *, start: int = 0) -> int:
    """A whole number from `start` that the databases can hold."""
    text = request.query.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        raise _wrong(name, "not_a_number")
    found = int(text)
    if not start <= found < _NUMBER_END:
        raise _wrong(name, "out_of_range")
    return found


def part(request: web.Request, order: Sort) -> Part:
    """Which part of a list, in that order unless another is asked for."""
    return Part(_sort(request, order), cursor(request), limit(request, 50))


def text(request: web.Request, name: str) -> str:
    """A text; empty where nothing was said."""
    return _clean(request.query.get(name, ""), name)


def articles(request: web.Request) -> list[str]:
    """The articles named, comma between."""
    asked = [_clean(part, "articles") for part in request.query.get("articles", "").split(",")]
    ids = [part for part in asked if part]
    if len(ids) > _COUNTS_LIMIT:
        raise _wrong("articles", "too_many")
    return ids


def _sort(request: web.Request, default: Sort) -> Sort:
    asked = request.query.get("sort", default)
    for known in get_args(Sort):
        if asked == known:
            return known  # type: ignore[no-any-return]
    raise _wrong("sort", "unknown_sort")


def _clean(found: str, name: str) -> str:
    # PostgreSQL has no NUL in texts.
    if "\x00" in found:
        raise _wrong(name, "control_character")
    return found.strip()


def _wrong(name: str, code: str) -> Problem:
    return Problem(400, "bad_request", errors=[FieldError(name, code)])
