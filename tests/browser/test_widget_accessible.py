"""axe finds nothing in any state of form and receipt, and it can all be done by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.test_reader_and_moderator import code_of
from tests.browser.widget_form import WidgetForm, chromium_at
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
ENGLISH = "night-train-timetable"
CONSENT = {"CONSENT": "required", "PRIVACY_URL": "https://paper.example/privacy"}


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("axe")
    installation = Installation(folder, redis, sqlite_urls(folder), **CONSENT)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("articles", "intake", "moderation", "checks", "publish")
    yield installation
    installation.stop()


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


@once
async def mai(site: Installation) -> AsyncIterator[Desk]:
    opened = await Desk.log_in(site, "mai")
    yield opened
    await opened.close()


async def violations(page: Page) -> list[str]:
    """What axe finds in the widget, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.wait_for_function(
            "dark => document.querySelector('comment-desk').shadowRoot"
            ".querySelector('.desk').matches('.dark') === dark",
            arg=scheme == "dark",
        )
        result = await Axe().run(page, "comment-desk")
        found += [
            f"{scheme} {one['id']}: {[node['html'][:150] for node in one['nodes'][:3]]}"
            for one in result.response["violations"]
        ]
    return found


@pytest.mark.parametrize(("article", "width"), [(ARTICLE, 390), (ENGLISH, 1280)])
async def test_axe_finds_nothing_in_any_state(
    browser: Browser, site: Installation, mai: Desk, article: str, width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 900})
    form = await WidgetForm(await context.new_page(), site).goto(article)
    page, found = form.page, {}
    found["empty"] = await violations(page)
    await form.write(f"{width} {DOUBTFUL['content']}", name="")
    await form.answer()
    await form.part("send").click()
    await expect(form.alert).to_be_visible()
    await expect(form.alert.locator("a")).to_have_count(1)
    found["wrong"] = await violations(page)
    await form.field("name").fill(CLEAN["name"])
    await form.field("consent").check()
    await context.set_offline(True)
    await form.part("send").click()
    await expect(form.part("send-now")).to_be_visible()
    found["offline"] = await violations(page)
    await context.set_offline(False)
    await expect(form.status.locator("[part=receipt]")).to_be_visible()
    await expect(form.part("correct")).to_be_visible()
    found["sent"] = await violations(page)
    await form.part("correct").click()
    found["correcting"] = await violations(page)
    await form.part("save-not").click()
    await form.part("withdraw").click()
    found["withdrawing"] = await violations(page)
    await form.part("withdraw-no").click()

    async def held() -> Any:
        return (await mai.get("/v1/submissions", state="held", q=str(width)))[1]["items"]

    [item] = await until(held, "it waits for a moderator")
    await mai.decides("reject", item["id"], reason="spam")
    await expect(form.part("hide")).to_be_visible()
    found["refused"] = await violations(page)
    assert {state: what for state, what in found.items() if what} == {}
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


async def test_everything_can_be_done_by_keyboard(browser: Browser, site: Installation) -> None:
    context = await browser.new_context(locale="vi-VN", viewport={"width": 390, "height": 800})
    form = await WidgetForm(await context.new_page(), site).goto()
    page, keys = form.page, form.page.keyboard
    await form.field("name").focus()
    await keys.type(CLEAN["name"])
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.type(CLEAN["title"])
    await keys.press("Tab")
    await keys.type(f"Chỉ dùng bàn phím. {DOUBTFUL['content']}")
    picture = page.locator("comment-desk .frame img")
    await expect(picture).to_be_visible()
    # Another code, then the sound: started and stopped by the same key.
    await keys.press("Tab")
    await expect(form.part("reload")).to_be_focused()
    await keys.press("Tab")
    await expect(form.part("listen")).to_be_focused()
    await keys.press("Enter")
    await expect(form.part("listen")).to_have_text("Dừng nghe")
    await keys.press("Space")
    await expect(form.part("listen")).to_have_text("Nghe mã")
    await keys.press("Tab")
    await keys.type(code_of(site, await picture.get_attribute("src")))
    await keys.press("Control+Enter")
    await expect(form.alert).to_contain_text("Tôi đồng ý")
    await expect(form.field("consent")).to_be_focused()
    await keys.press("Space")
    await keys.press("Tab")
    await expect(form.field("remember")).to_be_focused()
    await keys.press("Tab")
    await keys.press("Tab")
    await expect(form.part("send")).to_be_focused()
    await keys.press("Enter")
    await expect(form.status).to_be_focused()
    await expect(form.part("correct")).to_be_visible()
    await context.close()


async def test_a_comment_is_withdrawn_by_keyboard(browser: Browser, site: Installation) -> None:
    context = await browser.new_context(locale="vi-VN")
    form = await WidgetForm(await context.new_page(), site).goto()
    keys = form.page.keyboard
    await form.write(f"Rút lại bằng phím. {DOUBTFUL['content']}")
    await form.field("consent").check()
    await form.answer()
    await keys.press("Enter")
    await form.part("withdraw").focus()
    # How it stands is told meanwhile, and takes nothing from under the hand.
    await expect(form.part("tools")).to_contain_text("Đang chờ biên tập viên duyệt.")
    await expect(form.part("withdraw")).to_be_focused()
    await keys.press("Enter")
    await expect(form.part("withdraw-no")).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Enter")
    await expect(form.status).to_contain_text("Bạn đã rút lại bình luận.")
    await expect(form.status).to_be_focused()
    await context.close()
