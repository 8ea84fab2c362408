"""Pages for editors and admins: words, the audit."""

from aiohttp import web

from commentdesk.ledger import audit, words
from commentdesk.web import Problem
from services.moderation.asked import cursor_of
from services.moderation.auth import session_of
from services.moderation.fields import invalid, redirect, text_field
from services.moderation.formpages import with_form
from services.moderation.keys import BODY, LEDGER
from services.moderation.pages import CONSOLE

_WORD_LENGTH = 100
_ID_LENGTH = 36
_AUDIT_SIZE = 50


async def show_words(request: web.Request) -> web.Response:
    """The lists of words and of hosts."""
    return await _words_page(request)


async def add_word(request: web.Request) -> web.Response:
    """Put a word or host on a list; one of another list moves."""
    body = request[BODY]
    actor = session_of(request).account.login
    try:
        text, kind = text_field(body, "text", _WORD_LENGTH), text_field(body, "kind", _WORD_LENGTH)
        match = text_field(body, "match", _WORD_LENGTH) or words.WordMatch.WORD
        await words.add_word(request.app[LEDGER], text, kind, actor, match)
    except words.NotAHost:
        return await _words_page(request, invalid("text", "not_a_host"))
    except ValueError:
        return await _words_page(request, invalid("text", "empty_word"))
    except Problem as problem:
        return await _words_page(request, problem)
    return redirect(f"/words#{kind}")


async def remove_word(request: web.Request) -> web.Response:
    """Take a word off its list."""
    word = text_field(request[BODY], "word", _ID_LENGTH)
    await words.remove_word(request.app[LEDGER], word, session_of(request).account.login)
    return redirect("/words")


async def show_audit(request: web.Request) -> web.Response:
    """Who did what, the newest first."""
    entries = await audit.recent(request.app[LEDGER], _AUDIT_SIZE, cursor_of(request))
    following = entries[-1].id if len(entries) == _AUDIT_SIZE else None
    return request.app[CONSOLE].render(request, "audit.html", entries=entries, next=following)


async def _words_page(request: web.Request, problem: Problem | None = None) -> web.Response:
    listed = await words.list_words(request.app[LEDGER])
    by_kind = {str(kind): [word for word in listed if word.kind == kind] for kind in words.WordKind}
    matches = list(words.WordMatch)
    return with_form(request, "words.html", problem, by_kind=by_kind, matches=matches)
