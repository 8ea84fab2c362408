"""What the newsroom and the workers may send, checked by pydantic."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    ValidationError,
)

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.web import FieldError, Problem, read_bytes

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
Model = TypeVar("Model", bound=BaseModel)


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


async def read_as(kind: type[Model], request: web.Request) -> Model:
    """The request's body.

    Raises:
        Problem: 400, 413, 415, or 422 naming the fields that are wrong.
    """
    if request.content_type != "application/json":
        raise Problem(415, "unsupported_media_type")
    try:
        return kind.model_validate_json(await read_bytes(request, request.client_max_size))
    except ValidationError as error:
        # Without the input: what a reader typed is not repeated in an error.
        troubles = error.errors(include_url=False, include_context=False, include_input=False)
        if any(trouble["type"] == "json_invalid" for trouble in troubles):
            raise Problem(400, "invalid_json") from None
        raise Problem(422, "invalid", errors=[_field_error(t) for t in troubles]) from None


def _field_error(trouble: Any) -> FieldError:
    field = ".".join(str(part) for part in trouble["loc"])
    return FieldError(field, trouble["type"], trouble["msg"])
