"""Articles and comments as JSON."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from commentdesk.domain.moments import stamp
from services.articles.answers import Body
from services.articles.cursors import Cursor
from services.articles.records import Article, Comment


def article(found: Article, url: str) -> dict[str, Any]:
    """An article, read at `url`."""
    document = asdict(found) | {"published_at": stamp(found.published_at), "url": url}
    del document["edition"]
    return document


def comment(found: Comment) -> dict[str, Any]:
    """A comment with the replies that are at hand."""
    return {
        "id": found.id,
        "parent_id": found.parent_id,
        "name": found.name,
        "title": found.title,
        "content": found.content,
        "language": found.language,
        "received_at": stamp(found.received_at),
        "removed": found.removed,
        "reply_count": found.reply_count,
        "replies": [comment(reply) for reply in found.replies],
        "replies_previous": _cursor(found.replies_previous),
        "replies_next": _cursor(found.replies_next),
    }


def listed(items: list[dict[str, Any]], following: Cursor | None) -> dict[str, Any]:
    """Part of a list."""
    return {"items": items, "next": _cursor(following)}


def body(document: dict[str, Any]) -> Body:
    """As sent."""
    return Body(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def digest(document: dict[str, Any]) -> str:
    """The same for the same document alone."""
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()[:24]


def _cursor(found: Cursor | None) -> str | None:
    return str(found) if found else None
