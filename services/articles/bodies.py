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
# A picture is fetched encrypted, or from the page's own site; nothing in its address can end the
# directive of the policy that its host is named in.
_PATH = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]"
_OWN = r"/([A-Za-z0-9._~:?#\[\]@!$&'()*+,;=%-]" + _PATH + "*)?"
Picture = Annotated[
    str,
    StringConstraints(
        pattern=rf"^(https://[A-Za-z0-9.-]+(:[0-9]{{1,5}})?(/{_PATH}*)?|{_OWN})$", max_length=2_000
    ),
]
Pixels = Annotated[int, Field(ge=1, le=20_000)]


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
    author: Text | None = Field(None, max_length=300)
    image_url: Picture | None = None
    image_alt: Text | None = Field(None, max_length=1_000)
    image_caption: Text | None = Field(None, max_length=1_000)
    image_width: Pixels | None = None
    image_height: Pixels | None = None


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
