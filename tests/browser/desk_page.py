"""A moderator's desk in a real Chromium, with comments of its own waiting on it."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from tests.browser.comments import Comment, wait
from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis

GRACE_SECONDS = 30


@dataclass
class DeskPage:
    """One page of one moderator; `errors` is what the browser complained of."""

    page: Page
    site: Installation
    path: str
    ids: dict[str, str]
    errors: list[str] = field(default_factory=list)

    @property
    def cards(self) -> Locator:
        return self.page.locator(".card")

    @property
    def current(self) -> Locator:
        return self.page.locator(".card.current h2")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toast")

    def card(self, title: str) -> Locator:
        return self.page.locator(f"#s-{self.ids[title]}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def is_at(self, title: str) -> None:
        await expect(self.current).to_have_text(title)

    async def is_decided(self, title: str, words: str) -> None:
        await expect(self.card(title).locator(".folded b")).to_contain_text(words)

    async def is_open(self, title: str) -> None:
        await expect(self.card(title).locator("h2")).to_be_visible()

    async def state(self, title: str) -> tuple[str, int]:
        """The state in the ledger, as this moderator may see it, and its version."""
        answer = await self.page.request.get(
            f"{self.site.moderation}/v1/submissions/{self.ids[title]}"
        )
        found = await answer.json()
        return found["state"], found["version"]

    async def states(self) -> dict[str, str]:
        return {title: (await self.state(title))[0] for title in self.ids}


class Moderators:
    """Moderators of one installation, each logged in once."""

    def __init__(self, browser: Browser, site: Installation) -> None:
        self.browser, self.site = browser, site
        self._kept: dict[str, Any] = {}

    async def context(self, login: str, **options: Any) -> BrowserContext:
        settings = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        if login not in self._kept:
            context = await self.browser.new_context(**settings)
            await log_in(await context.new_page(), self.site, login)
            self._kept[login] = await context.storage_state()
            await context.close()
        return await self.browser.new_context(storage_state=self._kept[login], **settings)

    @asynccontextmanager
    async def desk(
        self, *comments: Comment, login: str = "mai", query: str = "", **options: Any
    ) -> AsyncIterator[DeskPage]:
        """A desk that shows just these comments, on an article of their own."""
        article = f"bai-{secrets.token_hex(4)}"
        made = [replace(comment, article=article) for comment in comments]
        ids = await self.waiting(made)
        titles = {each.title: one for each, one in zip(made, ids, strict=True)}
        path = f"/?article={article}{query}"
        async with self.again(path, titles, login, **options) as opened:
            yield opened

    @asynccontextmanager
    async def again(
        self, path: str, ids: dict[str, str], login: str, **options: Any
    ) -> AsyncIterator[DeskPage]:
        """A desk at that address, whatever waits there."""
        context = await self.context(login, **options)
        opened = DeskPage(await context.new_page(), self.site, path, ids)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        await opened.page.goto(self.site.moderation + path)
        if options.get("java_script_enabled", True):
            await opened.page.locator("html.scripted").wait_for()
        yield opened
        assert opened.errors == []
        await context.close()

    def forget(self, login: str) -> None:
        """Log in anew next time: the session is gone."""
        self._kept.pop(login, None)

    async def waiting(self, comments: Sequence[Comment]) -> list[str]:
        ledger = self.site.ledger()
        ids = await wait(ledger, comments)
        await ledger.close()
        return ids


async def log_in(page: Page, site: Installation, login: str) -> None:
    await page.goto(f"{site.moderation}/login")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button.approve").click()
    await page.locator(".tabs").wait_for()


@asynccontextmanager
async def moderators(
    folder: Path, redis: Redis, chromium: str, *more: str, **settings: str
) -> AsyncIterator[Moderators]:
    """The console alone, with a moderator, an admin, and nobody who publishes but `more`."""
    site = Installation(
        folder, redis, sqlite_urls(folder), **{"UNDO_SECONDS": str(GRACE_SECONDS), **settings}
    )
    site.migrate()
    await site.account("mai", "admin")
    await site.account("nam")
    await site.start("moderation", *more)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield Moderators(browser, site)
        await browser.close()
    site.stop()
