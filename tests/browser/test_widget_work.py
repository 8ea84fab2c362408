"""Where the device works instead of the reader, or beside: quietly, said in words, and sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.widget_form import WidgetForm, chromium_at
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
DONE = "Không cần nhập mã."
# As on a page that is not served securely.
_WITHOUT_CRYPTO = (
    "Object.defineProperty(Crypto.prototype, 'subtle', { get() { return undefined; } });"
)


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


async def started(folder: Path, redis: Redis, **settings: str) -> Installation:
    site = Installation(folder, redis, sqlite_urls(folder), CAPTCHA_WORK="60", **settings)
    site.migrate()
    await site.start("articles", "intake")
    return site


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    installation = await started(tmp_path_factory.mktemp("either"), redis, CAPTCHA="image-or-work")
    yield installation
    installation.stop()


async def test_the_device_answers_and_the_reader_types_no_code(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    form = await WidgetForm(await context.new_page(), site).goto()
    await form.write("Máy tự giải, người không phải gõ.")
    await expect(form.part("work")).to_contain_text(DONE)
    await expect(form.field("captcha_answer")).to_be_hidden()
    await form.part("send").click()
    await form.is_accepted()
    # And once more: another captcha and its work; what is sent before it is done waits for it.
    await form.write("Thêm một bình luận nữa.")
    await form.field("content").press("Control+Enter")
    await form.is_accepted()
    assert form.troubles == []
    await context.close()


async def test_where_it_cannot_work_the_picture_is_there(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    await page.add_init_script(_WITHOUT_CRYPTO)
    form = await WidgetForm(page, site).goto()
    await form.send("Không có WebCrypto thì gõ mã.")
    await form.is_accepted()
    await context.close()


async def test_where_only_work_counts_and_cannot_be_done_the_plain_form_is_named(
    browser: Browser, redis: Redis, tmp_path: Path
) -> None:
    site = await started(tmp_path, redis, CAPTCHA="work")
    try:
        context = await browser.new_context(locale="vi-VN")
        form = await WidgetForm(await context.new_page(), site).goto()
        await form.write("Chỉ máy làm, không có hình.")
        await form.part("send").click()
        await form.is_accepted()
        page = await context.new_page()
        await page.add_init_script(_WITHOUT_CRYPTO)
        form = await WidgetForm(page, site).goto()
        await form.field("name").focus()
        await form.part("work").get_by_role("link").click()
        await expect(page.locator("form #captcha_answer")).to_be_visible()
        await context.close()
    finally:
        site.stop()


async def test_beside_what_was_heard_and_in_a_surge_the_device_works_by_itself(
    browser: Browser, redis: Redis, tmp_path: Path
) -> None:
    surge = {"SURGE_WRONG": "1", "SURGE_WINDOW_SECONDS": "2", "SURGE_CALM_SECONDS": "600"}
    site = await started(tmp_path, redis, LIMITS="on", **surge)
    try:
        context = await browser.new_context(locale="vi-VN")
        form = await WidgetForm(await context.new_page(), site).goto()
        await form.write("Nghe mã, không nhìn thấy mã.")
        shown = form.page.locator("comment-desk .frame img")
        await expect(shown).to_be_visible()
        captcha = (await shown.get_attribute("src") or "").split("/")[-2]
        await form.field("captcha_answer").fill(" ".join(site.mint.open(captcha).digits))
        await form.part("send").click()
        await form.is_accepted()
        await form.write("Viết lúc yên, gửi lúc có bão.")
        await form.answer()
        storm = await WidgetForm(await context.new_page(), site).goto("night-train-timetable")
        for _ in range(3):
            await storm.write("Wrong on purpose.")
            picture = storm.page.locator("comment-desk .frame img")
            await expect(picture).to_be_visible()
            before = await picture.get_attribute("src")
            await storm.field("captcha_answer").fill("wrong")
            await storm.part("send").click()
            await expect(picture).not_to_have_attribute("src", before or "")
        await form.part("send").click()
        await form.is_accepted()
        await context.close()
    finally:
        site.stop()
