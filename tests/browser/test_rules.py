"""An editor in a real Chromium: a word is rehearsed, then added, with and without script."""

from collections.abc import AsyncIterator
from typing import Literal

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis, until
from tests.reader import ARTICLE, CLEAN, Reader

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PAGES = (
    "words",
    "hosts",
    "patterns",
    "bans",
    "policy",
    "articles",
    f"articles/{ARTICLE}",
    "reasons",
)
HOSTILE = "<img src=x onerror=document.title='stolen'>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ruled(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("rules")
    site = Installation(folder, redis, sqlite_urls(folder))
    site.migrate()
    await site.account("bien", "editor")
    await site.start("articles", "intake", "checks", "moderation", "upkeep")
    yield site
    site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def log_in(context: BrowserContext, site: Installation) -> Page:
    page = await context.new_page()
    await page.goto(f"{site.moderation}/login?next=/rules/words")
    await page.locator("input[name=login]").fill("bien")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button.approve").click()
    return page


async def checked(reader: Reader, submission: str) -> bool:
    return await reader.state(submission) != "received"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_word_is_rehearsed_and_then_added(
    browser: Browser, ruled: Installation, script: bool, http: aiohttp.ClientSession
) -> None:
    async with await browser.new_context(locale="vi-VN", java_script_enabled=script) as context:
        word = "đi bộ quanh hồ" if script else "những buổi sáng"
        page = await log_in(context, ruled)
        if script:
            reader = Reader(ruled, http)
            for _ in range(3):
                submission = await reader.accepted(**{**CLEAN, "title": HOSTILE})
                await until(lambda made=submission: checked(reader, made), "it is checked")
        await page.get_by_label("Từ hoặc cụm từ, mỗi dòng một từ").fill(f"{word}\nkhông ai viết")
        await page.locator(".adding select[name=kind]").select_option("suspect")
        await page.get_by_role("button", name="Thử trên 30 ngày qua").click()
        # The script reloads by itself, without it the page does: nobody presses anything.
        wrong = page.locator(".figures .wrong")
        await expect(wrong).to_contain_text("3", timeout=60_000)
        await expect(page.locator(".examples li")).to_have_count(3)
        await expect(page.locator(".examples mark").first).to_have_text(word)
        assert await page.title() != "stolen"
        await page.get_by_role("button", name="Thêm vào: Đáng ngờ").click()
        await expect(page.locator(".told")).to_have_text("Đã thêm: 2." if script else "Đã thêm: 1.")
        await expect(page.locator(".words")).to_contain_text(word)


async def test_every_page_is_sound_small_and_in_the_dark(
    browser: Browser, ruled: Installation
) -> None:
    errors: list[str] = []
    looks: tuple[tuple[str, int, Literal["light", "dark"]], ...] = (
        ("vi", 1280, "light"),
        ("en", 390, "dark"),
    )
    for language, width, scheme in looks:
        context = await browser.new_context(
            locale=language, viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        page = await log_in(context, ruled)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        for path in PAGES:
            await page.goto(f"{ruled.moderation}/rules/{path}?lang={language}")
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            spill = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(spill) <= 0, path
        await context.close()
    assert errors == []
