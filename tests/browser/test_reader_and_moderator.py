"""A reader and a moderator in a real Chromium, from the form to the article page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.installation import PASSWORD, Installation, until
from tests.reader import ARTICLE, DOUBTFUL

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LABELS = ("Họ tên (*)", "Số điện thoại", "Tiêu đề (*)", "Nội dung (*)", "Mã xác nhận (*)")
expect.set_options(timeout=30_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


def code_of(site: Installation, image: str | None) -> str:
    """What a person would read in the picture: its id, opened with the installation's key."""
    assert image
    return site.mint.open(image.rsplit("/", 2)[1]).answer


async def near(page: Page) -> None:
    """Scroll to the widget: it is not there before."""
    await page.locator("comment-desk").evaluate("desk => desk.scrollIntoView()")
    await page.locator("comment-desk [name=content]").wait_for()


async def fill_in(page: Page, site: Installation, fields: dict[str, str]) -> None:
    await page.get_by_label("Họ tên (*)").fill(fields["name"])
    await page.get_by_label("Tiêu đề (*)").fill(fields["title"])
    await page.get_by_label("Nội dung (*)").fill(fields["content"])
    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    await expect(picture).to_be_visible()
    code = code_of(site, await picture.get_attribute("src"))
    await page.get_by_label("Mã xác nhận (*)").fill(code)


async def approve(browser: Browser, site: Installation, words: str) -> None:
    context = await browser.new_context(locale="vi-VN")
    console = await context.new_page()
    await console.goto(f"{site.moderation}/login")
    await console.locator("input[name=login]").fill("mai")
    await console.locator("input[name=password]").fill(PASSWORD)
    await console.locator("button.approve").click()
    card = console.locator("article", has_text=words)
    await expect(card).to_be_visible()
    await expect(card).to_contain_text("vidu-quangcao.com")
    await card.locator(".actions button.approve").click()
    # With script it folds, without (not loaded yet) the page comes again without it.
    await expect(card.locator(".actions button.approve:visible")).to_have_count(0)
    await context.close()


async def test_from_form_to_page_by_way_of_the_console(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    await near(page)
    for label in LABELS:
        await expect(page.get_by_label(label)).to_be_visible()
    await page.get_by_label(LABELS[0]).focus()
    await expect(page.get_by_role("button", name="Nghe mã")).to_be_visible()

    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    await expect(picture).to_have_js_property("complete", True)
    before = await picture.get_attribute("src")
    await page.get_by_role("button", name="Lấy lại mã bảo mật").click()
    await expect(picture).not_to_have_attribute("src", before or "")

    words = "Xin gửi mọi người trang vidu-quangcao.com từ trình duyệt."
    await fill_in(page, site, {**DOUBTFUL, "content": words})
    await page.get_by_role("button", name="Gửi bình luận").click()
    await expect(page.locator("comment-desk .status")).to_contain_text("biên tập viên")
    assert words not in await page.inner_text("body")

    await approve(browser, site, words)
    await expect(page.locator("comment-desk")).to_contain_text(words)
    assert errors == []


async def test_a_wrong_code_keeps_the_text_and_asks_only_for_the_code(
    browser: Browser, site: Installation
) -> None:
    page = await browser.new_page(locale="vi-VN")
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    await near(page)
    await fill_in(page, site, {**DOUBTFUL, "content": "Chữ này không được mất."})
    await page.get_by_label("Mã xác nhận (*)").fill("abc")
    await page.get_by_role("button", name="Gửi bình luận").click()
    await expect(page.get_by_text("Mã xác nhận chưa đúng. Đây là mã mới.").first).to_be_visible()
    await expect(page.get_by_label("Nội dung (*)")).to_have_value("Chữ này không được mất.")
    await expect(page.get_by_label("Mã xác nhận (*)")).to_have_value("")
    await page.reload()
    await near(page)
    await expect(page.get_by_label("Nội dung (*)")).to_have_value("Chữ này không được mất.")


async def test_without_javascript(browser: Browser, site: Installation, tmp_path: Path) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = await context.new_page()
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    frame = page.frame_locator("iframe")
    for label in LABELS:
        await expect(frame.get_by_label(label)).to_be_visible()
    words = "Gửi không cần JavaScript, có dấu tiếng Việt: ở, ữ, ợ."
    await frame.get_by_label("Họ tên (*)").fill("Trần Văn Bền")
    await frame.get_by_label("Tiêu đề (*)").fill("Không script")
    await frame.get_by_label("Nội dung (*)").fill(words)
    picture = frame.get_by_role("img", name="Năm ký tự cần nhập")
    before = await picture.get_attribute("src")
    await frame.get_by_role("button", name="Lấy lại mã bảo mật").click()
    await expect(picture).not_to_have_attribute("src", before or "")
    await expect(frame.get_by_label("Nội dung (*)")).to_have_value(words)

    await frame.get_by_label("Mã xác nhận (*)").fill("sai rồi")
    await frame.get_by_role("button", name="Gửi bình luận").click()
    await expect(page.get_by_label("Nội dung (*)")).to_have_value(words)
    picture = page.get_by_role("img", name="Năm ký tự cần nhập")
    code = code_of(site, await picture.get_attribute("src"))
    await page.get_by_label("Mã xác nhận (*)").fill(code)
    await page.get_by_role("button", name="Gửi bình luận").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Cảm ơn")
    await page.get_by_role("link", name="Quay lại bài viết").click()
    await page.wait_for_url(f"{site.articles}/articles/{ARTICLE}**")

    async def shown() -> bool:
        await page.reload()
        return words in await page.inner_text("#comment-list")

    await until(shown, "the comment is on the page")
    await context.close()
