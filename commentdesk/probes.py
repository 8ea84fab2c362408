"""Small questions to a running installation: does it answer, is the port free."""

import asyncio
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

_LOOK_SECONDS = 0.05
_ANSWER_SECONDS = 2.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


async def until(question: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Ask again and again; whether the answer was yes in time. It is asked at least once."""
    deadline = time.monotonic() + seconds
    while not await question():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


async def http_answers(host: str, port: int) -> bool:
    """Whether a service says it is alive."""
    request = b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"
    answer = await _ask(asyncio.open_connection(_ANY.get(host, host), port), request)
    return b" 200 " in answer


async def redis_answers(path: Path) -> bool:
    """Whether a Redis on a socket says PONG."""
    return await _ask(asyncio.open_unix_connection(path), b"PING\r\n") == b"+PONG\r\n"


async def port_is_free(host: str, port: int) -> bool:
    """Whether a service could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _ask(opening: Awaitable[Streams], request: bytes) -> bytes:
    """The first line of the answer; empty where nobody answers."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await opening
            with closing(writer):
                writer.write(request)
                return await reader.readline()
    except (OSError, TimeoutError):
        return b""


if __name__ == "__main__":
    # A container's health check: `python -m commentdesk.probes PORT`.
    sys.exit(not asyncio.run(http_answers("127.0.0.1", int(sys.argv[1]))))
