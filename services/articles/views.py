"""The article store's HTTP: reading for everyone, writing for the newsroom and the workers."""

from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any

from aiohttp import web

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.web import SETTINGS, Problem, service_only
from services.articles import documents, events, feed, parameters, shelf, store, threads
from services.articles.answers import Body, Kind
from services.articles.bodies import ArticleBody, CommentsBody, read_as
from services.articles.keys import (
    ANSWERS,
    DATABASE,
    LIVE,
    PAGES,
    READERS,
    STAMP,
    STREAMS,
    TEXTS,
    VERSIONS,
    VIEW_COUNT,
)
from services.articles.page import FOLDER, ArticleView, address_of, roughly
from services.articles.records import Article, Part
from services.articles.versions import Version

_JSON = Kind("application/json", shared=1, stale=4)
# Asked for to learn what was missed: an answer from before the question would hide just that.
_JSON_NOW = Kind("application/json", shared=1)
_ATOM = Kind("application/atom+xml", shared=5, stale=60)
_PAGE = Kind("text/html", shared=2, stale=8)
_NOT_KEPT = {"Cache-Control": "no-store"}
# GIF89a (W3C, 1990): one pixel, which is transparent.
_EMPTY_PICTURE = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
Json = dict[str, Any]


@service_only
async def put_article(request: web.Request) -> web.Response:
    """Store an article."""
    body = await read_as(ArticleBody, request)
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
        request.app[DATABASE],
        cursor=parameters.cursor(request),
        limit=parameters.limit(request, 20),
    )
    items = [_article(request, article) for article in page.items]
    return web.json_response(documents.listed(items, page.next))


@service_only
async def put_comments(request: web.Request) -> web.Response:
    """Publish comments."""
    body = await read_as(CommentsBody, request)
    written = await store.put_comments(request.app[DATABASE], body.items)
    await events.announce(request.app[LIVE], written)
    results = [{"id": comment, "result": result} for comment, result in written.results]
    return web.json_response({"results": results})


@service_only
async def delete_comment(request: web.Request) -> web.Response:
    """Take a comment down, leaving its tombstone."""
    version = parameters.number(request, "version")
    written = await store.remove_comment(request.app[DATABASE], request.match_info["id"], version)
    await events.announce(request.app[LIVE], written)
    return web.json_response({"result": written.results[0][1]})


async def list_comments(request: web.Request) -> web.Response:
    """Threads of an article; ?thread= the one that comment is in, ?replies_of= part of one."""
    database, article = request.app[DATABASE], request.match_info["id"]
    thread, top = parameters.text(request, "thread"), parameters.text(request, "replies_of")
    part = parameters.part(request, "oldest" if top else "newest")
    version = await _version(request)

    async def make() -> Json:
        if thread:
            page = await threads.thread(database, article, thread)
        elif top:
            page = await threads.replies_page(database, article, top, part)
        else:
            page = await threads.comments_page(database, article, part)
        items = [documents.comment(item) for item in page.items]
        return documents.listed(items, page.next) | _standing(version)

    what = ("comments", article, thread, top, part)
    return await _json(request, _JSON, what, version, make)


async def comment_changes(request: web.Request) -> web.Response:
    """What changed under the article since a version of it."""
    database, article = request.app[DATABASE], request.match_info["id"]
    since, version = parameters.number(request, "since"), await _version(request)

    async def make() -> Json:
        changes, complete = await threads.changes_since(database, article, since)
        items = [events.told(change) for change in changes]
        return {"items": items, "complete": complete} | _standing(version)

    return await _json(request, _JSON_NOW, ("changes", article, since), version, make)


async def comment_counts(request: web.Request) -> web.Response:
    """How many comments stand under each of the articles asked for."""
    counts = await shelf.counts(request.app[DATABASE], parameters.articles(request))

    async def make() -> Body:
        return documents.body({"counts": counts})

    tag = documents.digest(counts)
    return await request.app[ANSWERS].give(request, _JSON, ("counts", tag), tag, make)


async def comments_atom(request: web.Request) -> web.Response:
    """The feed of an article's comments."""
    app, version = request.app, await _version(request)

    async def make() -> Body:
        article = await _find(request)
        comments = await threads.newest_comments(app[DATABASE], article.id)
        say = partial(app[TEXTS].say, article.language.split("-")[0])
        return Body(feed.atom(article, comments, say=say, base_url=app[SETTINGS].articles_url))

    tag = f"{version.version}-{app[STAMP]}"
    what = ("atom", request.match_info["id"])
    return await app[ANSWERS].give(request, _ATOM, what, tag, make)


async def comment_events(request: web.Request) -> web.StreamResponse:
    """The live stream of an article's comments."""
    await _version(request)
    return await request.app[STREAMS].serve(
        request,
        request.app[LIVE],
        events.channel(request.match_info["id"]),
        event="comment",
    )


async def count_view(request: web.Request) -> web.Response:
    """A browser says that somebody sees the article; counted once a reader."""
    await _version(request)
    _seen(request)
    return web.Response(status=204, headers=_NOT_KEPT)


async def count_view_by_picture(request: web.Request) -> web.Response:
    """The same where there is no script: an empty picture, asked for by each who sees the page."""
    await _version(request)
    _seen(request)
    return web.Response(body=_EMPTY_PICTURE, content_type="image/gif", headers=_NOT_KEPT)


async def article_page(request: web.Request) -> web.Response:
    """The page a reader sees: the list of comments, or with ?thread= one thread."""
    app, article_id = request.app, request.match_info["id"]
    cursor, thread = parameters.cursor(request), parameters.text(request, "thread")
    version = await _version(request)
    _seen(request)
    views = version.views + app[VIEW_COUNT].waiting(article_id)

    async def make() -> Body:
        return app[PAGES].article(await _article_view(request, version, views))

    tag = f"{version.version}-{version.edition}-{roughly(views)}-{app[STAMP]}"
    what = ("page", article_id, cursor, thread)
    return await app[ANSWERS].give(request, _PAGE, what, tag, make)


async def index_page(request: web.Request) -> web.Response:
    """The list of articles as a page."""
    app, cursor = request.app, parameters.cursor(request)
    shown = await shelf.articles_page(app[DATABASE], cursor=cursor)

    async def make() -> Body:
        return app[PAGES].index(shown, first=cursor is None)

    versions = {article.id: (article.version, roughly(article.views)) for article in shown.items}
    tag = f"{documents.digest(versions)}-{len(versions)}{'+' if shown.next else ''}-{app[STAMP]}"
    return await app[ANSWERS].give(request, _PAGE, ("index", cursor), tag, make)


async def _article_view(request: web.Request, version: Version, views: int) -> ArticleView:
    database, article = request.app[DATABASE], await _find(request)
    newer, older = await shelf.neighbours(database, article)
    cursor, thread = parameters.cursor(request), parameters.text(request, "thread")
    if not thread:
        page = await threads.comments_page(database, article.id, Part(cursor=cursor))
    elif cursor:
        page = await threads.thread_from(database, article.id, thread, cursor)
    else:
        page = await threads.thread(database, article.id, thread, threads.REPLIES_ALONE)
    return ArticleView(
        article=article,
        views=views,
        newer=newer,
        older=older,
        comments=page,
        count=version.count,
        first=cursor is None and not thread,
        alone=bool(thread),
    )


def _seen(request: web.Request) -> None:
    article = request.match_info["id"]
    if request.app[READERS].is_new(request, article):
        request.app[VIEW_COUNT].add(article)


async def _version(request: web.Request) -> Version:
    version = await request.app[VERSIONS].of(request.match_info["id"])
    if version is None:
        raise Problem(404, "article_unknown")
    return version


async def _find(request: web.Request) -> Article:
    article = await shelf.article(request.app[DATABASE], request.match_info["id"])
    if article is None:
        raise Problem(404, "article_unknown")
    return article


async def _json(
    request: web.Request,
    kind: Kind,
    what: Hashable,
    version: Version,
    make: Callable[[], Awaitable[Json]],
) -> web.Response:
    async def made() -> Body:
        return documents.body(await make())

    tag = f"{version.version}-{request.app[STAMP]}"
    return await request.app[ANSWERS].give(request, kind, what, tag, made)


def _standing(version: Version) -> Json:
    return {"count": version.count, "version": version.version}


def _article(request: web.Request, article: Article) -> Json:
    return documents.article(article, address_of(article, request.app[SETTINGS].articles_url))


_ID = f"{{id:{ID_PATTERN}}}"

ROUTES: list[web.AbstractRouteDef] = [
    web.put(f"/v1/articles/{_ID}", put_article),
    web.get(f"/v1/articles/{_ID}", get_article),
    web.get("/v1/articles", list_articles),
    web.put("/v1/comments", put_comments),
    web.delete(f"/v1/comments/{_ID}", delete_comment),
    web.get(f"/v1/articles/{_ID}/comments", list_comments),
    web.get(f"/v1/articles/{_ID}/comments/changes", comment_changes),
    web.get("/v1/comment-counts", comment_counts),
    web.get(f"/v1/articles/{_ID}/comments.atom", comments_atom),
    web.get(f"/v1/articles/{_ID}/comments/events", comment_events),
    web.post(f"/v1/articles/{_ID}/views", count_view),
    web.get(f"/v1/articles/{_ID}/views.gif", count_view_by_picture),
    web.get(f"/articles/{_ID}", article_page),
    web.get("/", index_page),
    web.static("/static", FOLDER / "static"),
]
