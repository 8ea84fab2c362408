"""The widget's form in a real Chromium, on whatever page it stands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from tests.browser.test_reader_and_moderator import ARGUMENTS, code_of, near
from tests.installation import Installation
from tests.reader import ARTICLE, CLEAN

expect.set_options(timeout=30_000)


@asynccontextmanager
async def chromium_at(path: str, *arguments: str) -> AsyncIterator[Browser]:
    """A browser of one's own."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, *arguments]
        )
        yield opened
        await opened.close()


async def routable(context: BrowserContext) -> BrowserContext:
    """For routes that are set while a page is open: without one before, it asks past them."""
    await context.route("**/nothing-like-it", lambda route: route.continue_())
    return context


class WidgetForm:
    """The form, and what stands around it."""

    def __init__(self, page: Page, site: Installation) -> None:
        self.page, self.site = page, site
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda m: self.troubles.append(m.text) if m.type == "error" else None)

    async def goto(self, article: str = ARTICLE, **query: str) -> "WidgetForm":
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        await self.page.goto(f"{self.site.articles}/articles/{article}?{asked}")
        await near(self.page)
        return self

    async def reload(self) -> None:
        await self.page.reload()
        await near(self.page)

    @property
    def desk(self) -> Locator:
        return self.page.locator("comment-desk")

    def field(self, name: str) -> Locator:
        return self.page.locator(f"comment-desk .comment-form [name={name}]")

    def part(self, name: str) -> Locator:
        return self.page.locator(f"comment-desk [part~={name}]")

    @property
    def status(self) -> Locator:
        return self.page.locator("comment-desk .comment-form .status")

    @property
    def alert(self) -> Locator:
        return self.page.locator("comment-desk .comment-form .summary")

    async def write(self, content: str, **fields: str) -> None:
        for name, text in {**CLEAN, "content": content, **fields}.items():
            if text:
                await self.field(name).fill(text)

    async def answer(self) -> None:
        """Type what the picture shows."""
        await self.field("captcha_answer").focus()
        picture = self.page.locator("comment-desk .frame img")
        await expect(picture).to_be_visible()
        await self.field("captcha_answer").fill(
            code_of(self.site, await picture.get_attribute("src"))
        )

    async def send(self, content: str, **fields: str) -> None:
        """Fill in everything and press the button."""
        await self.write(content, **fields)
        await self.answer()
        await self.part("send").click()

    async def is_accepted(self) -> None:
        await expect(self.status).to_contain_text("Cảm ơn bạn.")
        await expect(self.field("content")).to_have_value("")
