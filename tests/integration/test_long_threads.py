"""33,000 comments under one article, on both databases: read part by part, in both directions."""

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from commentdesk.database import Database
from tests.conftest import Store
from tests.crowd import gather

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIZE, FEW = 33_000, 100
CROWD, QUIET = "dong-nguoi", "it-nguoi"
# So many times as long as a page of few, on whatever machine, reading all of it takes.
FAR_MORE = 10


class Reading:
    """What a reader's page asks."""

    def __init__(self, store: Store, http: aiohttp.ClientSession) -> None:
        self.store, self.http = store, http

    async def ask(self, path: str, **query: Any) -> dict[str, Any]:
        async with self.http.get(f"{self.store.url}{path}", params=query) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    async def comments(self, **query: Any) -> dict[str, Any]:
        return await self.ask(f"/v1/articles/{CROWD}/comments", **query)

    async def page(self, **query: Any) -> str:
        async with self.http.get(f"{self.store.url}/articles/{CROWD}", params=query) as response:
            assert response.status == 200
            return await response.text()

    async def put(self, *items: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self.store.token}"}
        async with self.http.put(
            f"{self.store.url}/v1/comments", json={"items": items}, headers=headers
        ) as response:
            assert response.status == 200

    async def remove(self, comment: str, version: int) -> None:
        headers = {"Authorization": f"Bearer {self.store.token}"}
        address = f"{self.store.url}/v1/comments/{comment}?version={version}"
        async with self.http.delete(address, headers=headers) as response:
            assert response.status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(store: Store) -> AsyncIterator[Reading]:
    database = Database(store.database_url)
    await gather(database, CROWD, SIZE)
    await gather(database, QUIET, FEW)
    await database.close()
    async with aiohttp.ClientSession() as http:
        yield Reading(store, http)


def name(at: int) -> str:
    return f"{CROWD}-{at:05}"


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


async def test_a_page_is_a_page_and_goes_on_both_ways(reading: Reading) -> None:
    first = await reading.comments(limit=20)
    assert ids(first)[0] == name(SIZE - SIZE // 10 - 2)
    assert first["count"] == SIZE
    second = await reading.comments(limit=20, cursor=first["next"])
    # The list read the other way round from where the second page ends: back to the first.
    back = await reading.comments(limit=39, sort="oldest", cursor=second["next"])
    assert ids(back)[::-1] == ids(first) + ids(second)[:19]


async def test_replies_come_twenty_with_a_thread_and_the_rest_by_pages(reading: Reading) -> None:
    oldest = (await reading.comments(sort="oldest", limit=1))["items"][0]
    number = SIZE // 10
    assert (oldest["id"], oldest["reply_count"], len(oldest["replies"])) == (name(0), number, 20)
    cursor, seen = oldest["replies_next"], [reply["id"] for reply in oldest["replies"]]
    while cursor:
        page = await reading.comments(replies_of=name(0), cursor=cursor, limit=100)
        seen += ids(page)
        cursor = page["next"]
    assert seen == [name(at) for at in range(SIZE - number, SIZE)]
    short = (await reading.comments(thread=name(8)))["items"][0]
    assert (short["reply_count"], short["replies_next"]) == (1, None)
    assert await reading.comments(replies_of=name(0), limit=5, sort="newest") == {
        **(await reading.comments(replies_of=name(0), limit=5, sort="newest", v=7)),
    }


async def test_a_permalink_opens_its_thread_where_the_comment_stands(reading: Reading) -> None:
    deep = name(SIZE - 1_000)
    (top,) = (await reading.comments(thread=deep))["items"]
    assert top["id"] == name(0)
    assert [reply["id"] for reply in top["replies"]][:2] == [deep, name(SIZE - 999)]
    before = await reading.comments(
        replies_of=name(0), sort="newest", cursor=top["replies_previous"], limit=2
    )
    assert ids(before) == [name(SIZE - 1_001), name(SIZE - 1_002)]
    around = await reading.comments(thread=name(12_345))
    assert ids(await reading.comments(cursor=around["next"], limit=1)) == [name(12_344)]


async def test_the_page_without_script_reaches_everything(reading: Reading) -> None:
    first = await reading.page()
    assert first.count('itemtype="https://schema.org/Comment"') < 120
    assert '<meta itemprop="commentCount" content="33000">' in first
    deep = name(SIZE - 1_000)
    page = await reading.page(thread=deep)
    assert f'id="comment-{name(0)}"' in page and f'id="comment-{deep}"' in page
    assert f'href="?thread={name(0)}#comment-{name(0)}"' in page
    following = page.split('<p class="more-replies">')[-1].split("cursor=")[1].split("#")[0]
    page = await reading.page(thread=name(0), cursor=following.replace("%3D", "="))
    assert f'id="comment-{name(SIZE - 950)}"' in page
    assert f'id="comment-{deep}"' not in page
    assert "không còn ở đây" in await reading.page(thread="never-was")


async def test_what_changed_since_a_version_is_told(reading: Reading) -> None:
    async with reading.http.get(f"{reading.store.url}/v1/articles/{QUIET}/comments") as response:
        before = (await response.json())["version"]
    changes = f"/v1/articles/{QUIET}/comments/changes"
    said = {"version": 1, "article": QUIET, "name": "An", "title": "", "content": "Mới"}
    said |= {"language": "vi", "received_at": "2026-09-20T00:00:00Z"}
    top = f"{QUIET}-00000"
    await reading.put({**said, "id": "moi"}, {**said, "id": "moi-nua", "parent_id": top})
    await reading.remove(f"{QUIET}-00005", 2)
    found = await reading.ask(changes, since=before)
    assert (found["version"], found["count"], found["complete"]) == (before + 2, FEW + 1, True)
    assert found["items"][0] == {
        "id": f"{QUIET}-00005",
        "type": "removed",
        "thread": f"{QUIET}-00005",
    }
    assert {(item["id"], item["thread"]) for item in found["items"][1:]} == {
        ("moi", "moi"),
        ("moi-nua", top),
    }
    assert (await reading.ask(changes, since=found["version"]))["items"] == []
    many = [{**said, "id": f"nhieu-{at}"} for at in range(250)]
    await reading.put(*many)
    found = await reading.ask(changes, since=before)
    assert (len(found["items"]), found["complete"]) == (200, False)
    (thread,) = (await reading.ask(f"/v1/articles/{QUIET}/comments", thread=top))["items"]
    assert thread["reply_count"] == FEW // 10 + 1
    await reading.remove("moi-nua", 2)
    (thread,) = (await reading.ask(f"/v1/articles/{QUIET}/comments", thread=top))["items"]
    assert thread["reply_count"] == FEW // 10


async def test_no_question_reads_them_all(reading: Reading) -> None:
    middle = (await reading.comments(thread=name(15_000)))["next"]
    questions: list[dict[str, Any]] = [
        {},
        {"cursor": middle},
        {"cursor": middle, "sort": "oldest"},
        {"replies_of": name(0)},
        {"thread": name(SIZE - 10)},
    ]
    of_few = await least_seconds(reading, QUIET, {})
    for question in questions:
        assert await least_seconds(reading, CROWD, question) < FAR_MORE * of_few, question


async def least_seconds(reading: Reading, article: str, query: dict[str, Any]) -> float:
    """What a page takes when nothing else stands in its way: the least of ten times."""
    taken = []
    for at in range(10):
        started = time.perf_counter()
        # Another address each time, so that none is answered from memory.
        await reading.ask(f"/v1/articles/{article}/comments", **query, limit=20 + at)
        taken.append(time.perf_counter() - started)
    return min(taken)
