"""The article store's HTTP: reading for everyone, writing for the newsroom and the workers."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

from aiohttp import web
from pydantic import BaseModel, ValidationError

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.web import SETTINGS, FieldError, Problem, read_bytes, service_only
from services.articles import events, feed, shelf, store, threads
from services.articles.bodies import ArticleBody, CommentsBody
from services.articles.cursors import BadCursor, Cursor
from services.articles.keys import DATABASE, LIVE, PAGES, STREAMS, TEXTS, VIEW_COUNT
from services.articles.page import FOLDER, ArticleView, article_path
from services.articles.records import Article, Comment, Sort

_PAGE_LIMIT = 100
_COUNTS_LIMIT = 200
_VERSION_END = 2**63
_NUMBER_DIGITS = 19
Body = TypeVar("Body", bound=BaseModel)


@service_only
async def put_article(request: web.Request) -> web.Response:
    """Store an article."""
    body = await _body(request, ArticleBody)
    article_id = request.match_info["id"]
    created = await store.put_article(request.app[DATABASE], article_id, body)
    return web.json_response(
        _article(request, await _find(request)), status=201 if created else 200
    )


async def get_article(request: web.Request) -> web.Response:
    """One article; asking here is not a view."""
    return web.json_response(_article(request, await _find(request)))


async def list_articles(request: web.Request) -> web.Response:
    """The articles, newest first."""
    page = await shelf.articles_page(
        request.app[DATABASE], cursor=_cursor(request), limit=_limit(request, 20)
    )
    return _list([_article(request, article) for article in page.items], page.next)


@service_only
async def put_comments(request: web.Request) -> web.Response:
    """Publish comments."""
    body = await _body(request, CommentsBody)
    written = await store.put_comments(request.app[DATABASE], body.items)
    await events.announce(request.app[LIVE], written.changes)
    results = [{"id": comment, "result": result} for comment, result in written.results]
    return web.json_response({"results": results})


@service_only
async def delete_comment(request: web.Request) -> web.Response:
    """Take a comment down, leaving its tombstone."""
    written = await store.remove_comment(
        request.app[DATABASE], request.match_info["id"], _version(request)
    )
    await events.announce(request.app[LIVE], written.changes)
    return web.json_response({"result": written.results[0][1]})


async def list_comments(request: web.Request) -> web.Response:
    """Threads of an article, or with ?thread= the one thread that comment is in."""
    article = await _find(request)
    database = request.app[DATABASE]
    sort, cursor, limit = _sort(request), _cursor(request), _limit(request, 50)
    if comment_id := request.query.get("thread"):
        page = await threads.thread(database, article.id, _clean(comment_id, "thread"))
    else:
        page = await threads.comments_page(
            database, article.id, sort=sort, cursor=cursor, limit=limit
        )
    return _list([_comment(comment) for comment in page.items], page.next)


async def comment_counts(request: web.Request) -> web.Response:
    """How many comments stand under each of the articles asked for."""
    asked = [_clean(part, "articles") for part in request.query.get("articles", "").split(",")]
    ids = [part for part in asked if part]
    if len(ids) > _COUNTS_LIMIT:
        raise _wrong_query("articles", "too_many")
    return web.json_response({"counts": await shelf.counts(request.app[DATABASE], ids)})


async def comments_atom(request: web.Request) -> web.Response:
    """The feed of an article's comments."""
    article = await _find(request)
    comments = await threads.newest_comments(request.app[DATABASE], article.id)
    title = request.app[TEXTS].say(article.language, "feed.title", title=article.title)
    document = feed.atom(
        article, comments, title=title, base_url=request.app[SETTINGS].articles_url
    )
    return web.Response(body=document, content_type="application/atom+xml", charset="utf-8")


async def comment_events(request: web.Request) -> web.StreamResponse:
    """The live stream of an article's comments."""
    article = await _find(request)
    return await request.app[STREAMS].serve(
        request, request.app[LIVE], events.channel(article.id), event="comment"
    )


async def article_page(request: web.Request) -> web.Response:
    """The page a reader sees."""
    article, cursor, database = await _find(request), _cursor(request), request.app[DATABASE]
    views = request.app[VIEW_COUNT]
    if cursor is None:
        views.add(article.id)
    newer, older = await shelf.neighbours(database, article)
    view = ArticleView(
        article=article,
        views=article.views + views.waiting(article.id),
        newer=newer,
        older=older,
        comments=await threads.comments_page(database, article.id, cursor=cursor),
        count=(await shelf.counts(database, [article.id]))[article.id],
        first=cursor is None,
    )
    return request.app[PAGES].article(view)


async def index_page(request: web.Request) -> web.Response:
    """The list of articles as a page."""
    cursor, database = _cursor(request), request.app[DATABASE]
    page = await shelf.articles_page(database, cursor=cursor)
    counts = await shelf.counts(database, [article.id for article in page.items])
    return request.app[PAGES].index(page, counts, cursor)


async def _find(request: web.Request) -> Article:
    article = await shelf.article(request.app[DATABASE], request.match_info["id"])
    if article is None:
        raise Problem(404, "article_unknown")
    return article


async def _body(request: web.Request, kind: type[Body]) -> Body:
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


def _cursor(request: web.Request) -> Cursor | None:
    text = request.query.get("cursor")
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except BadCursor as error:
        raise Problem(400, "invalid_cursor") from error


def _limit(request: web.Request, default: int) -> int:
    return min(_number(request, "limit", default, start=1), _PAGE_LIMIT)


def _version(request: web.Request) -> int:
    return _number(request, "version", None, start=0)


def _number(request: web.Request, name: str, default: int | None, start: int) -> int:
    text = request.query.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        raise _wrong_query(name, "not_a_number")
    number = int(text)
    if not start <= number < _VERSION_END:
        raise _wrong_query(name, "out_of_range")
    return number


def _sort(request: web.Request) -> Sort:
    asked = request.query.get("sort", "newest")
    for sort in get_args(Sort):
        if asked == sort:
            return sort  # type: ignore[no-any-return]
    raise _wrong_query("sort", "unknown_sort")


def _clean(text: str, name: str) -> str:
    # PostgreSQL has no NUL in texts.
    if "\x00" in text:
        raise _wrong_query(name, "control_character")
    return text.strip()


def _wrong_query(name: str, code: str) -> Problem:
    return Problem(400, "bad_request", errors=[FieldError(name, code)])


def _list(items: list[dict[str, Any]], next_cursor: Cursor | None) -> web.Response:
    return web.json_response({"items": items, "next": str(next_cursor) if next_cursor else None})


def _article(request: web.Request, article: Article) -> dict[str, Any]:
    """An article of the newsroom's own site keeps its address; others are read on our page."""
    url = article.url or request.app[SETTINGS].articles_url + article_path(article.id)
    return asdict(article) | {"published_at": _time(article.published_at), "url": url}


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "parent_id": comment.parent_id,
        "name": comment.name,
        "title": comment.title,
        "content": comment.content,
        "language": comment.language,
        "received_at": _time(comment.received_at),
        "removed": comment.removed,
        "replies": [_comment(reply) for reply in comment.replies],
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_ID = f"{{id:{ID_PATTERN}}}"

ROUTES: list[web.AbstractRouteDef] = [
    web.put(f"/v1/articles/{_ID}", put_article),
    web.get(f"/v1/articles/{_ID}", get_article),
    web.get("/v1/articles", list_articles),
    web.put("/v1/comments", put_comments),
    web.delete(f"/v1/comments/{_ID}", delete_comment),
    web.get(f"/v1/articles/{_ID}/comments", list_comments),
    web.get("/v1/comment-counts", comment_counts),
    web.get(f"/v1/articles/{_ID}/comments.atom", comments_atom),
    web.get(f"/v1/articles/{_ID}/comments/events", comment_events),
    web.get(f"/articles/{_ID}", article_page),
    web.get("/", index_page),
    web.static("/static", FOLDER / "static"),
]
