"""After sending: a reader sees their own comment, how it stands, and may correct or withdraw it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from tests.browser.widget_form import WidgetForm, chromium_at
from tests.installation import Installation
from tests.reader import DOUBTFUL, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
LINK = DOUBTFUL["content"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mai(site: Installation) -> AsyncIterator[Desk]:
    opened = await Desk.log_in(site, "mai")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module", params=[1280, 390])
async def form(
    request: pytest.FixtureRequest, browser: Browser, site: Installation
) -> AsyncIterator[WidgetForm]:
    size = ViewportSize(width=request.param, height=800)
    context = await browser.new_context(locale="vi-VN", viewport=size)
    yield await WidgetForm(await context.new_page(), site).goto()
    await context.close()


def own(form: WidgetForm, words: str) -> Locator:
    return form.page.locator("comment-desk .desk .thread li", has_text=words)


async def held(mai: Desk, words: str) -> str:
    """The id of the comment of these words, once it waits for a moderator."""
    _, found = await mai.get("/v1/submissions", state="held", q=words)
    return str(found["items"][0]["id"])


async def test_it_waits_in_its_place_also_after_a_reload_until_it_is_published(
    form: WidgetForm, mai: Desk
) -> None:
    words = f"Chờ ở đây {form.page.viewport_size}"
    await form.send(f"{words}. {LINK}")
    await expect(form.status).to_contain_text("Mã biên nhận:")
    await expect(form.status).to_be_focused()
    await expect(own(form, words)).to_contain_text("vừa xong")
    waits = "Đang chờ biên tập viên duyệt. Chỉ mình bạn thấy bình luận này. Mã biên nhận: "
    await expect(own(form, words)).to_contain_text(waits)
    # The news do not take the receipt from under the finger.
    await expect(form.status).to_contain_text(waits)
    await form.reload()
    await expect(own(form, words)).to_contain_text("Đang chờ biên tập viên duyệt.")
    code = own(form, words).locator(".tools a")
    async with form.page.context.expect_page() as opened:
        await code.click()
    await expect((await opened.value).locator("main")).to_contain_text(words)

    await mai.decides("approve", await held(mai, words))
    await expect(form.status).to_contain_text("Bình luận của bạn đã hiện dưới bài viết.")
    await expect(own(form, words)).not_to_contain_text("Đang chờ")
    await form.reload()
    await expect(own(form, words)).to_contain_text("của bạn")
    await expect(own(form, words)).to_have_count(1)
    assert form.troubles == []


async def test_it_is_corrected_in_its_place_and_withdrawn(form: WidgetForm, mai: Desk) -> None:
    words = f"Có lỗi chính tả {form.page.viewport_size}"
    await form.send(f"{words}. {LINK}")
    item = own(form, words)
    await expect(item).to_contain_text("Đang chờ")
    await item.get_by_role("button", name="Sửa lại").click()
    text = item.locator("textarea")
    await expect(text).to_be_focused()
    await text.fill("")
    await item.get_by_role("button", name="Lưu").click()
    await expect(item.locator(".error", has_text="Hãy điền ô này.")).to_be_visible()
    await text.fill(f"{words}, đã sửa. {LINK}")
    await item.get_by_role("button", name="Lưu").click()
    await expect(form.status).to_contain_text("Đã sửa.")
    item = own(form, f"{words}, đã sửa.")
    await expect(item).to_have_count(1)
    await expect(item.get_by_role("button", name="Sửa lại")).to_be_focused()

    await item.get_by_role("button", name="Rút lại").click()
    await expect(item.get_by_role("button", name="Không")).to_be_focused()
    await item.get_by_role("button", name="Có, rút lại").click()
    await expect(form.status).to_contain_text("Bạn đã rút lại bình luận.")
    await expect(form.status).to_be_focused()
    await expect(own(form, words)).to_have_count(0)
    await form.reload()
    await expect(own(form, words)).to_have_count(0)
    _, found = await mai.get("/v1/submissions", state="held", q=words)
    assert found["items"] == []


async def test_refused_it_says_why_and_gives_the_text_back(form: WidgetForm, mai: Desk) -> None:
    words = f"Không hợp {form.page.viewport_size}"
    await form.send(f"{words}. {LINK}")
    item = own(form, words)
    await expect(item).to_contain_text("Đang chờ")
    await mai.decides("reject", await held(mai, words), reason="spam")
    await expect(item).to_contain_text("Bình luận của bạn không được đăng.")
    await expect(item).to_contain_text("quảng cáo")
    await expect(form.status).to_contain_text("Bình luận của bạn không được đăng.")
    await item.get_by_role("button", name="Soạn lại từ nội dung này").click()
    await expect(form.field("content")).to_have_value(f"{words}. {LINK}")
    await expect(form.field("content")).to_be_focused()
    await item.get_by_role("button", name="Ẩn đi").click()
    await expect(own(form, words)).to_have_count(0)
    await form.reload()
    await expect(own(form, words)).to_have_count(0)
