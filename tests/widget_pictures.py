"""The pictures of docs/embedding.md: the widget under an article, as a reader meets it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.widget_form import WidgetForm
from tests.installation import Installation
from tests.newsroom import TRAIN
from tests.reader import ARTICLE, DOUBTFUL

_DOUBT = {
    "vi": DOUBTFUL["content"],
    "en": "I wrote down how it used to be at old-timetables.com, have a look.",
}
_TITLE = {"vi": "Mời mọi người xem thêm", "en": "How it used to be"}
_NAME = {"vi": "Hoàng Sơn", "en": "Tom H."}
_ARTICLES = {"vi": ARTICLE, "en": TRAIN}
_SCREENS = {"desktop": (1280, 860), "phone": (390, 844)}


async def take_widget(
    browser: Browser,
    site: Installation,
    folder: Path,
    save: Callable[[Page, Path], Awaitable[None]],
) -> None:
    """A field left empty, a comment that waits for the line, one that waits for a moderator."""
    for language in _ARTICLES:
        for screen, (width, height) in _SCREENS.items():
            context = await browser.new_context(
                locale=language, viewport={"width": width, "height": height}
            )
            form = WidgetForm(await context.new_page(), site)
            await _write(form, language)
            await save(form.page, folder / f"widget-errors-{language}-{screen}.png")
            await form.field("name").fill(_NAME[language])
            await context.set_offline(True)
            await form.part("send").click()
            await form.part("send-now").scroll_into_view_if_needed()
            await save(form.page, folder / f"widget-offline-{language}-{screen}.png")
            await context.set_offline(False)
            await expect(form.part("correct")).to_be_visible()
            await form.part("correct").scroll_into_view_if_needed()
            await save(form.page, folder / f"widget-{language}-{screen}.png")
            await form.page.emulate_media(color_scheme="dark")
            await expect(form.page.locator("comment-desk .desk")).to_have_class("desk dark")
            await save(form.page, folder / f"widget-dark-{language}-{screen}.png")
            await context.close()


async def _write(form: WidgetForm, language: str) -> None:
    """All but the name, and send."""
    await form.goto(_ARTICLES[language])
    await form.write(_DOUBT[language], title=_TITLE[language], name="")
    await form.answer()
    await form.part("send").click()
    await expect(form.alert).to_be_visible()
