"""What caches are told: an ETag that changes with what is shown, and with nothing else."""

import asyncio
import gzip
from typing import Any

import aiohttp
import pytest

from tests.conftest import Store
from tests.integration.test_article_store import Client, article_body, client, comment

__all__ = ["client"]
KEPT = ("/articles/{}", "/v1/articles/{}/comments", "/v1/articles/{}/comments.atom")


async def tag(client: Client, path: str, known: str = "") -> tuple[int, str, str]:
    headers = {"If-None-Match": known} if known else {}
    async with client.session.get(client.url + path, headers=headers) as response:
        assert response.headers["Cache-Control"].startswith("public, max-age=0, s-maxage=")
        assert response.headers["Vary"] == "Accept-Encoding"
        return response.status, response.headers["ETag"], await response.text()


@pytest.mark.parametrize("shape", KEPT)
async def test_what_has_not_changed_is_answered_by_304(client: Client, shape: str) -> None:
    article, other = await client.article(), await client.article()
    path = shape.format(article)
    status, first, _ = await tag(client, path)
    assert status == 200
    assert await tag(client, path, first) == (304, first, "")
    # Another article's comments leave this one's page alone.
    await client.publish(comment(other))
    assert (await tag(client, path, first))[0] == 304
    said = comment(article, content="vừa mới đăng")
    await client.publish(said)
    status, second, text = await tag(client, path, first)
    assert (status, "vừa mới đăng" in text) == (200, True)
    await client.remove(said["id"], 2)
    status, third, text = await tag(client, path, second)
    assert (status, "vừa mới đăng" in text) == (200, False)
    assert len({first, second, third}) == 3


async def test_a_page_changes_with_its_neighbours_and_its_own_text(client: Client) -> None:
    article = await client.article(published_at="1980-01-01T00:00:00Z")
    path = f"/articles/{article}"
    _, first, _ = await tag(client, path)
    newer = await client.article(title="Bài kế bên", published_at="1980-01-01T00:00:01Z")
    status, second, text = await tag(client, path, first)
    assert (status, f"/articles/{newer}" in text) == (200, True)
    await client.put(f"/v1/articles/{article}", article_body(title="Tên khác"))
    status, _, text = await tag(client, path, second)
    assert (status, "Tên khác" in text) == (200, True)


async def test_the_list_of_articles_changes_with_what_it_shows_of_them(client: Client) -> None:
    article = await client.article(published_at="2199-01-01T00:00:00Z")
    newest = {"published_at": "2199-01-02T00:00:00Z"}
    other = await client.article(**newest)
    status, first, _ = await tag(client, "/")
    assert await tag(client, "/", first) == (304, first, "")
    await client.publish(comment(article))
    status, second, text = await tag(client, "/", first)
    assert (status, f'/articles/{article}#comments">1 bình luận' in text) == (200, True)
    await client.put(f"/v1/articles/{other}", article_body(title="Tên khác", **newest))
    status, third, text = await tag(client, "/", second)
    assert (status, "Tên khác" in text) == (200, True)
    seen = {"User-Agent": "Mozilla/5.0 (Seen from the list)"}
    async with client.session.get(f"{client.url}/articles/{article}", headers=seen):
        pass
    async with asyncio.timeout(60):
        while (await tag(client, "/", third))[0] == 304:
            await asyncio.sleep(0.1)
    following = (await client.get("/v1/articles?limit=1"))["next"]
    status, _, text = await tag(client, f"/?cursor={following}", third)
    assert (status, f"/articles/{other}#" in text) == (200, False)


async def test_a_thread_and_a_page_of_the_list_have_answers_of_their_own(client: Client) -> None:
    article = await client.article()
    times = [f"2026-09-02T0{hour}:00:00Z" for hour in range(3)]
    said = [comment(article, content=time, received_at=time) for time in times]
    await client.publish(*said)
    path = f"/v1/articles/{article}/comments"
    texts = {
        query: (await tag(client, path + query))[2]
        for query in ("", "?limit=1", "?sort=oldest", f"?thread={said[1]['id']}")
    }
    assert len(set(texts.values())) == len(texts)
    for query, text in texts.items():
        assert (await tag(client, path + query))[2] == text


async def test_many_at_once_hear_nothing_from_before_they_asked(client: Client) -> None:
    article = await client.article()
    path = f"/v1/articles/{article}/comments"
    for at in range(5):
        await client.publish(comment(article))
        pages = await asyncio.gather(*(client.get(path) for _ in range(20)))
        assert {page["count"] for page in pages} == {len(pages[0]["items"])} == {at + 1}


async def test_counts_are_kept_until_one_changes(client: Client) -> None:
    article = await client.article()
    path = f"/v1/comment-counts?articles={article}"
    _, first, _ = await tag(client, path)
    assert (await tag(client, path, first))[0] == 304
    await client.publish(comment(article))
    assert (await tag(client, path, first))[0] == 200


async def test_a_long_answer_travels_packed_to_who_can_unpack_it(store: Store) -> None:
    headers = {"Authorization": f"Bearer {store.token}", "Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False, headers=headers) as session:
        client = Client(store, session)
        async with session.get(f"{client.url}/articles/pho-di-bo-mua-thu") as response:
            assert response.headers["Content-Encoding"] == "gzip"
            packed = await response.read()
    async with (
        aiohttp.ClientSession(headers={"Accept-Encoding": "identity"}) as session,
        session.get(f"{store.url}/articles/pho-di-bo-mua-thu") as response,
    ):
        assert "Content-Encoding" not in response.headers
        assert gzip.decompress(packed) == await response.read()


PICTURE = {
    "author": "Lê Mai",
    "image_url": "https://pictures.example/cho-hoa.jpg?w=1200",
    "image_alt": "Người bán hoa",
    "image_caption": "Chợ hoa sáng sớm. Ảnh: Lê Mai",
    "image_width": 1200,
    "image_height": 675,
}


async def test_picture_and_by_line_are_stored_and_shown(client: Client) -> None:
    article = await client.article(**PICTURE)
    stored = await client.get(f"/v1/articles/{article}")
    assert {key: stored[key] for key in PICTURE} == PICTURE
    async with client.session.get(f"{client.url}/articles/{article}") as response:
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
    for part in (
        'src="https://pictures.example/cho-hoa.jpg?w=1200" alt="Người bán hoa" loading="lazy"',
        'width="1200" height="675"',
        "<figcaption>Chợ hoa sáng sớm. Ảnh: Lê Mai</figcaption>",
        '<span itemprop="name">Lê Mai</span>',
    ):
        assert part in page, part
    assert " https://pictures.example data:;" in policy


@pytest.mark.parametrize(
    "address",
    [
        "http://pictures.example/a.png",
        "javascript:alert(1)",
        "//elsewhere.example/a.png",
        "https://a.example; script-src *",
        'https://a.example/" onerror="alert(1)',
        "https://user@a.example/",
        "data:image/png;base64,AA",
    ],
)
async def test_a_picture_from_anywhere_else_is_refused(client: Client, address: str) -> None:
    body: dict[str, Any] = article_body(image_url=address)
    status, problem = await client.put("/v1/articles/any", body)
    assert (status, problem["errors"][0]["field"]) == (422, "image_url")
