"""Fixtures: installations on both databases, and what to say when a machine lacks a part."""

import gc
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.installation import PASSWORD, Installation, Postgres, Redis, postgres_programs
from tests.reader import Desk, Reader

Installation.forks = True
# What takes longest is begun first: at the end all processors have something left to do.
LONGEST = (
    *("test_chaos", "test_ledger_machine", "test_openapi_fuzz", "test_cross_site"),
    *("test_second_looks", "test_widget_trouble", "test_decision_races", "test_scripts_in_browser"),
    *("test_accessible", "test_launcher", "test_cancelled_requests", "test_promise"),
    *("test_rechecks", "test_patterns_are_linear", "test_campaign_orders", "test_backup_refusals"),
    *("test_every_route_by_role", "test_floods", "test_desk_long", "test_desk", "test_backup"),
    *("test_receipt_attacks", "test_widget_accessible", "test_grace", "test_campaigns"),
    *("test_books", "test_audit_chain", "test_desk_together", "test_wal_cut", "test_rehearsals"),
    *("test_languages", "test_desk_keys", "test_greedy_bodies", "test_text_in_its_place"),
    *("test_policies", "test_graceful_stop", "test_moderation"),
)
ALL = ("articles", "intake", "moderation", "checks", "publish", "upkeep")
# The first has no windows: a page of its own costs a fourth of what it costs in the others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


def pytest_collectstart() -> None:
    """What is collected stays: looking for garbage among thousands of tests finds none."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def missing(what: str) -> None:
    """Skip with a plain reason; in CI a part that is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    if postgres_programs() is None:
        missing("PostgreSQL")
    server = Postgres(tmp_path_factory.mktemp("pg"))
    yield server
    server.stop()


def sqlite_urls(folder: Path) -> tuple[str, str]:
    return (
        f"sqlite+aiosqlite:///{folder / 'ledger.db'}",
        f"sqlite+aiosqlite:///{folder / 'articles.db'}",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """Everything running on SQLite, shared by the tests of one file."""
    folder = tmp_path_factory.mktemp("site")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.account("nam")
    await installation.start(*ALL)
    yield installation
    installation.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def fragile(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation of its own with nothing started yet: its processes may be killed."""
    own_redis = Redis(tmp_path)
    urls = sqlite_urls(tmp_path)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    installation = Installation(tmp_path, own_redis, urls)
    installation.migrate()
    yield installation
    installation.stop()
    own_redis.stop()


@dataclass(frozen=True)
class Store:
    """A running article store."""

    url: str
    token: str
    database_url: str


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Store]:
    """The article store alone, with its demo articles, on each database."""
    folder = tmp_path_factory.mktemp("store")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (urls[0], await server.create(secrets.token_hex(6)))
    installation = Installation(folder, redis, urls)
    installation.migrate()
    await installation.start("articles")
    yield Store(installation.articles, installation.token, urls[1])
    installation.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def reader(site: Installation, http: aiohttp.ClientSession) -> Reader:
    return Reader(site, http)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def logged_in(site: Installation) -> AsyncIterator[Desk]:
    """Mai's session, for the tests of one file: a password takes long to check, on purpose."""
    opened = await Desk.log_in(site, "mai", PASSWORD)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(site: Installation, logged_in: Desk) -> AsyncIterator[Desk]:
    """A moderator (Mai, an admin) at the console, logged in anew if a test ended her session."""
    opened = await logged_in.once_more() or await Desk.log_in(site, "mai", PASSWORD)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    missing("Chromium")
    raise AssertionError
