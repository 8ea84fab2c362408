"""The network goes while a reader writes or sends: nothing is lost, and one comment arrives."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sql
from playwright.async_api import Browser, BrowserContext, Route, ViewportSize, expect

from commentdesk.ledger.tables import submissions
from commentdesk.sealing import Sealing
from services.intake.captcha.minting import CaptchaMint
from services.intake.mint import PURPOSE
from tests.browser.widget_form import WidgetForm, chromium_at
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
COMMENTS = "**/v1/articles/*/comments"
PHONE = ViewportSize(width=390, height=800)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("line")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


async def kept(site: Installation, content: str) -> list[str]:
    """The titles of the comments of this text that are in the ledger."""
    ledger = site.ledger()
    query = sql.select(submissions.c.title).where(submissions.c.content == content)
    async with ledger.database.reading() as connection:
        found = list((await connection.execute(query)).scalars())
    await ledger.close()
    return found


async def form_in(context: BrowserContext, site: Installation) -> WidgetForm:
    return await WidgetForm(await context.new_page(), site).goto()


async def test_offline_it_waits_says_so_and_goes_by_itself_when_the_line_is_back(
    browser: Browser, site: Installation
) -> None:
    words = "Gửi lúc mất mạng."
    context = await browser.new_context(locale="vi-VN", viewport=PHONE)
    form = await form_in(context, site)
    await form.write(words)
    await form.answer()
    await context.set_offline(True)
    await form.field("content").press("Control+Enter")
    await expect(form.alert).to_contain_text("Bình luận được giữ ở đây và sẽ tự gửi")
    await expect(form.field("content")).to_have_value(words)
    await expect(form.field("content")).to_have_js_property("readOnly", True)
    assert await kept(site, words) == []
    await context.set_offline(False)
    await form.is_accepted()
    await expect(form.alert).to_be_hidden()
    await expect(form.field("content")).to_have_js_property("readOnly", False)
    assert len(await kept(site, words)) == 1
    await context.close()


async def test_a_browser_that_dies_before_the_answer_sends_the_same_again(
    browser: Browser, site: Installation
) -> None:
    words = "Trình duyệt sập giữa lúc gửi."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)

    async def arrives_without_answer(route: Route) -> None:
        await route.fetch()

    await context.route(COMMENTS, arrives_without_answer)
    await form.send(words, phone="0912345678")

    async def arrived() -> bool:
        return len(await kept(site, words)) == 1

    await until(arrived, "the comment is in the ledger")
    state: Any = await context.storage_state()
    await context.close()
    again = await browser.new_context(locale="vi-VN", storage_state=state)
    page = await again.new_page()
    # Nobody scrolls to it: what waits is sent all the same.
    await page.goto(f"{site.articles}/articles/{ARTICLE}")
    form = WidgetForm(page, site)
    await form.is_accepted()
    assert len(await kept(site, words)) == 1
    stored = await page.evaluate("JSON.stringify({...localStorage})")
    assert words not in stored
    assert "0912345678" not in stored
    await again.close()


async def test_what_waited_longer_than_its_captcha_asks_for_another_and_keeps_the_text(
    browser: Browser, site: Installation
) -> None:
    words = "Chờ mạng lâu quá."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    sealing = Sealing(site.settings.secret.get_secret_value(), PURPOSE)
    old = CaptchaMint(sealing, -1).mint(ARTICLE)

    tries = 0

    async def cut_then_grown_old(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await route.abort()
        elif tries == 2:
            sent = json.loads(route.request.post_data or "")
            spoilt = {**sent, "captcha_id": old.id, "captcha_answer": old.answer}
            await route.continue_(post_data=json.dumps(spoilt))
        else:
            await route.continue_()

    await context.route(COMMENTS, cut_then_grown_old)
    await form.send(words)
    error = form.page.locator("comment-desk #captcha_answer-told .error")
    await expect(error).to_contain_text("đã hết hạn")
    await expect(form.field("content")).to_have_value(words)
    await expect(form.field("content")).to_have_js_property("readOnly", False)
    await form.answer()
    await form.part("send").click()
    await form.is_accepted()
    assert len(await kept(site, words)) == 1
    await context.close()


async def test_what_waits_can_be_taken_back_and_changed(
    browser: Browser, site: Installation
) -> None:
    words = "Thôi, để viết lại đã."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await form.write(words)
    await form.answer()
    await context.set_offline(True)
    await form.part("send").click()
    await form.part("send-not").click()
    await expect(form.alert).to_be_hidden()
    await expect(form.field("content")).to_be_focused()
    await context.set_offline(False)
    await form.field("content").fill(words + " Rồi.")
    await form.part("send").click()
    await form.is_accepted()
    assert await kept(site, words) == []
    assert len(await kept(site, words + " Rồi.")) == 1
    await context.close()


async def test_name_and_phone_are_remembered_only_where_that_is_ticked(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await form.send("Không nhớ gì cả.", phone="0912345678")
    await form.is_accepted()
    await form.reload()
    await expect(form.field("name")).to_have_value("")
    await form.field("remember").check()
    await form.send("Nhớ giùm nhé.", phone="0912345678")
    await form.is_accepted()
    await form.reload()
    await expect(form.field("name")).to_have_value("Nguyễn Thị Hương")
    await expect(form.field("phone")).to_have_value("0912345678")
    await form.field("remember").uncheck()
    await form.reload()
    await expect(form.field("phone")).to_have_value("")
    assert await context.cookies() == []
    await context.close()
