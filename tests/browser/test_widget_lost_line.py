"""The network goes while a reader writes or sends: nothing is lost, and one comment arrives."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sql
from playwright.async_api import Browser, BrowserContext, Route, ViewportSize, expect

from commentdesk.database import now
from commentdesk.ledger.tables import submissions
from commentdesk.sealing import Sealing
from services.intake.captcha.minting import CaptchaMint
from services.intake.mint import PURPOSE
from tests.browser.test_widget_accessible import violations
from tests.browser.widget_form import WidgetForm, chromium_at, routable
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
COMMENTS = "**/v1/articles/*/comments"
PHONE = ViewportSize(width=390, height=800)
WORDS = {
    ARTICLE: {
        **{
            "arrived": "đã gửi được",
            "correct": "Sửa lại theo nội dung này",
            "corrected": "Đã sửa.",
        },
        **{"see": "Xem bình luận đó", "thanks": "Cảm ơn bạn."},
    },
    "night-train-timetable": {
        **{"arrived": "did arrive", "correct": "Correct it to say this", "corrected": "Corrected."},
        **{"see": "See it", "thanks": "Thank you."},
    },
}


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


async def form_in(
    context: BrowserContext, site: Installation, article: str = ARTICLE
) -> WidgetForm:
    await routable(context)
    return await WidgetForm(await context.new_page(), site).goto(article)


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


# Taken back, and arrived all the same


async def taken_back(form: WidgetForm, words: str) -> None:
    """Sent and arrived without the reader's knowing, then taken back; the line is there again."""
    arrived: list[int] = []

    async def answer_lost(route: Route) -> None:
        if not arrived:
            arrived.append((await route.fetch()).status)
        await route.abort()

    await form.page.context.route(COMMENTS, answer_lost)
    await form.send(words, phone="0912345678")
    await expect(form.part("send-not")).to_be_visible()
    await form.page.keyboard.press("Shift+Tab")
    await expect(form.part("send-not")).to_be_focused()
    await form.page.keyboard.press("Enter")
    await expect(form.alert).to_be_hidden()
    await expect(form.field("content")).to_be_focused()
    assert len(await kept(form.site, words)) == 1
    await form.page.context.unroute(COMMENTS)


@pytest.mark.parametrize("article", WORDS)
async def test_what_arrived_all_the_same_is_corrected_and_stays_one_comment(
    browser: Browser, site: Installation, article: str
) -> None:
    said, words = WORDS[article], f"Tưởng chưa gửi, {article}."
    context = await browser.new_context(viewport=PHONE)
    form = await form_in(context, site, article)
    await taken_back(form, words)
    await form.field("content").fill(f"{words} Viết lại.")
    await form.part("send").click()
    await expect(form.alert).to_contain_text(said["arrived"])
    await expect(form.part("correct-arrived")).to_be_focused()
    await expect(form.part("correct-arrived")).to_have_text(said["correct"])
    await expect(form.field("content")).to_have_value(f"{words} Viết lại.")
    await expect(form.desk.locator("li.own", has_text=words)).to_have_count(1)
    assert await violations(form.page) == []
    async with context.expect_page() as opened:
        await form.alert.get_by_role("link", name=said["see"]).click()
    seen = await opened.value
    await expect(seen.locator("main")).to_contain_text(words)
    await seen.close()
    await form.part("correct-arrived").press("Enter")
    await expect(form.status).to_contain_text(said["corrected"])
    await expect(form.status).to_be_focused()
    await expect(form.alert).to_be_hidden()
    await expect(form.field("content")).to_have_value("")
    await expect(form.desk.locator("li.own", has_text=f"{words} Viết lại.")).to_have_count(1)
    assert await kept(site, words) == []
    assert len(await kept(site, f"{words} Viết lại.")) == 1
    # What comes after it is another comment.
    await form.send(f"{words} Thêm nữa.")
    await expect(form.status).to_contain_text(said["thanks"])
    assert len(await kept(site, f"{words} Thêm nữa.")) == 1
    await context.close()


async def test_after_a_reload_too_and_another_comment_is_sent_knowingly(
    browser: Browser, site: Installation
) -> None:
    words = "Tải lại trang rồi mới sửa."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await taken_back(form, words)
    await form.reload()
    await expect(form.field("content")).to_have_value(words)
    await form.field("content").fill(f"{words} Khác hẳn.")
    await form.answer()
    await form.part("send").click()
    await expect(form.alert).to_contain_text("đã gửi được")
    assert await kept(site, f"{words} Khác hẳn.") == []
    # Also who reloads now, and sends once more, is asked.
    await form.reload()
    await expect(form.desk.locator("li.own", has_text=words)).to_have_count(1)
    await form.answer()
    await form.part("send").click()
    await form.part("send-another").click()
    await form.is_accepted()
    assert [len(await kept(site, text)) for text in (words, f"{words} Khác hẳn.")] == [1, 1]
    receipts = await form.page.evaluate(f"localStorage['commentdesk:receipts:{ARTICLE}']")
    assert receipts.count('"code"') == 2
    await context.close()


async def test_what_arrived_and_is_withdrawn_stands_in_nobodys_way(
    browser: Browser, site: Installation
) -> None:
    words = "Rút hẳn cái đã đến nơi."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await taken_back(form, words)
    await form.field("content").fill(f"{words} Cái mới.")
    await form.part("send").click()
    await expect(form.part("send-another")).to_be_visible()
    await form.part("withdraw").click()
    await form.part("withdraw-yes").click()
    await expect(form.status).to_contain_text("Bạn đã rút lại bình luận.")
    await form.answer()
    await form.part("send").click()
    await form.is_accepted()
    assert len(await kept(site, f"{words} Cái mới.")) == 1
    await context.close()


async def test_what_arrived_too_long_ago_can_be_seen_and_not_corrected(
    browser: Browser, site: Installation
) -> None:
    words = "Quá năm phút rồi."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await taken_back(form, words)
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        of = submissions.update().where(submissions.c.content == words)
        await connection.execute(of.values(received_at=now() - timedelta(minutes=6)))
    await ledger.close()
    await form.field("content").fill(f"{words} Sửa muộn.")
    await form.part("send").click()
    await expect(form.part("send-another")).to_be_focused()
    await expect(form.part("correct-arrived")).to_have_count(0)
    await form.part("send-another").click()
    # The captcha was that comment's: another one's code is typed, and nothing else again.
    await expect(form.field("captcha_answer")).to_be_focused()
    await form.answer()
    await form.part("send").click()
    await form.is_accepted()
    await context.close()


async def test_the_same_words_again_are_that_comment(browser: Browser, site: Installation) -> None:
    words = "Thôi, cứ gửi như cũ."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await taken_back(form, words)
    await form.part("reload").click()
    await expect(form.field("captcha_answer")).to_have_value("")
    await form.answer()
    await form.part("send").click()
    await form.is_accepted()
    assert len(await kept(site, words)) == 1
    await context.close()


async def test_what_never_arrived_is_sent_changed_whatever_became_of_its_captcha(
    browser: Browser, site: Installation
) -> None:
    words = "Chưa đi đâu cả."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    await context.route(COMMENTS, lambda route: route.abort())
    await form.send(words)
    await form.part("send-not").click()
    await form.field("content").fill(f"{words} Hai.")
    await form.part("send").click()
    await form.part("send-not").click()
    await form.reload()
    await form.field("content").fill(f"{words} Ba.")
    await form.answer()
    await form.part("send").click()
    await expect(form.alert).to_contain_text("Mất kết nối.")
    await context.unroute(COMMENTS)
    await form.part("send").click()
    await form.is_accepted()
    found = [len(await kept(site, words + more)) for more in ("", " Hai.", " Ba.")]
    assert found == [0, 0, 1]
    await context.close()


async def test_an_answer_that_comes_late_is_told_while_the_reader_writes(
    browser: Browser, site: Installation
) -> None:
    words = "Câu trả lời đến muộn."
    context = await browser.new_context(locale="vi-VN")
    form = await form_in(context, site)
    tries, late = 0, asyncio.Event()

    async def second_is_slow(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            return await route.abort()
        answer = await route.fetch()
        await late.wait()
        return await route.fulfill(response=answer)

    await context.route(COMMENTS, second_is_slow)
    await form.send(words)
    await form.part("send-now").click()

    async def arrived() -> bool:
        return len(await kept(site, words)) == 1

    await until(arrived, "the comment is in the ledger")
    await form.part("send-not").click()
    await form.field("content").fill(f"{words} Đang sửa")
    late.set()
    await expect(form.alert).to_contain_text("đã gửi được")
    await expect(form.field("content")).to_be_focused()
    await expect(form.field("content")).to_have_value(f"{words} Đang sửa")
    await form.part("correct-arrived").click()
    await expect(form.status).to_contain_text("Đã sửa.")
    assert [len(await kept(site, text)) for text in (words, f"{words} Đang sửa")] == [0, 1]
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
