"""The article page and the index page: whole without any script."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from commentdesk.domain.moments import stamp
from commentdesk.settings import Settings
from commentdesk.web import Texts, templates
from commentdesk.web.pages import policies
from commentdesk.web.times import clock
from services.articles.answers import Body
from services.articles.records import Article, Comment, Page

FOLDER = Path(__file__).parent
# Views are exact to here; beyond, a page is not made anew before their second digit changes.
_EXACT_DIGITS = 2


@dataclass(frozen=True, slots=True)
class ArticleView:
    """All that an article page shows."""

    article: Article
    views: int
    newer: list[Article]
    older: list[Article]
    comments: Page[Comment]
    count: int
    # The newest comments, where new ones will stand.
    first: bool
    # One thread by itself.
    alone: bool


class Pages:
    """Renders the two pages for one installation."""

    def __init__(self, settings: Settings, texts: Texts) -> None:
        self._settings = settings
        self._texts = texts
        self._environment = templates(
            FOLDER / "templates",
            site_name=settings.site_name,
            intake_url=settings.intake_url,
            articles_url=settings.articles_url,
            clock=partial(clock, zone=settings.zone),
            stamp=stamp,
            path=article_path,
            address_of=address_of,
            paragraphs=paragraphs,
        )

    def article(self, view: ArticleView) -> Body:
        """The article page, in the article's language."""
        article = view.article
        html = self._render(
            "article.html",
            article.language,
            **{name: getattr(view, name) for name in ArticleView.__slots__},
            form_url=self._form_url(article),
        )
        policy = content_security_policy(self._settings.intake_url, article.image_url or "")
        return Body(html.encode(), policies(policy))

    def index(self, articles: Page[Article], *, first: bool) -> Body:
        """Part of the list of articles; `first`: the newest."""
        html = self._render(
            "index.html",
            self._settings.default_language,
            articles=articles,
            first=first,
        )
        policy = content_security_policy(self._settings.intake_url)
        return Body(html.encode(), policies(policy))

    def _render(self, template: str, language: str, **values: object) -> str:
        def say(key: str, **parts: object) -> str:
            return self._texts.say(language, key, **parts)

        return self._environment.get_template(template).render(
            lang=language, direction=self._texts.direction(language), say=say, **values
        )

    def _form_url(self, article: Article) -> str:
        back = self._settings.articles_url + article_path(article.id)
        query = urlencode({"lang": article.language, "return_url": back})
        return f"{self._settings.intake_url}/v1/articles/{quote(article.id)}/form?{query}"


def content_security_policy(intake_url: str, picture: str = "") -> str:
    """Nothing but our own files, intake's widget with what it needs, the picture's host."""
    parts = urlsplit(intake_url)
    intake = f"{parts.scheme}://{parts.netloc}"
    elsewhere = urlsplit(picture).netloc
    pictures = f"{intake} https://{elsewhere}" if elsewhere else intake
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {intake}",
            f"style-src 'self' {intake}",
            f"connect-src 'self' {intake}",
            f"img-src 'self' {pictures} data:",
            f"media-src {intake}",
            f"frame-src {intake}",
            f"form-action {intake}",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    )


def roughly(views: int) -> int:
    """The views a page made now may go on showing: at most a tenth behind."""
    step = int(10 ** max(0, len(str(views)) - _EXACT_DIGITS))
    return views - views % step


def article_path(article_id: str) -> str:
    """Where the article's page is on this host."""
    return f"/articles/{quote(article_id)}"


def address_of(article: Article, home: str = "") -> str:
    """Where an article is read: the newsroom's own page, else ours at `home`."""
    return article.url or home + article_path(article.id)


def paragraphs(text: str) -> list[str]:
    """A text's paragraphs: blank lines part them."""
    return [part for part in (part.strip() for part in text.split("\n\n")) if part]
