"""A cheap HTTP client for benchmarks: prebuilt requests over kept-alive connections.

aiohttp's own client costs more than the server it measures; this one reads a status line and a
Content-Length and no more.
"""

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Measured:
    """Answers a second, and the 50th and 99th percentile of seconds to an answer."""

    rate: float
    p50: float
    p99: float
    statuses: dict[int, int]


def post_request(url: str, body: bytes) -> bytes:
    """The bytes of one POST of JSON."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get_request(url: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of one GET."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{said}\r\n".encode()


async def measure(url: str, requests: list[bytes], connections: int) -> Measured:
    """Send every request once over so many connections at a time."""
    waiting = deque(requests)
    seconds: list[float] = []
    statuses: dict[int, int] = {}
    started = time.perf_counter()
    await asyncio.gather(*(_client(url, waiting, seconds, statuses) for _ in range(connections)))
    elapsed = time.perf_counter() - started
    cuts = statistics.quantiles(seconds, n=100)
    return Measured(len(seconds) / elapsed, cuts[49], cuts[98], statuses)


class Connection:
    """One kept-alive connection, asked one thing after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str) -> Self:
        parts = urlsplit(url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        return int(head[9:12]), await self._reader.readexactly(_content_length(head))

    def close(self) -> None:
        self._writer.close()


async def _client(
    url: str, waiting: deque[bytes], seconds: list[float], statuses: dict[int, int]
) -> None:
    connection = await Connection.open(url)
    while waiting:
        request = waiting.popleft()
        started = time.perf_counter()
        status, _ = await connection.ask(request)
        seconds.append(time.perf_counter() - started)
        statuses[status] = statuses.get(status, 0) + 1
    connection.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
