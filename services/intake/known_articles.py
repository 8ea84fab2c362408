"""What intake knows of articles: asked of the store, kept briefly, remembered in the ledger."""

import asyncio
import time
from dataclasses import replace

from commentdesk.articlestore import ArticleStore, StoreRefused, StoreUnavailable
from commentdesk.ledger import Ledger
from commentdesk.ledger.articles import KnownArticle, recall, remember
from commentdesk.log import log
from commentdesk.web import Problem
from services.intake.newsroom import Newsroom

_FRESH_SECONDS = 10.0
_MOST_KEPT = 5_000
_ID_LENGTH = 200


class KnownArticles:
    """Articles by id; a store that is away costs freshness, not comments.

    Open or closed is as the newsroom has it, and where it says nothing as the store does.
    """

    def __init__(self, store: ArticleStore, ledger: Ledger, newsroom: Newsroom) -> None:
        self._store = store
        self._ledger = ledger
        self._newsroom = newsroom
        self._kept: dict[str, tuple[float, KnownArticle | None]] = {}
        self._asking: dict[str, asyncio.Task[KnownArticle | None]] = {}

    async def find(self, article: str) -> KnownArticle:
        """The article, open or closed.

        Raises:
            Problem: 404 if there is none; 503 if the store is away and it was never seen.
        """
        if not 0 < len(article) <= _ID_LENGTH or not article.isprintable():
            raise Problem(404, "article_unknown")
        kept_at, known = self._kept.get(article, (0.0, None))
        if time.monotonic() - kept_at > _FRESH_SECONDS or not kept_at:
            known = await self._ask_once(article)
        if known is None:
            raise Problem(404, "article_unknown")
        ruling = await self._newsroom.on(article)
        return replace(known, comments=ruling.comments or known.comments)

    async def find_open(self, article: str) -> KnownArticle:
        """The article if comments are open.

        Raises:
            Problem: as `find`; 409 if comments are closed.
        """
        known = await self.find(article)
        if known.comments != "open":
            raise Problem(409, "comments_closed")
        return known

    async def _ask_once(self, article: str) -> KnownArticle | None:
        """One question at a time about one article, however many readers wait for the answer."""
        asking = self._asking.get(article)
        if asking is None:
            asking = self._asking[article] = asyncio.create_task(self._ask(article))
            asking.add_done_callback(lambda _: self._asking.pop(article))
        return await asyncio.shield(asking)

    async def _ask(self, article: str) -> KnownArticle | None:
        try:
            found = await self._store.article(article)
        except (StoreUnavailable, StoreRefused) as error:
            log.warning("article_store_away", error=str(error))
            known = await recall(self._ledger, article)
            if known is None:
                raise Problem(503, "unavailable", retry_after=5) from error
            self._keep(article, known)
            return known
        known = KnownArticle(**found.__dict__) if found else None
        if known and self._kept.get(article, (0.0, None))[1] != known:
            await remember(self._ledger, known)
        self._keep(article, known)
        return known

    def _keep(self, article: str, known: KnownArticle | None) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[article] = (time.monotonic(), known)
