"""The edges of intake: who may call, how often, from where, and what is never written down."""

import secrets
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
from openapi_spec_validator import validate

from commentdesk.settings import Settings
from services.intake.app import create_app
from services.intake.openapi import OPENAPI
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, DOUBTFUL, Desk, Reader

NEWSPAPER = "https://bao.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def edge(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """Intake with its limits on, behind a trusted proxy on loopback."""
    folder = tmp_path_factory.mktemp("edge")
    installation = Installation(
        folder,
        redis,
        sqlite_urls(folder),
        LIMITS="on",
        SUBMISSIONS_LIMIT="3/minute",
        TRUSTED_PROXIES="127.0.0.0/8,::1/128",
        SITES=f"{NEWSPAPER}/",
    )
    installation.migrate()
    await installation.start("articles", "intake", "checks")
    yield installation
    installation.stop()


def address() -> str:
    """An IPv6 address of a network of its own."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def post(edge: Installation, http: aiohttp.ClientSession, forwarded: str) -> int:
    reader = Reader(edge, http)
    return (await reader.post(reader.form(), headers={"X-Forwarded-For": forwarded}))[0]


async def test_one_too_many_is_told_when_to_come_back(
    edge: Installation, http: aiohttp.ClientSession
) -> None:
    reader, headers = Reader(edge, http), {"X-Forwarded-For": address()}
    for _ in range(3):
        assert (await reader.post(reader.form(), headers=headers))[0] == 202
    url = f"{edge.intake}/v1/articles/{ARTICLE}/comments"
    async with http.post(url, json=reader.form(), headers=headers) as response:
        assert response.status == 429
        wait = int(response.headers["Retry-After"])
        assert 1 <= wait <= 120
        assert str(wait) in (await response.json(content_type=None))["title"]


async def test_a_64_is_one_reader_and_the_forged_left_end_counts_for_nothing(
    edge: Installation, http: aiohttp.ClientSession
) -> None:
    network = address().removesuffix("1")
    statuses = [await post(edge, http, f"203.0.113.{n}, {network}{n}") for n in range(1, 6)]
    assert statuses == [202, 202, 202, 429, 429]
    assert await post(edge, http, address()) == 202


@pytest.mark.parametrize(("what", "most"), [("image", 30), ("audio", 10)])
async def test_pictures_and_sounds_have_limits_of_their_own(
    edge: Installation, http: aiohttp.ClientSession, what: str, most: int
) -> None:
    headers, statuses = {"X-Forwarded-For": address()}, []
    for _ in range(most + 1):
        async with http.get(f"{edge.intake}/v1/captchas/none/{what}", headers=headers) as response:
            statuses.append(response.status)
    assert statuses == [404] * most + [429]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (NEWSPAPER, True),
        ("https://www.bao.example", True),
        ("https://bao.example:443", True),
        ("http://bao.example", False),
        ("https://evil-bao.example", False),
        ("https://bao.example.evil.example", False),
        ("null", False),
    ],
)
async def test_cors_is_for_the_sites_of_the_settings(
    edge: Installation, http: aiohttp.ClientSession, origin: str, allowed: bool
) -> None:
    url = f"{edge.intake}/v1/captchas"
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with http.options(url, headers=headers) as response:
        found = response.headers.get("Access-Control-Allow-Origin")
        assert found == (origin if allowed else None)
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers


async def test_personal_data_is_nowhere_in_the_clear(site: Installation, reader: Reader) -> None:
    phone, name = "0987654321", f"Tên Riêng {secrets.token_hex(6)}"
    submission = await reader.accepted(**{**DOUBTFUL, "phone": phone, "name": name})
    await reader.reaches(submission, "held")
    clear = await reader.accepted(name=name, phone=phone)
    await reader.reaches(clear, "published")
    for process in ("intake", "checks", "publish", "articles", "moderation", "upkeep"):
        log = site.log_of(process)
        assert phone not in log
        assert name not in log
    assert submission in site.log_of("intake") and submission in site.log_of("checks")
    assert clear in site.log_of("publish")
    connection = redis_client.Redis.from_url(site.redis.url)
    for key in connection.scan_iter():
        assert phone.encode() not in (connection.dump(key) or b"")
    for url in (site.intake, site.articles, site.moderation):
        async with reader.http.get(f"{url}/metrics") as response:
            metrics = await response.text()
        assert phone not in metrics
        assert name not in metrics
    stored = b"".join(
        path.read_bytes() for path in site.folder.glob("ledger.db*") if path.suffix != ".db-shm"
    )
    assert name.encode() in stored
    assert phone.encode() not in stored


async def test_a_moderator_sees_the_number_masked(reader: Reader, desk: Desk) -> None:
    submission = await reader.accepted(**{**DOUBTFUL, "phone": "0987654321"})
    await reader.reaches(submission, "held")
    found = await desk.find(submission)
    assert "0987654321" not in str(found)
    assert "0987654321" not in await desk.page(f"/submissions/{submission}")


async def test_each_service_tells_of_itself(site: Installation, reader: Reader) -> None:
    for url in (site.intake, site.moderation, site.articles):
        for path in ("/healthz", "/readyz", "/metrics"):
            async with reader.http.get(url + path) as response:
                assert response.status == 200, await response.text()
        async with reader.http.get(f"{url}/openapi.json") as response:
            document = await response.json()
        assert document["openapi"] == "3.1.0"
        validate(document)


def test_the_openapi_document_names_every_route_of_intake(site: Installation) -> None:
    settings = Settings.model_validate(site.settings.model_dump())
    app = create_app(settings)
    own = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/static"}
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource and route.resource.canonical not in own and route.method != "HEAD"
    }
    documented = {(path, method) for path, item in OPENAPI["paths"].items() for method in item}
    # Parameters stand once for all methods of a path.
    assert routes == {(path, said) for path, said in documented if said != "parameters"}
