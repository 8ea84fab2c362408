"""What a worker asks of an article store, whichever newsroom system stands behind it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

# What an article's id can be: safe in a path as it is, and no dot segment of one (RFC 3986).
ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}"
_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Whether an article can have this id."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class Article:
    id: str
    title: str
    language: str
    url: str
    comments: str
    section: str = ""


@dataclass(frozen=True)
class StoredComment:
    """A comment as it is published; `version` orders everything ever sent of one id."""

    id: str
    version: int
    article: str
    parent_id: str | None
    name: str
    title: str
    content: str
    language: str
    received_at: datetime


class Delivery(StrEnum):
    """APPLIED changed something; ABSORBED was there already; the third will never be accepted."""

    APPLIED = "applied"
    ABSORBED = "absorbed"
    UNKNOWN_ARTICLE = "unknown_article"


class StoreUnavailable(Exception):
    """The store did not answer, or not now; `retry_after` in seconds if it said when."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class StoreRefused(Exception):
    """The store understood and said no; the same again will be refused again."""


class ArticleStore(Protocol):
    """Every call may be repeated without harm. All raise StoreUnavailable or StoreRefused."""

    async def article(self, article: str) -> Article | None:
        """The article, or None if there is none."""

    async def publish(self, comments: Sequence[StoredComment]) -> dict[str, Delivery]:
        """Put comments under their articles; what became of each id."""

    async def retract(self, versions: dict[str, int]) -> None:
        """Take comments away, each with the version of its removal."""

    async def close(self) -> None: ...
