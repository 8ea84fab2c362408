"""Clients that take their time, and crowds of them: the others are served, the slow are cut off."""

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest
import pytest_asyncio

from tests.attacks.wire import Others, comment_path, connect, connections_of, drip, post_bytes
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE, Reader

IDLE = 1_000
_FEW_DESCRIPTORS = 300


@contextmanager
def descriptors(count: int | None) -> Iterator[None]:
    """So many descriptors for us and the processes we start; None: all that the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if count is None else count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The services with little patience."""
    folder = tmp_path_factory.mktemp("hasty")
    installation = Installation(
        folder, redis, sqlite_urls(folder), BODY_SECONDS="0.5", IDLE_SECONDS="1"
    )
    installation.migrate()
    await installation.start("articles", "intake", "moderation")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """Intake and articles with their usual patience, started from a shell that is stingy."""
    folder = tmp_path_factory.mktemp("patient")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    with descriptors(_FEW_DESCRIPTORS):
        await installation.start("articles", "intake")
    yield installation
    installation.stop()


@pytest.mark.parametrize("service", ["intake", "articles", "moderation"])
async def test_a_head_that_never_ends_is_cut_off(hasty: Installation, service: str) -> None:
    url, first = getattr(hasty, service), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    drips = ((first, b"X: a\r\n"), (first + b"X: ", b"a"), (b"GET /", b"a"), (b"", b""))
    async with Others.served(f"{url}/healthz"):
        found = await asyncio.gather(*(drip(url, start, drop) for start, drop in drips))
    assert found == [[], [], [], []]


async def test_a_second_head_on_one_connection_is_cut_off_too(hasty: Installation) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    answers = await drip(hasty.intake, first + b"\r\n" + first, b"X: a\r\n")
    assert [answer.status for answer in answers] == [200]


@pytest.mark.parametrize(
    ("service", "path"),
    [("intake", comment_path()), ("intake", "/v1/captchas"), ("moderation", "/login")],
)
async def test_a_body_that_never_ends_is_cut_off(
    hasty: Installation, service: str, path: str
) -> None:
    url = getattr(hasty, service)
    drips = (
        ("application/json", b'{"name": "', b"a"),
        ("application/x-www-form-urlencoded", b"name=", b"a"),
        ("multipart/form-data; boundary=x", b"--x\r\n", b"X: a\r\n"),
        ("application/json", b"{", b""),
    )
    async with Others.served(f"{url}/healthz"):
        found = await asyncio.gather(
            *(
                drip(url, post_bytes(path, start, kind, f"Origin: {url}", length=60_000), drop)
                for kind, start, drop in drips
            )
        )
    assert [[answer.status for answer in answers] for answers in found] == [[408]] * 4


async def test_the_article_store_does_not_wait_for_a_body_of_its_own(hasty: Installation) -> None:
    head = (
        f"PUT /v1/comments HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {hasty.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    (answer,) = await drip(hasty.articles, head.encode(), b"1\r\n \r\n")
    assert (answer.status, answer.code) == (408, "body_too_slow")


async def test_a_body_that_takes_its_time_but_comes_is_taken(
    patient: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(patient, http)
    form = json.dumps(reader.form()).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(form), 20):
            yield form[start : start + 20]

    url = patient.intake + comment_path()
    headers = {"Content-Type": "application/json"}
    async with http.post(url, data=in_pieces(), headers=headers) as response:
        assert response.status == 202, await response.text()


async def test_an_answer_nobody_takes_is_dropped(
    hasty: Installation, http: aiohttp.ClientSession
) -> None:
    await _store_a_long_article(hasty, http)
    port = urlsplit(hasty.articles).port
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deaf.connect(("127.0.0.1", port))
    ours = deaf.getsockname()[1]

    async def held() -> bool:
        return any(c.raddr and c.raddr.port == ours for c in connections_of(hasty, "articles"))

    async def dropped() -> bool:
        return not await held()

    async with Others.served(f"{hasty.articles}/healthz"):
        deaf.sendall(b"GET /v1/articles/long HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        await until(held, "the service answers")
        await until(dropped, "the service lets go")
    deaf.close()


@pytest.mark.parametrize("service", ["intake", "articles"])
async def test_a_thousand_idle_connections_stop_nobody(
    patient: Installation, http: aiohttp.ClientSession, service: str
) -> None:
    with descriptors(None):
        async with AsyncExitStack() as crowd:
            for number in range(IDLE):
                _, writer = await connect(getattr(patient, service))
                crowd.callback(writer.close)
                if number % 2:
                    writer.write(b"POST /v1/captchas HTTP/1.1\r\nHost: localhost\r\nX: ")
            reader = Reader(patient, http)
            await reader.accepted()
            assert await reader.page()
            held = connections_of(patient, service)
            assert len([c for c in held if c.status == psutil.CONN_ESTABLISHED]) >= IDLE
    await reader.accepted()


async def test_streams_are_left_open_but_their_readers_may_go(
    patient: Installation, http: aiohttp.ClientSession
) -> None:
    path = f"/v1/articles/{ARTICLE}/comments/events"
    with descriptors(None):
        async with AsyncExitStack() as crowd:
            for _ in range(200):
                listener, writer = await connect(patient.articles)
                crowd.callback(writer.close)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                await listener.readuntil(b"ready")
            assert await Reader(patient, http).page()
        for _ in range(200):
            # Gone before the first byte of the answer.
            _, writer = await connect(patient.articles)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            writer.transport.abort()
    assert await Reader(patient, http).page()
    assert "database_away" not in patient.log_of("articles")


async def test_who_goes_away_in_the_middle_is_no_trouble_of_ours(
    patient: Installation, http: aiohttp.ClientSession
) -> None:
    for _ in range(50):
        _, writer = await connect(patient.intake)
        whole = post_bytes(comment_path(), b"{" + b" " * 9_000 + b"}", "application/json")
        writer.write(whole[:-100])
        await writer.drain()
        writer.transport.abort()
    await Reader(patient, http).accepted()
    log = patient.log_of("intake")
    assert "database_away" not in log
    assert "request_failed" not in log


async def _store_a_long_article(site: Installation, http: aiohttp.ClientSession) -> None:
    article = {
        "title": "Dài",
        "lead": "",
        "body": "dài " * 120_000,
        "language": "vi",
        "published_at": "2020-06-24T02:50:00Z",
    }
    headers = {"Authorization": f"Bearer {site.token}"}
    async with http.put(f"{site.articles}/v1/articles/long", json=article, headers=headers) as done:
        assert done.status in {200, 201}, await done.text()
