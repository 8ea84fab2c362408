"""What the store's functions answer with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    author: str | None = None
    image_url: str | None = None
    image_alt: str | None = None
    image_caption: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    comment_count: int = 0
    version: int = 0
    edition: int = 0


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
    reply_count: int = 0
    replies: tuple["Comment", ...] = ()
    # Where the replies that are not here begin: those before these, those after them.
    replies_previous: Cursor | None = None
    replies_next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is wanted: so many items after the cursor, in that order."""

    sort: Sort = "newest"
    cursor: Cursor | None = None
    limit: int = 50


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
    # The top comment of its thread: itself, when it is the top.
    thread: str
    type: Literal["published", "removed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What changes under an article: its version, and how many comments stand there."""

    version: int
    count: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each comment of a call, in its order, and what changed by it."""

    results: tuple[tuple[str, Result], ...]
    changes: tuple[Change, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
