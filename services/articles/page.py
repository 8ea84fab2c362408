"""The article page and the index page: whole without any script."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from commentdesk.settings import Settings
from commentdesk.web import Texts, page, templates
from services.articles.cursors import Cursor
from services.articles.records import Article, Comment, Page

FOLDER = Path(__file__).parent
_NEWSROOM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class ArticleView:
    """All that an article page shows."""

    article: Article
    views: int
    newer: list[Article]
    older: list[Article]
    comments: Page[Comment]
    count: int
    first: bool


class Pages:
    """Renders the two pages for one installation."""

    def __init__(self, settings: Settings, texts: Texts) -> None:
        self._settings = settings
        self._csp = content_security_policy(settings.intake_url)
        self._texts = texts
        self._environment = templates(
            FOLDER / "templates",
            site_name=settings.site_name,
            intake_url=settings.intake_url,
            articles_url=settings.articles_url,
            local_time=local_time,
            path=article_path,
            paragraphs=paragraphs,
        )

    def article(self, view: ArticleView) -> web.Response:
        """The article page, in the article's language."""
        article = view.article
        return self._page(
            "article.html",
            article.language,
            **{name: getattr(view, name) for name in ArticleView.__slots__},
            form_url=self._form_url(article),
            blank=_blank(article, removed=False),
            blank_tombstone=_blank(article, removed=True),
        )

    def index(
        self, articles: Page[Article], counts: dict[str, int], cursor: Cursor | None
    ) -> web.Response:
        """The list of articles, newest first."""
        return self._page(
            "index.html",
            self._settings.default_language,
            articles=articles,
            counts=counts,
            first=cursor is None,
        )

    def _page(self, template: str, language: str, **values: object) -> web.Response:
        def say(key: str, **parts: object) -> str:
            return self._texts.say(language, key, **parts)

        html = self._environment.get_template(template).render(
            lang=language, direction=self._texts.direction(language), say=say, **values
        )
        return page(html, csp=self._csp, headers={"Cache-Control": "no-cache"})

    def _form_url(self, article: Article) -> str:
        back = self._settings.articles_url + article_path(article.id)
        query = urlencode({"lang": article.language, "return_url": back})
        return f"{self._settings.intake_url}/v1/articles/{quote(article.id)}/form?{query}"


def content_security_policy(intake_url: str) -> str:
    """Nothing but our own files, and intake's widget with what it needs."""
    parts = urlsplit(intake_url)
    intake = f"{parts.scheme}://{parts.netloc}"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {intake}",
            f"style-src 'self' {intake}",
            f"connect-src 'self' {intake}",
            f"img-src 'self' {intake} data:",
            f"media-src {intake}",
            f"frame-src {intake}",
            f"form-action {intake}",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    )


def local_time(moment: datetime) -> str:
    """As Vietnamese papers print it: 09:50 24/06/2020, in Vietnam's time."""
    return moment.astimezone(_NEWSROOM_TIME).strftime("%H:%M %d/%m/%Y")


def article_path(article_id: str) -> str:
    """Where the article's page is on this host."""
    return f"/articles/{quote(article_id)}"


def paragraphs(text: str) -> list[str]:
    """A text's paragraphs: blank lines part them."""
    return [part for part in (part.strip() for part in text.split("\n\n")) if part]


def _blank(article: Article, *, removed: bool) -> Comment:
    """What live.js copies and fills in."""
    return Comment(
        id="",
        article=article.id,
        parent_id=None,
        name="",
        title="",
        content="",
        language=article.language,
        received_at=article.published_at,
        removed=removed,
    )
