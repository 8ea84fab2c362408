"""The pictures of docs/embedding.md and the README's: the widget under an article, as a reader
meets it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

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
_CHANGED = {
    "vi": "Tôi viết lại cho gọn: hoangson-ghichep.com, ai rảnh ghé đọc nhé.",
    "en": "In short: how it used to be is at old-timetables.com.",
}
_SCREENS = {"desktop": (1280, 860), "phone": (390, 844)}
# From the form's heading to the first comments.
_ARTICLE_SCREEN = (760, 1180)
_COMMENTS = "**/v1/articles/*/comments"


async def take_widget(
    browser: Browser,
    site: Installation,
    folder: Path,
    save: Callable[[Page, Path], Awaitable[None]],
) -> None:
    """A field left empty, a comment that waits for the line, one that waits for a moderator, one
    that was taken back and had arrived; and the form with comments below it.
    """
    await _take_article(browser, site, folder, save)
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
            await form.page.emulate_media(color_scheme="light")
            await _take_back(form, language)
            await save(form.page, folder / f"widget-arrived-{language}-{screen}.png")
            await context.close()


async def _take_article(
    browser: Browser,
    site: Installation,
    folder: Path,
    save: Callable[[Page, Path], Awaitable[None]],
) -> None:
    width, height = _ARTICLE_SCREEN
    context = await browser.new_context(locale="vi-VN", viewport={"width": width, "height": height})
    form = await WidgetForm(await context.new_page(), site).goto()
    # Who begins to write is shown a code.
    await form.field("name").focus()
    await expect(form.page.locator("comment-desk .frame img")).to_be_visible()
    await form.page.wait_for_load_state("networkidle")
    await form.field("name").blur()
    await form.part("section").evaluate("section => section.scrollIntoView()")
    await save(form.page, folder / "article.png")
    await context.close()


async def _take_back(form: WidgetForm, language: str) -> None:
    """Its answer is lost; the reader takes it back, writes it anew, and learns that it arrived."""

    async def answer_lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await form.page.context.route(_COMMENTS, answer_lost)
    await form.send(_DOUBT[language], title=_TITLE[language], name=_NAME[language])
    await form.part("send-not").click()
    await form.page.context.unroute(_COMMENTS)
    await form.write(_CHANGED[language], title=_TITLE[language], name=_NAME[language])
    await form.part("send").click()
    await form.part("correct-arrived").scroll_into_view_if_needed()


async def _write(form: WidgetForm, language: str) -> None:
    """All but the name, and send."""
    await form.goto(_ARTICLES[language])
    await form.write(_DOUBT[language], title=_TITLE[language], name="")
    await form.answer()
    await form.part("send").click()
    await expect(form.alert).to_be_visible()
