"""Seconds to clear a hundred waiting comments by keyboard, in a real Chromium.

Three moderators who never think: one presses `a` as fast as the page takes it, waiting for each
card's answer; one selects what is listed and approves it; one works a console as they commonly
are, a form and a new page for each comment.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.comments import many, wait
from tests.browser.desk_page import log_in
from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis

COMMENTS = 100
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# The page takes a second press of the same key for a trembling finger before that.
PRESS_SECONDS = 0.2


async def run() -> list[str]:
    """A table of seconds, and how many times faster than a page for each comment."""
    browser_path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    title = f"## Clearing: {COMMENTS} waiting comments by keyboard, in Chromium, SQLite"
    if browser_path is None:
        return [title, "", "Chromium is not on this machine.", ""]
    lines = [title, "", "| | seconds | comments a second | times faster |", "|---|---|---|---|"]
    plain = await _measured(browser_path, _page_for_each, script=False)
    for name, clear in (
        ("`a` for each, its answer awaited", _key_for_each),
        ("all that is listed selected, `Shift+A`", _selected),
    ):
        lines.append(_line(name, await _measured(browser_path, clear), plain))
    return [*lines, _line("a form and a new page for each", plain, plain), ""]


def _line(name: str, seconds: float, plain: float) -> str:
    return f"| {name} | {seconds:.1f} | {COMMENTS / seconds:.1f} | {plain / seconds:.1f} |"


async def _measured(
    chromium: str, clear: Callable[[Page], Awaitable[None]], *, script: bool = True
) -> float:
    async with _site() as site, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await _desk(browser, site, script=script)
        started = time.perf_counter()
        await clear(page)
        seconds = time.perf_counter() - started
        await _nothing_waits(site, page)
        await browser.close()
    return seconds


async def _key_for_each(page: Page) -> None:
    for _ in range(COMMENTS):
        card = await page.locator(".card.current").get_attribute("id")
        await page.keyboard.press("a")
        pressed = time.perf_counter()
        await page.locator(f"#{card} .folded b").wait_for(state="attached")
        await asyncio.sleep(max(0.0, pressed + PRESS_SECONDS - time.perf_counter()))


async def _selected(page: Page) -> None:
    await page.keyboard.press("Shift+X")
    while await page.locator(".all-done").is_hidden():
        await page.keyboard.press("Shift+A")
        await page.locator(".bulk.idle").wait_for()
        await asyncio.sleep(PRESS_SECONDS)
        await page.keyboard.press("Shift+X")


async def _page_for_each(page: Page) -> None:
    for _ in range(COMMENTS):
        button = page.locator(".card button.approve").first
        await button.focus()
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("Enter")


async def _desk(browser: Browser, site: Installation, *, script: bool) -> Page:
    context = await browser.new_context(locale="en-GB", java_script_enabled=script)
    page = await context.new_page()
    await log_in(page, site, "mai")
    await page.locator("html.scripted .card.current" if script else ".card").first.wait_for()
    return page


async def _nothing_waits(site: Installation, page: Page) -> None:
    answer = await page.request.get(f"{site.moderation}/v1/stats")
    assert (await answer.json())["counts"]["waiting"] == 0


@asynccontextmanager
async def _site() -> AsyncIterator[Installation]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        site = Installation(folder, redis, sqlite_urls(folder), UNDO_SECONDS="10")
        try:
            site.run("commentdesk.ledger", "migrate")
            await site.account("mai")
            ledger = site.ledger()
            await wait(ledger, many(COMMENTS))
            await ledger.close()
            await site.start("moderation")
            yield site
        finally:
            site.stop()
            redis.stop()
