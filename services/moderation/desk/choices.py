"""What the desk's filters offer to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from aiohttp import web

from commentdesk.domain.text import fold
from commentdesk.ledger.articles import (
    KnownArticle,
    find_articles,
    known_articles,
    known_sections,
)
from commentdesk.web import Texts
from services.moderation.auth import sections_of
from services.moderation.desk.asked import Asked
from services.moderation.keys import LEDGER
from services.moderation.pages import CONSOLE

_ARTICLES = 50


@dataclass(frozen=True)
class Choices:
    """Of each filter that is chosen rather than typed."""

    checks: dict[str, str]
    # What checks find; what moderators give is on the page already.
    reasons: dict[str, str]
    sections: Sequence[str]
    # The last seen; and of the one that is asked for its title.
    articles: Sequence[KnownArticle]
    title: str


async def choices(request: web.Request, asked: Asked) -> Choices:
    """In the moderator's language, of the sections that are theirs."""
    ledger, own = request.app[LEDGER], sections_of(request)
    texts, language = request.app[CONSOLE].texts, request.app[CONSOLE].language(request)
    named = await known_articles(ledger, [asked.article]) if asked.article else {}
    return Choices(
        checks=texts.named(language, "check"),
        reasons=_reasons(texts, language),
        sections=sorted(own) if own else await known_sections(ledger),
        articles=await find_articles(ledger, "", _ARTICLES, own),
        title=named[asked.article].title if named else "",
    )


@cache
def _reasons(texts: Texts, language: str) -> dict[str, str]:
    """In the order of their words; put so once, not for every page."""
    found = texts.named(language, "reason")
    return dict(sorted(found.items(), key=lambda item: fold(item[1])))
