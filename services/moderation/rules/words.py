"""Words, hosts and patterns: three tabs and an API over the same lists."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.domain.moments import stamp
from commentdesk.ledger.words import (
    HOST_KINDS,
    MOST_PATTERNS,
    Added,
    RefusedWord,
    Word,
    WordKind,
    WordMatch,
    add_words,
    remove_word,
)
from commentdesk.ledger.wordsearch import LISTED_KINDS, Sought, count_words, find_words
from commentdesk.log import log
from commentdesk.patterns import PATTERN_LENGTH, PatternRefused, read_pattern
from commentdesk.web import FieldError, Problem
from services.moderation.auth import session_of
from services.moderation.bodies import refused_body
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.keys import BODY, LEDGER
from services.moderation.query import line_asked, size_asked
from services.moderation.reasons import reason_words
from services.moderation.rules.frame import rules_page

MOST_LINES = 1_000
_PAGE_SIZE = 100
_ID_LENGTH = 36
# One form's text; the body's own limit is a little more.
_TEXT_LENGTH = 60_000


class WordsBody(BaseModel):
    """The body of POST /v1/words."""

    model_config = ConfigDict(strict=True, extra="forbid")

    kind: Literal["banned", "suspect", "allowed", "banned_host", "allowed_host"]
    match: Literal["word", "anywhere", "pattern"] = "word"
    texts: list[str] = Field(min_length=1, max_length=MOST_LINES)


@dataclass(frozen=True)
class Tab:
    """Which of the lists a tab shows."""

    name: str
    sought: Sought
    matches: tuple[WordMatch, ...]


TABS = {
    "words": Tab(
        "words", Sought(LISTED_KINDS, patterns=False), (WordMatch.WORD, WordMatch.ANYWHERE)
    ),
    "hosts": Tab("hosts", Sought(tuple(k for k in WordKind if k in HOST_KINDS)), ()),
    "patterns": Tab("patterns", Sought(LISTED_KINDS, patterns=True), (WordMatch.PATTERN,)),
}


TAB_PATTERN = "|".join(TABS)


async def show_words(request: web.Request) -> web.Response:
    """One tab: the lists, with what was looked for."""
    return await words_page(request, TABS[request.match_info["tab"]])


async def add_form(request: web.Request) -> web.Response:
    """Add a word a line; what cannot be added comes back, with why."""
    tab = TABS[request.match_info["tab"]]
    try:
        kind, match, lines = written_words(request, tab)
    except Problem as problem:
        return await words_page(request, tab, problem)
    actor = session_of(request).account.login
    added = await add_words(request.app[LEDGER], lines, kind, actor, match)
    log.info("words_added", count=added.new + added.moved, kind=str(kind))
    if added.refused:
        return await words_page(request, tab, refused_words(added.refused), added)
    query = {"done": "words", "count": added.new + added.moved, "kind": kind}
    return redirect(f"/rules/{tab.name}?{urlencode(query)}")


async def remove_form(request: web.Request) -> web.Response:
    """Take a word off its list."""
    word = text_field(request[BODY], "word", _ID_LENGTH)
    await remove_word(request.app[LEDGER], word, session_of(request).account.login)
    query = {
        name: text_field(request[BODY], name, _ID_LENGTH * 3)
        for name in ("q", "kind")
        if request[BODY].get(name)
    }
    tab = request.match_info["tab"]
    return redirect(f"/rules/{tab}?{urlencode({**query, 'done': 'word_removed'})}")


async def words_page(
    request: web.Request, tab: Tab, problem: Problem | None = None, added: Added | None = None
) -> web.Response:
    """The tab's page; with a problem, its form as it was typed."""
    ledger = request.app[LEDGER]
    text, kind = line_asked(request.query, "q"), _kind_asked(request, tab)
    found = Sought((kind,) if kind else tab.sought.kinds, tab.sought.patterns, text)
    listed, following = await find_words(ledger, found, _cursor_asked(request), _PAGE_SIZE)
    query = {name: value for name, value in (("q", text), ("kind", kind or "")) if value}
    left = "\n".join(refused.text for refused in added.refused) if added else None
    return await rules_page(
        request,
        "rules_words.html",
        tab.name,
        problem,
        kinds=tab.sought.kinds,
        matches=tab.matches,
        listed=listed,
        broken={word.id: trouble for word in listed if (trouble := _trouble(word))},
        counts=await count_words(ledger, Sought(tab.sought.kinds, tab.sought.patterns, text)),
        asked={"q": text, "kind": kind or ""},
        next=urlencode({**query, "cursor": following}) if following else None,
        left=left,
        added=added,
        most=MOST_PATTERNS,
        reason_choices=(await reason_words(request)).choices,
    )


def written_words(request: web.Request, tab: Tab) -> tuple[WordKind, WordMatch, list[str]]:
    """The list, the way and the lines of the form.

    Raises:
        Problem: 422 where a list is none of the tab's, or nothing is written.
    """
    body = request[BODY]
    text = text_field(body, "text", _TEXT_LENGTH)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        raise invalid("text", "required")
    if len(lines) > MOST_LINES:
        raise invalid("text", "too_many_lines", most=MOST_LINES)
    kind, match = body.get("kind"), body.get("match") or next(iter(tab.matches), WordMatch.WORD)
    if kind not in list(tab.sought.kinds):
        raise invalid("kind", "unknown_value")
    if tab.matches and match not in list(tab.matches):
        raise invalid("match", "unknown_value")
    return WordKind(str(kind)), WordMatch(str(match)), lines


def refused_words(refused: tuple[RefusedWord, ...], field: str = "text") -> Problem:
    """422 that names each and says why."""
    errors = [
        FieldError(f"{field}.{each.line}", f"line_{each.code}", values=_values(each))
        for each in refused
    ]
    return Problem(422, "invalid", errors=errors)


async def list_api(request: web.Request) -> web.Response:
    """A page of the lists."""
    kind = _kind_asked(request, None)
    sought = Sought((kind,) if kind else tuple(WordKind), None, line_asked(request.query, "q"))
    size = size_asked(request.query, _PAGE_SIZE)
    found, following = await find_words(request.app[LEDGER], sought, _cursor_asked(request), size)
    items = [_item(word) for word in found]
    counts = await count_words(request.app[LEDGER], sought)
    return web.json_response({"items": items, "next": following, "counts": counts})


async def add_api(request: web.Request) -> web.Response:
    """Add many at once; 422 where not one of them could be."""
    try:
        body = WordsBody.model_validate(request[BODY])
    except ValidationError as error:
        raise refused_body(error) from None
    actor, kind, match = session_of(request).account.login, WordKind(body.kind), body.match
    added = await add_words(request.app[LEDGER], body.texts, kind, actor, WordMatch(match))
    if added.refused and not (added.new or added.moved or added.known):
        raise refused_words(added.refused, "texts")
    log.info("words_added", count=added.new + added.moved, kind=body.kind)
    refused = [{"line": each.line, "text": each.text, "code": each.code} for each in added.refused]
    counts = {"new": added.new, "moved": added.moved, "known": added.known}
    return web.json_response({**counts, "refused": refused})


async def remove_api(request: web.Request) -> web.Response:
    """Take it off its list; doing it twice changes nothing."""
    word = request.match_info["id"]
    await remove_word(request.app[LEDGER], word, session_of(request).account.login)
    return web.json_response({"id": word, "removed": True})


def _kind_asked(request: web.Request, tab: Tab | None) -> WordKind | None:
    text = request.query.get("kind", "")
    kinds = list(tab.sought.kinds) if tab else list(WordKind)
    if text and text not in kinds:
        raise invalid("kind", "unknown_value")
    return WordKind(text) if text else None


def _cursor_asked(request: web.Request) -> str:
    return line_asked(request.query, "cursor", 2 * PATTERN_LENGTH)


def _trouble(word: Word) -> str:
    """Why a pattern that is listed cannot be run; empty for all others."""
    if word.match == WordMatch.PATTERN:
        try:
            read_pattern(word.text)
        except PatternRefused as refused:
            return refused.code
    return ""


def _values(refused: RefusedWord) -> dict[str, object]:
    limit = PATTERN_LENGTH if refused.code.startswith("pattern") else _ID_LENGTH
    shown = refused.text if len(refused.text) <= limit else f"{refused.text[:limit]}…"
    return {"line": refused.line + 1, "text": shown, "part": refused.part, "most": MOST_PATTERNS}


def _item(word: Word) -> dict[str, Any]:
    return {
        "id": word.id,
        "kind": word.kind,
        "text": word.text,
        "match": word.match,
        "actor": word.actor,
        "at": stamp(word.at),
    }
