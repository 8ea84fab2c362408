"""HTTP as bytes on a socket: what a proper client would never send, and how it is answered."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil

from tests.installation import Installation
from tests.reader import ARTICLE

_PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    head: bytes
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


def post_bytes(
    path: str, body: bytes, content_type: str, *headers: str, length: int | None = None
) -> bytes:
    """One POST; `length` where it is to say another than its body has."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def comment_path(article: str = ARTICLE) -> str:
    return f"/v1/articles/{article}/comments"


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", urlsplit(url).port)


async def say(url: str, raw: bytes) -> list[Answer]:
    """Send these bytes; all answers until the service closes the connection, which it must."""
    reader, writer = await connect(url)
    heard = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            writer.write(raw)
            # Who refuses early may reset the connection while we are still sending.
            with contextlib.suppress(ConnectionError):
                heard = await _all_of(reader)
    finally:
        writer.close()
    return answers_in(heard)


async def drip(url: str, start: bytes, drop: bytes) -> list[Answer]:
    """Send the start, then drop after drop until the service closes the connection."""
    reader, writer = await connect(url)
    hearing = asyncio.create_task(_all_of(reader))
    try:
        async with asyncio.timeout(_PATIENCE):
            writer.write(start)
            while not hearing.done():
                writer.write(drop)
                await asyncio.wait([hearing], timeout=0.02)
            return answers_in(hearing.result())
    finally:
        hearing.cancel()
        writer.close()


def answers_in(raw: bytes) -> list[Answer]:
    """The answers, one after another, with nothing left between or after them."""
    found = []
    while raw:
        head, blank, rest = raw.partition(b"\r\n\r\n")
        assert blank, raw[:300]
        assert re.match(rb"HTTP/\d\.\d \d{3} ", head), raw[:300]
        body, raw = _body_of(head, rest)
        found.append(Answer(int(head[9:12]), head, body))
    return found


def _body_of(head: bytes, rest: bytes) -> tuple[bytes, bytes]:
    if length := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
        return rest[: int(length[1])], rest[int(length[1]) :]
    body = b""
    while size := int(rest.split(b"\r\n")[0], 16):
        start = rest.index(b"\r\n") + 2
        body, rest = body + rest[start : start + size], rest[start + size + 2 :]
    return body, rest.removeprefix(b"0\r\n\r\n")


class Others:
    """Readers who go on asking a service while something else is done to it."""

    def __init__(self) -> None:
        self.answered = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def served(cls, url: str) -> AsyncIterator["Others"]:
        """They must be answered, well, at least once within the block."""
        others, stop = cls(), asyncio.Event()
        asking = asyncio.create_task(others._ask(url, stop))
        try:
            yield others
        finally:
            stop.set()
            await asking
        assert others.answered

    async def _ask(self, url: str, stop: asyncio.Event) -> None:
        async with aiohttp.ClientSession() as http:
            while not self.answered or not stop.is_set():
                async with asyncio.timeout(_PATIENCE), http.get(url) as response:
                    assert response.status == 200, await response.text()
                    await response.read()
                self.answered += 1


def process_of(site: Installation, name: str) -> psutil.Process:
    return psutil.Process(site._processes[name].pid)


def connections_of(site: Installation, name: str) -> list[Any]:
    """The connections clients hold to the service's port."""
    port = urlsplit(getattr(site, name)).port
    found = process_of(site, name).net_connections("tcp")
    return [c for c in found if c.laddr.port == port and c.status != psutil.CONN_LISTEN]


async def in_turns(count: int, at_once: int, act: Callable[[int], Awaitable[None]]) -> None:
    """Do it so often, so many at a time."""
    numbers = iter(range(count))

    async def client() -> None:
        for number in numbers:
            await act(number)

    await asyncio.gather(*(client() for _ in range(at_once)))


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            heard += chunk
    return heard
