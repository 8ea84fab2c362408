"""What the newsroom and the workers may send, checked by pydantic."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

from commentdesk.articlestore.protocol import ID_PATTERN

ITEMS_LIMIT = 1000
_COMMENT_LIMIT = 2**17

# PostgreSQL cannot store NUL; times far from ours overflow when moved to a reader's time zone.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Identifier = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$")]
Time = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC)),
]


class ArticleBody(BaseModel):
    """PUT /v1/articles/{id}."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Text = Field(min_length=1, max_length=500)
    lead: Text = Field(max_length=5_000)
    body: Text = Field(max_length=500_000)
    # Not strictly: newsrooms' addresses have letters in them that browsers escape by themselves.
    url: Annotated[HttpUrl, Field(strict=False)] | None = None
    section: Text | None = Field(None, max_length=200)
    language: Language
    published_at: Time
    comments: Literal["open", "closed"] = "open"


class CommentBody(BaseModel):
    """One published comment, at one version.

    The lengths leave room for all that intake can accept (64 KiB, however few characters a reader
    sees in it): one comment refused here would hold up every other in its call.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: Identifier
    version: int = Field(ge=0, lt=2**63)
    article: Identifier
    parent_id: Text | None = Field(None, max_length=_COMMENT_LIMIT)
    name: Text = Field(max_length=_COMMENT_LIMIT)
    title: Text = Field(max_length=_COMMENT_LIMIT)
    content: Text = Field(max_length=_COMMENT_LIMIT)
    language: Language
    received_at: Time


class CommentsBody(BaseModel):
    """PUT /v1/comments."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    items: list[CommentBody] = Field(max_length=ITEMS_LIMIT)
