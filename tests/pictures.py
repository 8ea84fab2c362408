"""`python -m tests.pictures` takes the pictures of docs/moderation.md, docs/embedding.md
and README.md.

The comments on them are posted through the form's own address and judged by the real checks.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from commentdesk.database import now
from commentdesk.ledger.second_looks import pick_second_looks
from tests.conftest import ALL, sqlite_urls
from tests.installation import PASSWORD, ROOT, Installation, Redis
from tests.newsroom import post_a_morning
from tests.widget_pictures import take_widget

PICTURES = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 860), (390, 844)
_COLOURS = 64


@dataclass(frozen=True)
class Picture:
    """A page's picture: its name, its path, what is pressed, what is then waited for."""

    name: str
    path: str
    keys: tuple[str, ...] = ()
    shows: str = "main"


PAGES = (
    Picture("desk", "/"),
    Picture("campaign", "/?sort=newest"),
    Picture("evidence", "/", ("KeyJ", "KeyE")),
    Picture("person", "/", ("KeyJ", "KeyH"), "#drawer .person-title"),
    Picture("reject", "/", ("KeyR",)),
    Picture("palette", "/", ("Control+KeyK",)),
    Picture("keys", "/", ("Shift+Slash",)),
    Picture("rules", "/rules"),
    Picture("statistics", "/statistics"),
    Picture("second-look", "/second-look"),
    Picture("accounts", "/accounts"),
    Picture("account", "/account"),
    Picture("audit", "/audit"),
    Picture("books", "/books"),
)


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    async with _newsroom() as site, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for language, locale in (("vi", "vi-VN"), ("en", "en-GB")):
            await _take(browser, site, language, locale)
        await take_widget(browser, site, PICTURES, _save)
        await browser.close()


@asynccontextmanager
async def _newsroom() -> AsyncIterator[Installation]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        site = Installation(
            folder,
            redis,
            sqlite_urls(folder),
            SITE_NAME="Báo Ví Dụ",
            FLOOD_COPIES="3",
            SECOND_LOOK_PERCENT_MACHINE="100",
        )
        try:
            site.migrate()
            await site.start(*ALL)
            await site.account("mai", "admin")
            await site.account("nam")
            async with aiohttp.ClientSession() as http:
                await post_a_morning(site, http)
            await _let_second_looks_come(site)
            yield site
        finally:
            site.stop()
            redis.stop()


async def _let_second_looks_come(site: Installation) -> None:
    """Decisions come back when they are some minutes old; a picture does not wait for that."""
    ledger = site.ledger()
    await pick_second_looks(ledger, now() + timedelta(minutes=5))
    await ledger.close()


async def _take(browser: Browser, site: Installation, language: str, locale: str) -> None:
    for screen, size in (("desktop", DESKTOP), ("phone", PHONE)):
        context = await browser.new_context(
            locale=locale, viewport={"width": size[0], "height": size[1]}
        )
        page = await context.new_page()
        await _log_in(page, site, language)
        for picture in PAGES:
            await page.goto(site.moderation + picture.path)
            await page.wait_for_load_state("networkidle")
            for key in picture.keys:
                await page.keyboard.press(key)
            await page.locator(picture.shows).first.wait_for()
            await _save(page, PICTURES / f"{picture.name}-{language}-{screen}.png")
        await context.close()


async def _log_in(page: Page, site: Installation, language: str) -> None:
    await page.goto(f"{site.moderation}/login?lang={language}")
    await page.locator("input[name=login]").fill("mai")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("main button").first.click()
    await page.wait_for_url(f"{site.moderation}/")


async def _save(page: Page, path: Path) -> None:
    taken = Image.open(io.BytesIO(await page.screenshot()))
    # A picture of text needs few colours, and the repository few megabytes.
    taken.convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
