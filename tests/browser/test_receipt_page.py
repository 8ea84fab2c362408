"""The page of a receipt in Chromium, without script: sent, corrected, withdrawn; and accessible."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, async_playwright, expect

from commentdesk.ledger.receipts import receipt_code
from tests.browser.test_reader_and_moderator import ARGUMENTS, code_of
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, CLEAN
from tests.waiting import wait_for_moderators

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PHONE = {"width": 390, "height": 800}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """No worker runs: what is sent is being checked."""
    folder = tmp_path_factory.mktemp("receipt-page")
    asked = {"CONSENT": "required", "TITLE_FIELD": "optional"}
    installation = Installation(folder, redis, sqlite_urls(folder), **asked)
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


async def test_sent_corrected_and_withdrawn_without_script(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(
        locale="vi-VN",
        java_script_enabled=False,
        viewport=PHONE,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    await page.goto(f"{site.intake}/v1/articles/{ARTICLE}/form?lang=vi")
    await page.get_by_label("Họ tên (*)").fill(CLEAN["name"])
    await page.get_by_label("Nội dung (*)").fill(CLEAN["content"])
    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    answer = code_of(site, await picture.get_attribute("src"))
    await page.get_by_label("Mã xác nhận (*)").fill(answer)
    await expect(page.get_by_label("Tôi đồng ý (*)")).not_to_be_checked()
    await page.get_by_label("Tôi đồng ý (*)").check()
    await page.get_by_role("button", name="Gửi bình luận").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Cảm ơn bạn đã gửi bình luận")
    await expect(page.get_by_role("status")).to_contain_text("Đang được kiểm tra.")
    await page.get_by_text("Sửa bình luận (đến").click()
    await page.get_by_label("Nội dung (*)").fill("Tôi sửa lại.")
    await page.get_by_role("button", name="Gửi bản sửa").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã nhận bản sửa.")
    await expect(page.locator(".words")).to_have_text("Tôi sửa lại.")
    await page.get_by_text("Rút lại bình luận (đến").click()
    await page.get_by_role("button", name="Rút lại hẳn").click()
    await expect(page.get_by_role("status")).to_contain_text("Bạn đã rút lại bình luận này.")
    await expect(page.locator("form")).to_have_count(0)
    await page.get_by_role("link", name="Quay lại bài viết").click()
    await expect(page).to_have_url(f"{site.articles}/articles/{ARTICLE}")
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, site: Installation, scheme: str
) -> None:
    ledger = site.ledger()
    [submission] = await wait_for_moderators(ledger, content="dài" * 200)
    code = receipt_code(ledger, submission)
    await ledger.close()
    context = await browser.new_context(color_scheme=scheme, viewport=PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    receipt = f"/receipts/{code}"
    form = f"/v1/articles/{ARTICLE}/form"
    for path in (f"{receipt}?lang=vi", f"{receipt}?lang=en", "/receipts", "/receipts/0", form):
        await page.goto(site.intake + path)
        for closed in await page.locator("summary").all():
            await closed.click()
        results = await Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await context.close()
