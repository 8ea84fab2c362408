"""The Atom feed of an article's comments (RFC 4287, threads as in RFC 4685)."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from commentdesk.domain.moments import stamp
from services.articles.page import address_of, article_path
from services.articles.records import Article, Comment

_ATOM = "http://www.w3.org/2005/Atom"
_THREADS = "http://purl.org/syndication/thread/1.0"
# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(
    article: Article, comments: Sequence[Comment], *, say: Callable[..., str], base_url: str
) -> bytes:
    """The feed document; `comments` newest first, `say` in the article's language."""
    page = address_of(article, base_url)
    # What an entry is known by stays, whatever becomes of the page's address.
    known = base_url + article_path(article.id)
    own = f"{base_url}/v1/articles/{quote(article.id)}/comments.atom"
    updated = max((comment.received_at for comment in comments), default=article.published_at)
    feed = Element("feed", {"xmlns": _ATOM, "xmlns:thr": _THREADS, "xml:lang": article.language})
    _text(feed, "id", own)
    _text(feed, "title", say("feed.title", title=article.title))
    _text(feed, "updated", stamp(updated))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=own)
    SubElement(feed, "link", rel="alternate", type="text/html", href=page)
    for comment in comments:
        _entry(feed, comment, page, known, say)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: Element, comment: Comment, page: str, known: str, say: Callable[..., str]) -> None:
    address = f"{page}#comment-{comment.id}"
    entry = SubElement(feed, "entry", {"xml:lang": comment.language})
    _text(entry, "id", f"{known}#comment-{comment.id}")
    _text(entry, "title", comment.title or say("feed.untitled", name=comment.name))
    _text(entry, "updated", stamp(comment.received_at))
    _text(entry, "published", stamp(comment.received_at))
    _text(SubElement(entry, "author"), "name", comment.name)
    SubElement(entry, "link", rel="alternate", type="text/html", href=address)
    if comment.parent_id:
        SubElement(entry, "thr:in-reply-to", ref=f"{known}#comment-{quote(comment.parent_id)}")
    _text(entry, "content", comment.content).set("type", "text")


def _text(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    element.text = _NOT_XML.sub("\ufffd", text)
    return element
