"""The article store over HTTP: articles, comments by id and version, threads, pages, the feed.

`store` is a running article store with its database migrated: `.url` and `.token`.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest

ATOM = "{http://www.w3.org/2005/Atom}"


class Client:
    """The store as a newsroom, a worker and a reader use it."""

    def __init__(self, store: Any, session: aiohttp.ClientSession) -> None:
        self.url = store.url
        self.session = session
        self.headers = {"Authorization": f"Bearer {store.token}"}

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path) as response:
            assert response.status == 200, await response.text()
            assert response.content_type == "application/json"
            return await response.json()

    async def text(self, path: str) -> str:
        async with self.session.get(self.url + path) as response:
            assert response.status == 200
            return await response.text()

    async def put(self, path: str, body: Any) -> tuple[int, Any]:
        async with self.session.put(self.url + path, json=body, headers=self.headers) as response:
            return response.status, await response.json(content_type=None)

    async def article(self, **changes: Any) -> str:
        article_id = f"a-{secrets.token_hex(6)}"
        status, _ = await self.put(f"/v1/articles/{article_id}", article_body(**changes))
        assert status == 201
        return article_id

    async def publish(self, *items: dict[str, Any]) -> list[str]:
        status, answer = await self.put("/v1/comments", {"items": list(items)})
        assert status == 200, answer
        assert [result["id"] for result in answer["results"]] == [item["id"] for item in items]
        return [result["result"] for result in answer["results"]]

    async def remove(self, comment_id: str, version: int) -> str:
        async with self.session.delete(
            f"{self.url}/v1/comments/{comment_id}?version={version}", headers=self.headers
        ) as response:
            assert response.status == 200
            return str((await response.json())["result"])

    async def comments(self, article: str, query: str = "") -> list[dict[str, Any]]:
        page = await self.get(f"/v1/articles/{article}/comments{query}")
        return list(page["items"])

    async def count(self, article: str) -> int:
        return int((await self.get(f"/v1/comment-counts?articles={article}"))["counts"][article])


@pytest.fixture
async def client(store: Any) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(store, session)


def article_body(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Chợ hoa mở cửa",
        "lead": "Từ sáng nay.",
        "body": "Đoạn một.\n\nĐoạn hai.",
        "language": "vi",
        "published_at": "2026-09-01T02:50:00Z",
        "comments": "open",
        **changes,
    }


def comment(article: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"c-{secrets.token_hex(8)}",
        "version": 1,
        "article": article,
        "parent_id": None,
        "name": "Nguyễn An",
        "title": "Rất hay",
        "content": "Cảm ơn tòa soạn.",
        "language": "vi",
        "received_at": "2026-09-02T01:00:00.000001Z",
        **changes,
    }


async def test_an_article_is_stored_changed_and_read_back(client: Client) -> None:
    article = await client.article()
    status, changed = await client.put(f"/v1/articles/{article}", article_body(title="Tên mới"))
    assert status == 200
    assert changed["title"] == "Tên mới"
    stored = await client.get(f"/v1/articles/{article}")
    assert stored == article_body(title="Tên mới") | {
        "id": article,
        "url": f"{client.url}/articles/{article}",
        **dict.fromkeys(("section", "author", "image_url", "image_alt", "image_caption")),
        **dict.fromkeys(("image_width", "image_height")),
        **dict.fromkeys(("views", "comment_count"), 0),
        "version": 1,
    }


async def test_writing_needs_the_service_token(client: Client) -> None:
    article = await client.article()
    client.headers = {"Authorization": "Bearer wrong"}
    for path, body in (
        (f"/v1/articles/{article}", article_body(title="Hacked")),
        ("/v1/comments", {"items": [comment(article)]}),
    ):
        status, problem = await client.put(path, body)
        assert (status, problem["code"]) == (401, "unauthorized")
    async with client.session.delete(f"{client.url}/v1/comments/x?version=1") as response:
        assert response.status == 401
    assert (await client.get(f"/v1/articles/{article}"))["title"] == "Chợ hoa mở cửa"


async def test_a_published_comment_stands_under_its_article(client: Client) -> None:
    article = await client.article()
    said = comment(article)
    assert await client.publish(said) == ["applied"]
    assert await client.comments(article) == [
        {key: said[key] for key in ("id", "parent_id", "name", "title", "content", "language")}
        | {"received_at": said["received_at"], "removed": False, "reply_count": 0}
        | {"replies": [], "replies_previous": None, "replies_next": None}
    ]
    assert await client.count(article) == 1


async def test_publishing_twice_makes_one_comment(client: Client) -> None:
    article = await client.article()
    said = comment(article)
    assert await client.publish(said, said) == ["applied", "absorbed"]
    assert await client.publish(said) == ["absorbed"]
    assert await client.count(article) == 1


async def test_a_newer_version_wins_within_a_call_and_after_it(client: Client) -> None:
    article = await client.article()
    first = comment(article)
    second = first | {"version": 2, "content": "hai"}
    assert await client.publish(second, first) == ["applied", "absorbed"]
    assert await client.publish(first | {"version": 3, "content": "ba"}) == ["applied"]
    assert [c["content"] for c in await client.comments(article)] == ["ba"]


async def test_a_late_publish_never_undoes_a_removal(client: Client) -> None:
    article = await client.article()
    said = comment(article, version=2)
    await client.publish(said)
    assert await client.remove(said["id"], 4) == "applied"
    assert await client.remove(said["id"], 4) == "absorbed"
    assert await client.publish(said | {"version": 3}) == ["absorbed"]
    assert await client.comments(article) == []
    assert await client.count(article) == 0
    assert await client.publish(said | {"version": 5}) == ["applied"]
    assert await client.count(article) == 1


async def test_a_removal_that_comes_first_is_remembered(client: Client) -> None:
    article = await client.article()
    said = comment(article, version=3)
    reply = comment(article, parent_id=said["id"])
    assert await client.remove(said["id"], 4) == "applied"
    assert await client.publish(said, reply) == ["absorbed", "applied"]
    assert [c["id"] for c in await client.comments(article)] == [reply["id"]]


async def test_a_late_removal_never_undoes_a_restore(client: Client) -> None:
    article = await client.article()
    said = comment(article, version=5)
    await client.publish(said)
    assert await client.remove(said["id"], 4) == "absorbed"
    assert await client.count(article) == 1


async def test_an_unknown_article_is_named_and_the_rest_is_published(client: Client) -> None:
    article = await client.article()
    lost, said = comment("no-such-article"), comment(article)
    assert await client.publish(lost, said) == ["unknown_article", "applied"]


async def test_threads_are_one_level_deep(client: Client) -> None:
    article = await client.article()
    top = comment(article)
    reply = comment(article, parent_id=top["id"], received_at="2026-09-02T02:00:00Z")
    deeper = comment(article, parent_id=reply["id"], received_at="2026-09-02T03:00:00Z")
    stray = comment(article, parent_id="never-seen", received_at="2026-09-02T04:00:00Z")
    await client.publish(deeper, reply, top)
    await client.publish(stray)
    found = await client.comments(article)
    assert [c["id"] for c in found] == [stray["id"], top["id"]]
    assert [c["id"] for c in found[1]["replies"]] == [reply["id"], deeper["id"]]
    late = comment(article, parent_id=deeper["id"], received_at="2026-09-02T05:00:00Z")
    await client.publish(late)
    assert len((await client.comments(article))[1]["replies"]) == 3


async def test_a_parent_under_another_article_or_in_a_ring_is_no_parent(client: Client) -> None:
    article, other = await client.article(), await client.article()
    foreign = comment(other)
    stray = comment(article, parent_id=foreign["id"])
    left, right = comment(article), comment(article)
    left["parent_id"], right["parent_id"] = right["id"], left["id"]
    await client.publish(foreign, stray, left, right)
    found = await client.comments(article)
    assert len(found) == 2
    assert sum(len(c["replies"]) for c in found) == 1


async def test_a_removed_comment_with_replies_leaves_a_tombstone(client: Client) -> None:
    article = await client.article()
    top = comment(article, name="Kẻ Xấu", content="lời khó nghe")
    reply = comment(article, parent_id=top["id"])
    await client.publish(top, reply)
    await client.remove(top["id"], 2)
    (found,) = await client.comments(article)
    assert (found["removed"], found["name"], found["content"]) == (True, "", "")
    assert [c["id"] for c in found["replies"]] == [reply["id"]]
    page = await client.text(f"/articles/{article}")
    assert "Bình luận này đã được gỡ" in page
    assert "Kẻ Xấu" not in page and "lời khó nghe" not in page
    await client.remove(reply["id"], 2)
    assert await client.comments(article) == []


async def test_the_pages_of_a_list_hold_every_comment_once(client: Client) -> None:
    article = await client.article()
    times = [f"2026-09-02T01:00:00.{i // 3 + 1:06d}Z" for i in range(25)]
    said = [comment(article, received_at=time) for time in times]
    await client.publish(*said)
    for sort in ("newest", "oldest"):
        seen, query = [], f"?sort={sort}&limit=7"
        while query:
            page = await client.get(f"/v1/articles/{article}/comments{query}")
            seen += [(c["received_at"], c["id"]) for c in page["items"]]
            query = f"?sort={sort}&limit=7&cursor={page['next']}" if page["next"] else ""
        assert len(seen) == len(set(seen)) == 25
        assert seen == sorted(seen, reverse=sort == "newest")


async def test_one_thread_can_be_asked_for(client: Client) -> None:
    article = await client.article()
    top = comment(article)
    reply = comment(article, parent_id=top["id"])
    await client.publish(top, reply, comment(article))
    for wanted in (top, reply):
        (thread,) = await client.comments(article, f"?thread={wanted['id']}")
        assert [thread["id"], thread["replies"][0]["id"]] == [top["id"], reply["id"]]
    assert await client.comments(article, "?thread=never-seen") == []


async def test_counts_come_for_many_articles_at_once(client: Client) -> None:
    one, none = await client.article(), await client.article()
    await client.publish(comment(one), comment(one))
    answer = await client.get(f"/v1/comment-counts?articles={one},{none},unknown")
    assert answer == {"counts": {one: 2, none: 0, "unknown": 0}}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/articles/no-such-article", 404, "article_unknown"),
        ("/v1/articles/no-such-article/comments", 404, "article_unknown"),
        ("/articles/no-such-article", 404, "article_unknown"),
        ("/v1/articles/a%00b", 404, "not_found"),
        ("/v1/articles?cursor=rubbish", 400, "invalid_cursor"),
        ("/v1/articles?cursor=AAAA", 400, "invalid_cursor"),
        ("/v1/articles?limit=-1", 400, "bad_request"),
        ("/v1/comment-counts?articles=a%00b", 400, "bad_request"),
    ],
)
async def test_what_cannot_be_answered_is_said(
    client: Client, path: str, status: int, code: str
) -> None:
    async with client.session.get(client.url + path) as response:
        assert (response.status, response.content_type) == (status, "application/problem+json")
        assert (await response.json(content_type=None))["code"] == code


@pytest.mark.parametrize(
    "change",
    [
        {"id": "has space"},
        {"version": -1},
        {"version": 2**63},
        {"parent_id": "a\x00b"},
        {"content": "NUL \x00 inside"},
        {"received_at": "yesterday"},
        {"received_at": "2026-09-02T01:00:00"},
        {"received_at": "9999-12-31T23:59:59Z"},
        {"surprise": True},
    ],
)
async def test_a_bad_comment_refuses_the_call(client: Client, change: dict[str, Any]) -> None:
    article = await client.article()
    body = {"items": [comment(article), comment(article) | change]}
    status, problem = await client.put("/v1/comments", body)
    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["field"].startswith("items.1.")
    assert await client.count(article) == 0


async def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    kinds = [
        (b"{", "application/json", 400),
        (b'{"items": "\\ud800"}', "application/json", 400),
        (b"items=1", "application/x-www-form-urlencoded", 415),
        (b" " * (49 * 2**20), "application/json", 413),
    ]
    for raw, content_type, status in kinds:
        headers = client.headers | {"Content-Type": content_type}
        async with client.session.put(
            f"{client.url}/v1/comments", data=raw, headers=headers
        ) as response:
            assert response.status == status


async def test_two_hundred_long_comments_fit_in_one_call(client: Client) -> None:
    article = await client.article()
    said = [comment(article, content="ữ" * 5000) for _ in range(200)]
    assert await client.publish(*said) == ["applied"] * 200
    assert await client.count(article) == 200


async def test_no_comment_that_intake_accepts_holds_up_the_others(client: Client) -> None:
    article = await client.article()
    zalgo = "a" + "\u0301" * 30_000
    odd = comment(article, name=zalgo, title=zalgo, parent_id="không phải mã", language="en-US")
    assert await client.publish(odd, comment(article)) == ["applied", "applied"]
    assert len(await client.comments(article)) == 2


async def test_overlapping_calls_at_once_apply_each_version_once(client: Client) -> None:
    article = await client.article()
    said = [comment(article) for _ in range(40)]
    calls = [client.publish(*said[::step]) for step in (1, -1, 2, -3)]
    results = await asyncio.gather(*calls)
    assert sum(call.count("applied") for call in results) == 40
    assert await client.count(article) == 40


async def test_readers_of_any_site_may_read_and_none_may_write(client: Client) -> None:
    article = await client.article()
    origin = {"Origin": "https://elsewhere.example"}
    for path in (f"/v1/articles/{article}/comments", "/v1/articles/nothing/comments"):
        async with client.session.get(client.url + path, headers=origin) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response.headers
    async with client.session.put(
        f"{client.url}/v1/comments", json={"items": []}, headers=client.headers | origin
    ) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_live_events_tell_of_publishing_and_removal(client: Client) -> None:
    article = await client.article()
    said = comment(article)
    address = f"{client.url}/v1/articles/{article}/comments/events"
    async with client.session.get(address) as response, asyncio.timeout(60):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        await _event(response)
        await client.publish(said)
        about = {"id": said["id"], "thread": said["id"]}
        standing = {"count": 1, "version": 1}
        assert await _event(response) == ("comment", {**about, "type": "published", **standing})
        await client.publish(said)
        await client.remove(said["id"], 2)
        standing = {"count": 0, "version": 2}
        assert await _event(response) == ("comment", {**about, "type": "removed", **standing})


async def _event(response: aiohttp.ClientResponse) -> tuple[str, Any]:
    fields: dict[str, str] = {}
    while line := (await response.content.readline()).decode().strip():
        name, _, value = line.partition(": ")
        fields[name] = value
    return fields["event"], json.loads(fields["data"]) if fields["event"] == "comment" else None


async def test_the_article_page_is_whole_without_script(client: Client) -> None:
    moment = datetime(1990, 2, 2, 2, 50, tzinfo=UTC)
    # A moment of its own, so that no other test's article comes between.
    moment += timedelta(microseconds=secrets.randbelow(59_000_000))
    step = timedelta(microseconds=1)
    times = [time.isoformat() for time in (moment, moment + step, moment + 2 * step)]
    older = await client.article(title="Bài trước", published_at=times[0])
    article = await client.article(published_at=times[1], section="Đời sống")
    newer = await client.article(title="Bài sau", published_at=times[2])
    top = comment(article)
    await client.publish(top, comment(article, parent_id=top["id"], name="Trần Bình"))
    page = await client.text(f"/articles/{article}")
    for part in (
        '<html lang="vi" dir="ltr">',
        ">Chợ hoa mở cửa</h1>",
        "09:50 02/02/1990",
        "<p>Đoạn hai.</p>",
        f'href="/articles/{older}"',
        f'href="/articles/{newer}"',
        f'<comment-desk id="comment-form" article="{article}" lang="vi"',
        f"/v1/articles/{article}/form?lang=vi",
        "<noscript><iframe",
        f'id="comment-{top["id"]}"',
        "Trần Bình",
        f'href="/v1/articles/{article}/comments.atom"',
        "0 lượt xem",
        "2 bình luận",
    ):
        assert part in page, part
    assert 'id="comments"' in page
    assert "style=" not in page and "<style" not in page


async def test_what_readers_typed_is_text_on_the_page(client: Client) -> None:
    attack = "<img src=x onerror=alert(1)>\"'</template><script>alert(1)</script>{{7919*7919}}"
    article = await client.article(title=attack, lead=attack, body=attack, section=attack)
    await client.publish(comment(article, name=attack, title=attack, content=attack))
    async with client.session.get(f"{client.url}/articles/{article}") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "<img src=x" not in page and "<script>alert" not in page and "62710561" not in page
    assert "default-src 'none'" in policy and "unsafe" not in policy


async def test_older_comments_are_a_link_away_without_script(client: Client) -> None:
    article = await client.article()
    said = [comment(article, content=f"số {i}") for i in range(60)]
    await client.publish(*said)
    first = await client.text(f"/articles/{article}")
    assert first.count("<bdi") == 50
    cursor = first.split('href="?cursor=')[1].split("#")[0]
    second = await client.text(f"/articles/{article}?cursor={cursor}")
    assert second.count("<bdi") == 10
    assert "Bình luận mới nhất" in second


async def test_a_closed_article_says_so_and_has_no_form(client: Client) -> None:
    article = await client.article(comments="closed", language="en")
    page = await client.text(f"/articles/{article}")
    assert "Comments are closed" in page
    assert " closed>" in page and "<iframe" not in page and "/form?" not in page


async def test_views_are_counted_once_a_reader(client: Client) -> None:
    article = await client.article()
    page, beacon = f"{client.url}/articles/{article}", f"{client.url}/v1/articles/{article}/views"
    phone, laptop, desktop = (
        {"User-Agent": f"Mozilla/5.0 ({kind})"} for kind in ("Phone", "Laptop", "Desktop")
    )
    robot = {"User-Agent": "Mozilla/5.0 (compatible; Somebot/2.1)"}
    for method, address, headers in (
        ("GET", page, phone),
        ("GET", page, phone),
        ("POST", beacon, phone),
        ("POST", beacon, laptop),
        ("GET", page, laptop | {"If-None-Match": "*"}),
        ("GET", page, robot),
        ("POST", beacon, robot),
        ("GET", f"{beacon}.gif", laptop),
        ("GET", f"{beacon}.gif", desktop),
        ("GET", f"{beacon}.gif", robot),
        ("HEAD", page, {"User-Agent": "Mozilla/5.0 (Tablet)"}),
        ("GET", page, {"User-Agent": "Mozilla/5.0 (Tablet)", "Sec-Purpose": "prefetch"}),
    ):
        async with client.session.request(method, address, headers=headers) as response:
            assert response.status in {200, 204}
    async with asyncio.timeout(60):
        while (await client.get(f"/v1/articles/{article}"))["views"] != 3:
            await asyncio.sleep(0.1)
    assert "3 lượt xem" in await client.text(f"/articles/{article}")
    async with client.session.get(f"{beacon}.gif") as response:
        assert (response.content_type, response.headers["Cache-Control"]) == (
            "image/gif",
            "no-store",
        )
    for method, path in (
        ("POST", "/v1/articles/none/views"),
        ("GET", "/v1/articles/none/views.gif"),
    ):
        async with client.session.request(method, client.url + path) as response:
            assert response.status == 404


async def test_the_index_lists_articles_newest_first(client: Client) -> None:
    older = await client.article(published_at="2150-01-01T00:00:00Z")
    newer = await client.article(published_at="2150-01-02T00:00:00Z")
    page = await client.text("/")
    assert page.index(f"/articles/{newer}") < page.index(f"/articles/{older}")
    listed = await client.get("/v1/articles?limit=1")
    following = await client.get(f"/v1/articles?limit=1&cursor={listed['next']}")
    ids = [listed["items"][0]["id"], following["items"][0]["id"]]
    assert ids[0] != ids[1]


async def test_an_article_with_a_page_of_its_own_is_led_to_there(client: Client) -> None:
    own = "https://paper.example/cho-hoa?so=1"
    elsewhere = await client.article(url=own, published_at="2150-02-01T00:00:00Z")
    here = await client.article(published_at="2150-02-02T00:00:00Z")
    top = comment(elsewhere)
    reply = comment(elsewhere, parent_id=top["id"])
    await client.publish(top, reply)
    front, page = await client.text("/"), await client.text(f"/articles/{here}")
    assert f'<a href="{own}">' in front and f'<a href="{own}#comments">' in front
    assert f'<a href="{own}" lang="vi" ' in page
    assert f"/articles/{elsewhere}" not in front + page
    assert f'<link rel="canonical" href="{own}">' in await client.text(f"/articles/{elsewhere}")
    feed = ElementTree.fromstring(await client.text(f"/v1/articles/{elsewhere}/comments.atom"))
    link = f"{ATOM}link[@rel='alternate']"
    assert [found.get("href") for found in feed.findall(link)] == [own]
    entries = list(feed.iter(f"{ATOM}entry"))
    known = {(entry.findtext(f"{ATOM}id") or "").split("#")[0] for entry in entries}
    assert known == {f"{client.url}/articles/{elsewhere}"}
    leading = {found.get("href", "") for entry in entries for found in entry.findall(link)}
    assert leading == {f"{own}#comment-{entry}" for entry in (top["id"], reply["id"])}


async def test_the_feed_is_well_formed_whatever_was_typed(client: Client) -> None:
    article = await client.article(title="A & B")
    dirty = "bell \x07, escape \x1b, noncharacter \uffff, <b>&amp; ]]> ữ 😀"
    top = comment(article)
    await client.publish(top, comment(article, parent_id=top["id"], content=dirty))
    async with client.session.get(f"{client.url}/v1/articles/{article}/comments.atom") as response:
        assert response.content_type == "application/atom+xml"
        feed = ElementTree.fromstring(await response.read())
    contents = {entry.findtext(f"{ATOM}content") for entry in feed.iter(f"{ATOM}entry")}
    clean = dirty.replace("\x07", "\ufffd").replace("\x1b", "\ufffd").replace("\uffff", "\ufffd")
    assert contents == {top["content"], clean}
    assert len({entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")}) == 2


async def test_the_openapi_document_names_every_route(client: Client) -> None:
    document = await client.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    } == {
        ("/v1/articles", "get"),
        ("/v1/articles/{id}", "get"),
        ("/v1/articles/{id}", "put"),
        ("/v1/comments", "put"),
        ("/v1/comments/{id}", "delete"),
        ("/v1/articles/{id}/comments", "get"),
        ("/v1/articles/{id}/comments.atom", "get"),
        ("/v1/articles/{id}/comments/changes", "get"),
        ("/v1/articles/{id}/comments/events", "get"),
        ("/v1/articles/{id}/views", "post"),
        ("/v1/articles/{id}/views.gif", "get"),
        ("/v1/comment-counts", "get"),
        ("/articles/{id}", "get"),
        ("/", "get"),
    }


async def test_the_service_says_that_it_is_ready(client: Client) -> None:
    ready = await client.get("/readyz")
    assert ready["status"] == "ok"
    assert ready["parts"]["database"] == "ok"
