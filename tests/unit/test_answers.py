"""Answers are made once a version, however many ask, and memory for them has its end."""

import asyncio
from collections import Counter

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.articles.answers import Answers, Body, Kind

TEXT = Kind("text/plain", shared=1)
SIZE = 10_000


class Shelf:
    """A handler whose answers are told apart by their path, and their version by ?tag=."""

    def __init__(self, room_for: int) -> None:
        self.made: Counter[str] = Counter()
        self.broken = False
        # Packed and plain, and what keeping one costs.
        self._answers = Answers(most_bytes=room_for * (2 * SIZE + 5_000))

    async def handle(self, request: web.Request) -> web.Response:
        async def make() -> Body:
            self.made[request.path] += 1
            await asyncio.sleep(0)
            if self.broken:
                raise web.HTTPServiceUnavailable
            return Body(request.path.encode() * (SIZE // len(request.path)))

        return await self._answers.give(request, TEXT, request.path, request.query["tag"], make)


async def test_an_answer_is_made_once_a_version_and_the_longest_unused_go_first() -> None:
    shelf = Shelf(room_for=3)
    app = web.Application()
    app.router.add_get("/{name}", shelf.handle)
    async with TestClient(TestServer(app)) as client:

        async def get(path: str, tag: str = "1") -> int:
            async with client.get(path, params={"tag": tag}) as response:
                text = await response.text()
                assert response.status != 200 or set(text) == set(path)
                return response.status

        await asyncio.gather(*(get("/a") for _ in range(20)))
        assert shelf.made == {"/a": 1}
        assert await get("/a", "2") == 200
        assert shelf.made["/a"] == 2
        for path in ("/b", "/c", "/a", "/d"):
            await get(path, "2")
        # Four do not fit: what nobody asked for longest is made anew, the others are not.
        await get("/a", "2")
        await get("/b", "2")
        assert (shelf.made["/a"], shelf.made["/b"]) == (2, 2)

        shelf.broken = True
        assert await get("/e") == 503
        shelf.broken = False
        assert await get("/e") == 200
