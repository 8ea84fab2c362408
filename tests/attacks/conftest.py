"""One front door, intake with its article store, for all the attacks that need no more."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def front(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """Intake and the article store on SQLite; no worker touches what is sent, no proxy is trusted.

    Its Redis is its own, so that what is in it can be counted.
    """
    folder = tmp_path_factory.mktemp("front")
    redis = Redis(folder)
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()
    redis.stop()
