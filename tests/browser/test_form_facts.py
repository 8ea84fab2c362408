"""What the widget and the form without script tell of how they were filled in, in Chromium."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from commentdesk.ledger.tables import submissions
from tests.browser.test_reader_and_moderator import ARGUMENTS, code_of, fill_in, near
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, CLEAN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SEND, RELOAD = "Gửi bình luận", "Lấy lại mã bảo mật"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("facts")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


async def newest(site: Installation) -> dict[str, object]:
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = submissions.select().order_by(submissions.c.id.desc()).limit(1)
        row = (await connection.execute(query)).one()
    await ledger.close()
    return dict(row.client)


async def answers_wrong(page: Page) -> None:
    await page.get_by_label("Mã xác nhận (*)").fill("abc")
    await page.get_by_role("button", name=SEND).click()
    await expect(page.get_by_text("Mã xác nhận chưa đúng.").first).to_be_visible()


async def answers_right(page: Page, site: Installation) -> None:
    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    code = code_of(site, await picture.get_attribute("src"))
    await page.get_by_label("Mã xác nhận (*)").fill(code)
    await page.get_by_role("button", name=SEND).click()


async def test_the_widget_counts_pastes_reloads_and_wrong_answers(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    await near(page)
    await page.get_by_label("Họ tên (*)").focus()
    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    await expect(picture).to_have_js_property("complete", True)
    await fill_in(page, site, CLEAN)
    content = page.get_by_label("Nội dung (*)")
    await content.press("ControlOrMeta+a")
    await content.press("ControlOrMeta+c")
    await content.press("ControlOrMeta+v")
    before = await picture.get_attribute("src")
    await page.get_by_role("button", name=RELOAD).click()
    await expect(picture).not_to_have_attribute("src", before or "")
    await answers_wrong(page)
    await expect(page.get_by_label("Mã xác nhận (*)")).to_have_value("")
    await answers_right(page, site)
    await expect(page.locator("comment-desk .status")).to_contain_text("Cảm ơn")
    told = await newest(site)
    assert isinstance(told.pop("seconds"), int)
    assert told == {"form": "widget", "pasted": True, "captcha_reloads": 1, "captcha_wrong": 1}

    # The next comment begins anew; what is typed is not pasted.
    await page.get_by_label("Tiêu đề (*)").fill("Thêm một ý")
    await content.press_sequentially("Gõ tay.")
    await expect(picture).to_be_visible()
    await answers_right(page, site)
    await expect(content).to_have_value("")
    told = await newest(site)
    assert told.pop("seconds") in range(30)
    assert told == {"form": "widget", "pasted": False, "captcha_reloads": 0, "captcha_wrong": 0}
    await context.close()


async def test_the_form_without_script_tells_what_its_server_saw(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = await context.new_page()
    await page.goto(f"{site.intake}/v1/articles/{ARTICLE}/form?lang=vi")
    await page.get_by_role("button", name=RELOAD).click()
    await fill_in(page, site, CLEAN)
    await answers_wrong(page)
    await answers_right(page, site)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Cảm ơn")
    told = await newest(site)
    assert told.pop("seconds") in range(60)
    assert told == {"form": "plain", "captcha_reloads": 1, "captcha_wrong": 1}
    await context.close()
