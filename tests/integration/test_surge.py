"""A surge of wrong answers: work is asked for, more and more of it, and then less by itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE, Reader
from tests.solver import solve

OTHER_ARTICLE = "night-train-timetable"
BROWSER = {"Accept": "text/html"}
TRIES = 10
SETTINGS = {
    "LIMITS": "on",
    "SUBMISSIONS_LIMIT": "10000/minute",
    "CAPTCHAS_LIMIT": "10000/minute",
    "CAPTCHA_WORK": str(TRIES),
    "SURGE_WINDOW_SECONDS": "600",
    "SURGE_WRONG": "40",
    "SURGE_WRONG_ARTICLE": "3",
    "SURGE_COMMENTS_ARTICLE": "0",
    "SURGE_SOUNDS_ARTICLE": "2",
    "SURGE_PLAIN_LIMIT": "2/hour",
    "TRUSTED_PROXIES": "127.0.0.0/8,::1/128",
}
BRIEF = {"SURGE_WINDOW_SECONDS": "6", "SURGE_CALM_SECONDS": "1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """Intake where few wrong answers are a surge that lasts, by its own Redis."""
    folder = tmp_path_factory.mktemp("surge")
    own = Redis(folder)
    installation = Installation(folder, own, sqlite_urls(folder), **SETTINGS)
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()
    own.stop()


async def issued(reader: Reader, article: str = ARTICLE) -> dict[str, Any]:
    url = f"{reader.site.intake}/v1/captchas"
    async with reader.http.post(url, json={"article": article}) as response:
        document: dict[str, Any] = await response.json()
    return document


async def guesses(reader: Reader, count: int, article: str = ARTICLE) -> None:
    for _ in range(count):
        await reader.post(reader.form(article, captcha_answer="sai"), article)


async def asks(reader: Reader, ask: str, tries: int = 0, article: str = ARTICLE) -> None:
    """Wait until a fresh captcha of this article asks for so much."""

    async def there() -> bool:
        captcha = await issued(reader, article)
        work = captcha["work"]
        found = work["parameters"]["data"]["tries"] if work else 0
        return (captcha["ask"], found) == (ask, tries)

    await until(there, f"{ask}, {tries} tries")


async def metric(reader: Reader, name: str) -> float:
    async with reader.http.get(f"{reader.site.intake}/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def readiness(reader: Reader) -> str:
    async with reader.http.get(f"{reader.site.intake}/readyz") as response:
        assert response.status == 200
        return str((await response.json())["parts"]["captchas"])


async def test_a_surge_under_one_article_raises_its_work_step_by_step_and_no_others(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(site, http)
    before = reader.form()
    assert (await issued(reader))["ask"] == "image"
    assert await readiness(reader) == "ok"
    await guesses(reader, 3)
    await asks(reader, "both", TRIES)
    assert (await issued(reader, OTHER_ARTICLE))["ask"] == "image"
    assert "surge, work x1" in await readiness(reader)
    assert await metric(reader, "commentdesk_captcha_surge_articles") == 1
    assert "captcha_surge_rises" in site.log_of("intake")

    # A captcha from before stays good: the same one, its answer kept, and work to be done.
    status, told = await reader.post(before)
    assert status == 422
    assert [(e["field"], e["code"]) for e in told["errors"]] == [
        ("captcha_work", "captcha_work_required")
    ]
    assert told["captcha"]["id"] == before["captcha_id"]
    payload = solve(told["captcha"]["work"])
    form = {**before, "captcha_work": payload}
    status, accepted = await reader.post(form)
    assert status == 202
    # The same form again, and once more without its work: taken already.
    assert (await reader.post(form))[1]["id"] == accepted["id"]
    assert (await reader.post(before))[1]["id"] == accepted["id"]

    # Work without a right answer is none, and the answer is still one try.
    other = await issued(reader)
    worked = reader.form(captcha_id=other["id"], captcha_work=solve(other["work"]))
    right = site.mint.open(other["id"]).answer
    assert (await reader.post({**worked, "captcha_answer": ""}))[1]["errors"][0]["code"] == (
        "required"
    )
    await reader.post({**worked, "captcha_answer": "sai"})
    status, told = await reader.post({**worked, "captcha_answer": right})
    assert told["errors"][0]["code"] == "captcha_burnt"

    await guesses(reader, 2)
    await asks(reader, "both", 2 * TRIES)
    await guesses(reader, 6)
    await asks(reader, "both", 4 * TRIES)
    assert (await issued(reader, OTHER_ARTICLE))["ask"] == "image"


async def test_sounds_that_are_asked_for_by_the_dozen_are_a_surge_too(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(site, http)
    article = "cho-noi-hop-som"
    for _ in range(2):
        captcha = await issued(reader, article)
        assert captcha["ask"] == "image"
        async with http.get(captcha["audio_url"]) as response:
            assert response.status == 200
    await asks(reader, "both", TRIES, article)


async def test_the_form_without_script_is_served_in_a_surge_and_limited(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(site, http)
    article = OTHER_ARTICLE
    url = f"{site.intake}/v1/articles/{article}"
    await guesses(reader, 3, article)
    await asks(reader, "both", TRIES, article)
    async with http.get(f"{url}/form", headers=BROWSER) as response:
        assert "/image" in await response.text()

    async def sends() -> tuple[int, str]:
        async with http.post(
            f"{url}/comments", data=reader.form(article), headers=BROWSER, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Retry-After", "")

    assert [(await sends())[0] for _ in range(2)] == [303, 303]
    status, after = await sends()
    assert status == 429
    assert int(after) >= 1


async def test_digits_heard_by_who_can_do_no_work_are_taken_now_and_then(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    """The form without script; letters that were seen are not counted, nor is what is refused."""
    article = "library-of-things"
    url = f"{site.intake}/v1/articles/{article}/comments"
    headers = {**BROWSER, "X-Forwarded-For": "203.0.113.77"}

    async def sends(answer: str, **changed: str) -> int:
        captcha = site.captcha(article)
        form = Reader(site, http).form(
            article, captcha_id=captcha.id, captcha_answer=getattr(captcha, answer), **changed
        )
        async with http.post(url, data=form, headers=headers, allow_redirects=False) as response:
            return response.status

    assert [await sends("digits", name="") for _ in range(3)] == [422] * 3
    assert [await sends("digits") for _ in range(3)] == [303, 303, 429]
    assert await sends("answer") == 303


async def test_it_falls_by_itself_and_other_processes_see_it(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, http: aiohttp.ClientSession
) -> None:
    folder = tmp_path_factory.mktemp("brief")
    installation = Installation(folder, redis, sqlite_urls(folder), **SETTINGS | BRIEF)
    installation.migrate()
    other = Installation(
        folder,
        redis,
        sqlite_urls(folder),
        **SETTINGS | BRIEF,
        SECRET=installation.settings.secret.get_secret_value(),
        SERVICE_TOKEN=installation.token,
        ARTICLES_URL=installation.articles,
    )
    try:
        await installation.start("articles", "intake")
        await other.start("intake")
        readers = Reader(installation, http), Reader(other, http)
        seen = asyncio.gather(*(asks(reader, "both", TRIES) for reader in readers))
        await guesses(readers[0], 3)
        await seen
        for reader in readers:
            await asks(reader, "image")
            assert await readiness(reader) == "ok"
        assert "captcha_surge_falls" in installation.log_of("intake")
    finally:
        other.stop()
        installation.stop()


async def test_without_redis_a_process_counts_for_itself(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, http: aiohttp.ClientSession
) -> None:
    folder = tmp_path_factory.mktemp("alone")
    away = {"REDIS_URL": f"unix://{folder / 'nobody.sock'}"}
    installation = Installation(folder, redis, sqlite_urls(folder), **SETTINGS | away)
    installation.migrate()
    try:
        await installation.start("articles", "intake")
        reader = Reader(installation, http)
        await guesses(reader, 3)
        await asks(reader, "both", TRIES)
    finally:
        installation.stop()
