"""The ledger is away: a clear 503, the reader's text kept; and all is well when it is back."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from commentdesk.database import DatabaseAway, reach
from tests.conftest import missing, sqlite_urls
from tests.installation import Installation, Postgres, Redis, postgres_programs, until
from tests.reader import ARTICLE, Reader

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
async def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    if postgres_programs() is None:
        missing("PostgreSQL")
    server = Postgres(tmp_path_factory.mktemp("own"))
    yield server
    server.stop()


async def test_the_ledger_goes_away_and_comes_back(
    own_postgres: Postgres, redis: Redis, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    urls = (await own_postgres.create("ledger"), sqlite_urls(tmp_path)[1])
    site = Installation(tmp_path, redis, urls)
    try:
        site.migrate()
        await site.start("articles", "intake", "upkeep")
        reader = Reader(site, http)
        await reader.accepted()
        own_postgres.kill()

        form = reader.form(content="Chữ này phải còn.")
        url = f"{site.intake}/v1/articles/{ARTICLE}/comments"
        async with http.post(url, json=form) as response:
            assert response.status == 503
            assert int(response.headers["Retry-After"]) > 0
            assert (await response.json(content_type=None))["code"] == "unavailable"
        async with http.post(url, data=form, headers={"Accept": "text/html"}) as response:
            assert response.status == 503
            page = await response.text()
        assert "Chữ này phải còn." in page
        assert form["captcha_id"] in page, "the captcha was not used and stays"
        assert f'value="{form["captcha_answer"]}"' in page
        async with http.get(f"{site.intake}/readyz") as response:
            assert response.status == 503
        async with http.get(f"{site.intake}/healthz") as response:
            assert response.status == 200

        with pytest.raises(subprocess.CalledProcessError) as refused:
            site.run("commentdesk.ledger", "migrate")
        assert "DatabaseAway: " in refused.value.output
        assert "Traceback" not in refused.value.output

        own_postgres.start()

        async def accepted() -> bool:
            return (await reader.post(form))[0] == 202

        await until(accepted, "intake accepts again, with the very same form")

        async def reconciles() -> bool:
            return "reconciles_again" in site.log_of("upkeep")

        await until(reconciles, "upkeep says that it is over")
        assert site.log_of("upkeep").count("reconcile_failed") == 1
    finally:
        site.stop()


async def test_a_database_that_is_silent_is_away() -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    host, port = silent.sockets[0].getsockname()
    async with silent:
        with pytest.raises(DatabaseAway, match="no answer in time"):
            await reach(f"postgresql+asyncpg://ledger@{host}:{port}/ledger")
