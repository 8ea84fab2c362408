"""A reader confirms a phone in a real Chromium, with and without JavaScript."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sql
from playwright.async_api import Browser, Page, async_playwright, expect

from commentdesk.ledger.tables import submissions
from tests.browser.test_reader_and_moderator import ARGUMENTS, code_of
from tests.browser.test_widget_trouble import Form
from tests.codes import Gateway, code_site, new_number, other_than, standing_gateway
from tests.installation import Installation, until
from tests.reader import ARTICLE, CLEAN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
WORDS = "Chữ này không được mất."


@once
async def gateway() -> AsyncIterator[Gateway]:
    async with standing_gateway() as standing:
        yield standing


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, gateway: Gateway
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("codes")
    settings = {**gateway.settings, "PHONE_CODES": "required", "PHONE_CODES_ADDRESS_HOURLY": "99"}
    async with code_site(folder, **settings) as installation:
        yield installation


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


async def fits(page: Page) -> bool:
    """Nothing runs out of the page, where it could only be scrolled to."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def proven(site: Installation, title: str) -> bool:
    """What the ledger says of the comment with this title, once it is there."""
    ledger = site.ledger()

    async def found() -> list[bool]:
        query = sql.select(submissions.c.phone_proven).where(submissions.c.title == title)
        async with ledger.database.reading() as connection:
            return list((await connection.execute(query)).scalars())

    [there] = await until(found, "the comment is in the ledger")
    await ledger.close()
    return bool(there)


@pytest.mark.parametrize("width", [390, 1200])
async def test_a_code_is_asked_for_typed_and_sent(
    browser: Browser, site: Installation, gateway: Gateway, width: int
) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800}, locale="vi-VN")
    form = Form(page, site)
    await form.goto()
    title, phone, button = f"Ý kiến {width}", new_number(), form.button("get-code")
    await form.write(WORDS)
    await form.field("title").fill(title)
    await expect(form.field("phone_code")).to_be_hidden()

    # Each thing that is missing is said where it is missing, and nothing of a comment.
    await button.click()
    await expect(form.error("phone")).to_be_visible()
    await form.field("phone").fill(phone)
    await button.click()
    await expect(form.error("captcha_answer")).to_contain_text("rồi bấm “Nhận mã”")
    await expect(form.field("captcha_answer")).to_be_focused()
    await expect(form.alert).to_be_hidden()
    # Sent without a code: the field shows itself with what is wrong.
    await form.answer()
    await form.send()
    await expect(form.error("phone_code")).to_contain_text("Nhận mã")
    await expect(form.field("phone_code")).to_be_focused()

    await button.focus()
    await page.keyboard.press("Enter")
    told = page.locator("comment-desk form > div > p[aria-live=polite]")
    await expect(told).to_contain_text("tin nhắn sẽ tới")
    await expect(form.field("phone_code")).to_be_focused()
    await expect(form.field("phone_code")).to_have_attribute("inputmode", "numeric")
    await expect(form.field("phone_code")).to_have_attribute("autocomplete", "one-time-code")
    assert await fits(page)

    code = await gateway.code(phone)
    await form.field("phone_code").fill(other_than(code))
    await form.send()
    await expect(form.error("phone_code")).to_contain_text("chưa đúng")
    await expect(form.field("content")).to_have_value(WORDS)
    assert await fits(page)
    await form.field("phone_code").fill(code)
    await page.keyboard.press("Enter")
    await form.is_accepted()
    await expect(form.field("phone_code")).to_be_hidden()
    assert await proven(site, title)
    await page.close()


async def test_another_code_costs_another_picture(
    browser: Browser, site: Installation, gateway: Gateway
) -> None:
    page = await browser.new_page(locale="vi-VN")
    form = Form(page, site)
    await form.goto()
    phone, button = new_number(), form.button("get-code")
    await form.write(WORDS)
    await form.field("phone").fill(phone)
    await form.answer()
    await button.click()
    await gateway.code(phone)
    await expect(button).to_have_text("Gửi lại mã")
    before = await form.picture.get_attribute("src")
    await button.click()
    await expect(form.error("captcha_answer")).to_contain_text("mã trong hình mới")
    await expect(form.picture).not_to_have_attribute("src", before or "")
    await form.answer()
    await button.click()
    second = await gateway.code(phone, 2)
    await form.field("phone_code").fill(second)
    await form.send()
    await form.is_accepted()
    await page.close()


async def test_without_javascript(browser: Browser, site: Installation, gateway: Gateway) -> None:
    context = await browser.new_context(
        java_script_enabled=False, locale="vi-VN", viewport={"width": 390, "height": 800}
    )
    page = await context.new_page()
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    frame = page.frame_locator("iframe")
    phone, title = new_number(), "Không script, có mã"
    for label, text in (
        ("Họ tên (*)", CLEAN["name"]),
        ("Tiêu đề (*)", title),
        ("Nội dung (*)", WORDS),
        ("Số điện thoại", phone),
    ):
        await frame.get_by_label(label).fill(text)
    picture = frame.get_by_role("img", name="Năm ký tự cần nhập")
    answer = code_of(site, await picture.get_attribute("src"))
    await frame.get_by_label("Mã xác nhận (*)").fill(answer)
    await frame.get_by_role("button", name="Nhận mã").click()
    await expect(frame.get_by_role("status")).to_contain_text("tin nhắn sẽ tới")
    for label, text in (
        ("Nội dung (*)", WORDS),
        ("Số điện thoại", phone),
        ("Mã xác nhận (*)", answer),
    ):
        await expect(frame.get_by_label(label)).to_have_value(text)
    await frame.get_by_label("Mã gửi tới điện thoại").fill(await gateway.code(phone))
    await frame.get_by_role("button", name="Gửi bình luận").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Cảm ơn")
    assert await proven(site, title)
    await context.close()
