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
    parts = urlsplit(url)
    waiting = deque(requests)
    seconds: list[float] = []
    statuses: dict[int, int] = {}
    started = time.perf_counter()
    await asyncio.gather(
        *(
            _client(parts.hostname or "", parts.port or 80, waiting, seconds, statuses)
            for _ in range(connections)
        )
    )
    elapsed = time.perf_counter() - started
    cuts = statistics.quantiles(seconds, n=100)
    return Measured(len(seconds) / elapsed, cuts[49], cuts[98], statuses)


async def _client(
    host: str, port: int, waiting: deque[bytes], seconds: list[float], statuses: dict[int, int]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while waiting:
        request = waiting.popleft()
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_content_length(head))
        seconds.append(time.perf_counter() - started)
        status = int(head[9:12])
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
