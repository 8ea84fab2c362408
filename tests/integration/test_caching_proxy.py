"""A real nginx in front, configured as docs/nginx.conf says: it carries the crowd, and keeps up."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.conftest import Store, missing
from tests.installation import free_ports, until
from tests.integration.test_article_store import Client, article_body, comment
from tests.scratch import ends_with_us

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLE = Path(__file__).parents[2] / "docs" / "nginx.conf"
_WHOLE = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
{example}
}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxy(store: Store, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if nginx is None:
        missing("nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), free_ports(1)[0]
    example = EXAMPLE.read_text("utf-8")
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8082;", f"server {store.url.replace('http://localhost', '127.0.0.1')};"),
        ("/var/cache/nginx/commentdesk", f"{folder}/cache"),
    ):
        assert written in example
        example = example.replace(written, here)
    (folder / "nginx.conf").write_text(_WHOLE.format(folder=folder, example=example))
    command = [*ends_with_us(), str(nginx), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)

    async def answers() -> bool:
        assert process.poll() is None, (folder / "out").read_text()
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    url = f"http://127.0.0.1:{port}"
    await until(answers, "nginx answers")
    yield url
    process.kill()
    process.wait()


async def test_a_crowd_is_served_by_the_proxy_and_sees_what_is_new_within_seconds(
    store: Store, proxy: str
) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(store, http)
        article = "trang-nhat"
        await client.put(f"/v1/articles/{article}", article_body())
        page = f"{proxy}/articles/{article}"

        async def look() -> tuple[str, str]:
            async with http.get(page) as response:
                assert response.status == 200
                return response.headers["X-Cache"], await response.text()

        await look()
        seen = await asyncio.gather(*(look() for _ in range(200)))
        assert sum(cache in {"HIT", "STALE", "UPDATING"} for cache, _ in seen) >= 195
        await client.publish(comment(article, content="vừa được đăng"))
        # On the page within the seconds that its headers promise.
        async with asyncio.timeout(12):
            while "vừa được đăng" not in (await look())[1]:
                await asyncio.sleep(0.2)
        # The list the widget asks for is another address for each version: there at once.
        newer = comment(article, content="mới hơn nữa")
        await client.publish(newer)
        address = f"{proxy}/v1/articles/{article}/comments?limit=20&v=2"
        async with http.get(address) as response:
            assert "mới hơn nữa" in await response.text()


async def test_readers_of_kept_pages_are_counted_without_a_script(store: Store, proxy: str) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(store, http)
        article = "khong-ma-lenh"
        await client.put(f"/v1/articles/{article}", article_body())
        address = f"{proxy}/articles/{article}"

        async def read(number: int) -> str:
            """As a browser does: the page, and the picture it is told of."""
            agent = {"User-Agent": f"Mozilla/5.0 (Reader {number})"}
            async with http.get(address, headers=agent) as response:
                kept, page = response.headers["X-Cache"], await response.text()
            picture = re.search(r'<noscript><img [^>]*src="([^"]+)"', page)
            assert picture
            async with http.get(proxy + picture[1], headers=agent) as response:
                assert "X-Cache" not in response.headers or not response.headers["X-Cache"]
                assert await response.read()
            return kept

        await read(0)
        kept = await asyncio.gather(*(read(number) for number in range(50)))
        assert sum(cache in {"HIT", "STALE", "UPDATING"} for cache in kept) >= 45
        async with asyncio.timeout(60):
            while (await client.get(f"/v1/articles/{article}"))["views"] != 50:
                await asyncio.sleep(0.1)


async def test_the_list_of_articles_is_carried_too_and_a_new_one_is_soon_on_it(
    store: Store, proxy: str
) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(store, http)

        async def look() -> tuple[str, str]:
            async with http.get(f"{proxy}/") as response:
                assert response.status == 200
                return response.headers["X-Cache"], await response.text()

        await look()
        seen = await asyncio.gather(*(look() for _ in range(100)))
        assert sum(cache in {"HIT", "STALE", "UPDATING"} for cache, _ in seen) >= 95
        await client.put("/v1/articles/bai-moi", article_body(published_at="2199-02-01T00:00:00Z"))
        async with asyncio.timeout(12):
            while "/articles/bai-moi" not in (await look())[1]:
                await asyncio.sleep(0.2)


async def test_live_news_pass_through_unbuffered(store: Store, proxy: str) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(store, http)
        article = "truc-tiep"
        await client.put(f"/v1/articles/{article}", article_body())
        events = f"{proxy}/v1/articles/{article}/comments/events"
        async with http.get(events) as response, asyncio.timeout(60):
            assert (await response.content.readline()).strip()
            await client.publish(comment(article, id="qua-proxy"))
            while b"qua-proxy" not in await response.content.readline():
                pass
