"""What the article store serves, as OpenAPI 3.1."""

from pydantic.json_schema import models_json_schema

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.web.openapi import (
    BODY_STATUSES,
    FLAG,
    NUMBER,
    PROBLEM,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    Schema,
    a_body,
    a_list,
    an_object,
    in_path,
    in_query,
    problems,
    ref,
)
from services.articles.bodies import ArticleBody, CommentsBody

_NEXT: Schema = {"type": ["string", "null"], "description": "The next page's cursor"}
_NUMBER_END = 2**63
_SERVICE: list[dict[str, list[str]]] = [{"serviceToken": []}]


def document() -> Schema:
    """The document, without its version line."""
    return {
        "info": {"title": "Commentdesk article store", "version": "1"},
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"serviceToken": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> Schema:
    return {**_articles(), **_comments(), **_news(), **_pages()}


def _articles() -> Schema:
    return {
        "/v1/articles": {
            "get": _reads("List articles, newest first", "Articles", _listed(), fails=(400,))
        },
        "/v1/articles/{id}": {
            "parameters": [_id()],
            "get": _reads("One article", "Article", fails=(404,)),
            "put": _writes(
                "Store an article", "ArticleBody", "Article", created=True, fails=(404,)
            ),
        },
    }


def _comments() -> Schema:
    return {
        "/v1/articles/{id}/comments": {
            "parameters": [_id()],
            "get": _reads(
                "Threads of an article; with `thread`, the one that comment is in; with "
                "`replies_of`, that thread's replies",
                "Comments",
                [_sort(), *_listed(), *_query("thread", "replies_of")],
                fails=(400, 404),
            ),
        },
        "/v1/articles/{id}/comments.atom": {
            "parameters": [_id()],
            "get": _serves(
                "The newest comments as an Atom feed", "application/atom+xml", fails=(404,)
            ),
        },
        "/v1/comments": {
            "put": _writes("Publish comments by id and version", "CommentsBody", "Results")
        },
        "/v1/comments/{id}": {"parameters": [_id()], "delete": _delete()},
        "/v1/comment-counts": {
            "get": _reads("Comments under each article", "Counts", _query("articles"), fails=(400,))
        },
    }


def _news() -> Schema:
    return {
        "/v1/articles/{id}/comments/changes": {
            "parameters": [_id()],
            "get": _reads(
                "What changed after that version of the article; `complete`: it is all here",
                "Changes",
                [_version("since")],
                fails=(400, 404),
            ),
        },
        "/v1/articles/{id}/comments/events": {
            "parameters": [_id()],
            "get": _serves(
                "Live stream; event `comment` with data {id, type: published or removed, thread, "
                "count, version}",
                "text/event-stream",
                fails=(404,),
            ),
        },
    }


def _pages() -> Schema:
    return {
        "/v1/articles/{id}/views": {
            "parameters": [_id()],
            "post": {
                "summary": "Somebody sees the article; counted once a reader and day",
                "responses": {"204": {"description": "Heard"}, **problems(404)},
            },
        },
        "/v1/articles/{id}/views.gif": {
            "parameters": [_id()],
            "get": _serves(
                "An empty picture; to ask for it counts as a view, once a reader and day",
                "image/gif",
                fails=(404,),
            ),
        },
        "/articles/{id}": {
            "parameters": [_id()],
            "get": _serves(
                "The article page; with `thread`, of one thread",
                "text/html",
                _query("cursor", "thread"),
                fails=(400, 404),
            ),
        },
        "/": {
            "get": _serves(
                "The list of articles as a page", "text/html", _query("cursor"), fails=(400,)
            )
        },
    }


def _reads(
    summary: str, schema: str, parameters: list[Schema] | None = None, *, fails: tuple[int, ...]
) -> Schema:
    answers = _answers(200, schema) | problems(*fails)
    return {"summary": summary, "parameters": parameters or [], "responses": answers}


def _writes(
    summary: str,
    body: str,
    answer: str,
    *,
    created: bool = False,
    fails: tuple[int, ...] = (),
) -> Schema:
    answers = _answers(200, answer) | (_answers(201, answer) if created else {})
    return {
        "summary": summary,
        "security": _SERVICE,
        "requestBody": a_body(body),
        "responses": answers | problems(401, *BODY_STATUSES, *fails, 422),
    }


def _delete() -> Schema:
    return {
        "summary": "Take a comment down, leaving a tombstone of this version",
        "security": _SERVICE,
        "parameters": [_version("version")],
        "responses": _answers(200, "Removal") | problems(400, 401, 404),
    }


def _serves(
    summary: str,
    media_type: str,
    parameters: list[Schema] | None = None,
    *,
    fails: tuple[int, ...],
) -> Schema:
    answer = {"description": summary, "content": {media_type: {"schema": TEXT}}}
    return {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": answer, **problems(*fails)},
    }


def _answers(status: int, schema: str) -> Schema:
    content = {"application/json": {"schema": ref(schema)}}
    return {str(status): {"description": schema, "content": content}}


def _id() -> Schema:
    return in_path("id", {"type": "string", "pattern": f"^{ID_PATTERN}$"})


def _version(name: str) -> Schema:
    number = {"type": "integer", "minimum": 0, "maximum": _NUMBER_END - 1}
    return {**in_query(name, number), "required": True}


def _sort() -> Schema:
    return in_query("sort", {"enum": ["newest", "oldest"]})


def _listed() -> list[Schema]:
    limit = {"type": "integer", "minimum": 1, "maximum": _NUMBER_END - 1}
    return [*_query("cursor"), in_query("limit", limit)]


def _query(*names: str) -> list[Schema]:
    return [in_query(name) for name in names]


def _schemas() -> Schema:
    _, bodies = models_json_schema(
        [(ArticleBody, "validation"), (CommentsBody, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    result = an_object(id=TEXT, result={"enum": ["applied", "absorbed", "unknown_article"]})
    return {
        **bodies["$defs"],
        "Article": _article(),
        "Articles": an_object(items=a_list(ref("Article")), next=_NEXT),
        "Comment": _comment(),
        "Comments": an_object(
            items=a_list(ref("Comment")), next=_NEXT, count=NUMBER, version=NUMBER
        ),
        "Changes": an_object(items=a_list(_change()), complete=FLAG, count=NUMBER, version=NUMBER),
        "Results": an_object(results=a_list(result)),
        "Removal": an_object(result={"enum": ["applied", "absorbed"]}),
        "Counts": an_object(counts={"type": "object", "additionalProperties": NUMBER}),
        "Problem": PROBLEM,
    }


def _article() -> Schema:
    return an_object(
        id=TEXT,
        title=TEXT,
        lead=TEXT,
        body=TEXT,
        url=TEXT_OR_NULL,
        section=TEXT_OR_NULL,
        language=TEXT,
        published_at=TIME,
        comments={"enum": ["open", "closed"]},
        views=NUMBER,
        author=TEXT_OR_NULL,
        image_url=TEXT_OR_NULL,
        image_alt=TEXT_OR_NULL,
        image_caption=TEXT_OR_NULL,
        image_width={"type": ["integer", "null"]},
        image_height={"type": ["integer", "null"]},
        comment_count=NUMBER,
        version=NUMBER,
    )


def _comment() -> Schema:
    return an_object(
        id=TEXT,
        parent_id=TEXT_OR_NULL,
        name=TEXT,
        title=TEXT,
        content=TEXT,
        language=TEXT,
        received_at=TIME,
        removed=FLAG,
        reply_count=NUMBER,
        replies=a_list(ref("Comment")),
        replies_previous=TEXT_OR_NULL,
        replies_next=TEXT_OR_NULL,
    )


def _change() -> Schema:
    return an_object(id=TEXT, type={"enum": ["published", "removed"]}, thread=TEXT)
