"""What the store's functions answer with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from services.articles.cursors import Cursor

Item = TypeVar("Item")
Result = Literal["applied", "absorbed", "unknown_article"]
Sort = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Article:
    """An article as stored."""

    id: str
    title: str
    lead: str
    body: str
    url: str | None
    section: str | None
    language: str
    published_at: datetime
    comments: str
    views: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that stands, or the tombstone of one whose replies still stand."""

    id: str
    article: str
    parent_id: str | None
    name: str
    title: str
    content: str
    language: str
    received_at: datetime
    removed: bool
    replies: tuple["Comment", ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list, and where the next part begins."""

    items: tuple[Item, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something readers of an article's page should hear of."""

    id: str
    article: str
    type: Literal["published", "removed"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each comment of a call, in its order, and what changed by it."""

    results: tuple[tuple[str, Result], ...]
    changes: tuple[Change, ...]
