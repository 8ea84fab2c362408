"""The thread in the widget: news without a jump, permalinks deep in the crowd, pages by keyboard.

33,000 comments stand under one article; the others are small.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, Route, async_playwright, expect

from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.browser.widget_form import routable
from tests.conftest import sqlite_urls
from tests.crowd import gather
from tests.installation import Installation, Redis

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
SIZE = 33_000
# Of 20 comments a page, the fortieth page by the newest first.
DEEP = f"dong-nguoi-{SIZE - SIZE // 10 - 900:05}"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PRINTED = re.compile(r"^\d\d:\d\d \d\d/\d\d/\d{4}$")
expect.set_options(timeout=30_000)


class Store:
    """The article store as workers and the newsroom write to it."""

    def __init__(self, site: Installation, http: aiohttp.ClientSession) -> None:
        self.site, self.http = site, http
        self.headers = {"Authorization": f"Bearer {site.token}"}

    async def article(self, count: int, **changes: Any) -> str:
        article = f"bai-{uuid.uuid4()}"
        body = {"title": "Một bài", "lead": "", "body": "Một đoạn.\n\n" * 12, "language": "vi"}
        body |= {"published_at": "2026-09-01T00:00:00Z"} | changes
        await self._call("PUT", f"articles/{article}", body)
        for at in range(count):
            await self.say(article, f"câu {at}", minutes=count - at)
        return article

    async def say(
        self, article: str, content: str, *, parent: str | None = None, minutes: int = 0
    ) -> str:
        comment = str(uuid.uuid4())
        received = datetime.now(UTC) - timedelta(minutes=minutes)
        item = {"id": comment, "version": 1, "article": article, "parent_id": parent}
        item |= {"name": "Nguyễn An", "title": "", "content": content, "language": "vi"}
        item |= {"received_at": received.isoformat()}
        await self._call("PUT", "comments", {"items": [item]})
        return comment

    async def remove(self, comment: str) -> None:
        await self._call("DELETE", f"comments/{comment}?version=2")

    async def _call(self, method: str, path: str, body: object = None) -> None:
        address = f"{self.site.articles}/v1/{path}"
        async with self.http.request(method, address, json=body, headers=self.headers) as response:
            assert response.status in {200, 201}, await response.text()


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("thread")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    database = installation.articles_database()
    await gather(database, "dong-nguoi", SIZE)
    await database.close()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@once
async def store(site: Installation) -> AsyncIterator[Store]:
    async with aiohttp.ClientSession() as http:
        yield Store(site, http)


class Reading:
    """A reader at an article's page with the widget open."""

    def __init__(self, page: Page, errors: list[str]) -> None:
        self.page, self.errors = page, errors
        self.thread = page.locator(".desk .thread")
        self.news = self.thread.locator("> .news")
        self.comments = self.thread.locator("> ol > .comment")

    def comment(self, words: str) -> Locator:
        return self.thread.locator(".comment", has_text=words).last

    async def place(self, locator: Locator) -> float:
        box = await locator.bounding_box()
        assert box
        return box["y"]


@pytest_asyncio.fixture(loop_scope="module")
async def reading(
    browser: Browser, site: Installation, request: pytest.FixtureRequest
) -> AsyncIterator[Any]:
    opened: list[Page] = []

    async def open_page(path: str, size: dict[str, int] = DESKTOP, **options: Any) -> Reading:
        page = await browser.new_page(viewport=size, locale="vi-VN", **options)  # type: ignore[arg-type]
        opened.append(page)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        await page.goto(f"{site.articles}/articles/{path}")
        reader = Reading(page, errors)
        if "#" not in path:
            await page.locator("comment-desk").scroll_into_view_if_needed()
        await reader.comments.first.wait_for()
        return reader

    yield open_page
    for page in opened:
        await page.context.close()


async def listening(reader: Reading) -> None:
    await reader.page.wait_for_function(
        "document.querySelector('comment-desk').thread.stream.readyState === 1"
    )


async def test_news_wait_to_be_asked_for_and_move_nothing(store: Store, reading: Any) -> None:
    article = await store.article(25)
    reader = await reading(article, PHONE)
    await listening(reader)
    read = reader.comment("câu 12")
    await read.evaluate("item => item.scrollIntoView({ block: 'center' })")
    before = await reader.place(read)
    for words in ("tin một", "tin hai", "tin ba"):
        new = await store.say(article, words)
    await expect(reader.news).to_have_text("3 bình luận mới")
    assert await reader.thread.get_by_text("tin ba").count() == 0
    assert abs(await reader.place(read) - before) < 1
    await expect(reader.thread.locator("h2")).to_have_text("Bình luận (28)")

    await reader.news.click()
    await expect(reader.comments.nth(0)).to_contain_text("tin ba")
    await expect(reader.comments.nth(2)).to_contain_text("tin một")
    await expect(reader.comments.nth(0)).to_be_focused()
    await expect(reader.news).to_be_hidden()

    # One above goes: what is being read stays where it is.
    await read.evaluate("item => item.scrollIntoView({ block: 'center' })")
    before = await reader.place(read)
    await store.remove(new)
    await expect(reader.thread.locator("h2")).to_have_text("Bình luận (27)")
    await expect(reader.comment("tin ba")).to_have_count(0)
    assert abs(await reader.place(read) - before) < 2
    assert reader.errors == []


async def test_replies_come_likewise_and_a_removed_top_leaves_a_tombstone(
    store: Store, reading: Any
) -> None:
    article = await store.article(1)
    top = await store.say(article, "chuyện chính", minutes=90)
    reader = await reading(article)
    await listening(reader)
    item = reader.thread.locator(f"[id='comment-{top}']")
    await expect(item.locator("time")).to_have_text("1 giờ trước")
    await expect(item.locator(".permalink")).to_have_attribute("title", PRINTED)
    reply = await store.say(article, "đáp lại", parent=top)
    await expect(item.locator(".news")).to_have_text("1 trả lời mới")
    await item.locator(".news").click()
    await expect(item.locator(".replies .comment")).to_contain_text("đáp lại")
    await expect(item.locator(".replies .comment")).to_be_focused()
    await store.remove(top)
    await expect(item.locator(".tombstone")).to_have_text("Bình luận này đã được gỡ.")
    await expect(item).not_to_contain_text("chuyện chính")
    await expect(item).to_contain_text("đáp lại")
    await store.remove(reply)
    await expect(item).to_have_count(0)
    assert reader.errors == []


async def test_what_was_missed_while_away_is_caught_up(store: Store, reading: Any) -> None:
    article = await store.article(3)
    reader = await reading(article)
    await listening(reader)
    # As when the network went: the stream is gone, and nobody said so.
    await reader.page.evaluate("document.querySelector('comment-desk').thread.stream.close()")
    gone = reader.comment("câu 1")
    await store.remove((await gone.get_attribute("id") or "").removeprefix("comment-"))
    await store.say(article, "khi vắng mặt")
    await reader.page.evaluate("document.querySelector('comment-desk').thread.wake(true)")
    await expect(reader.news).to_have_text("1 bình luận mới")
    await expect(reader.comment("câu 1")).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_permalink_opens_the_fortieth_page(reading: Any, size: dict[str, int]) -> None:
    reader = await reading(f"dong-nguoi#comment-{DEEP}", size)
    item = reader.thread.locator(f"[id='comment-{DEEP}']")
    await expect(item).to_be_focused()
    await expect(item).to_be_in_viewport()
    await expect(reader.thread.locator("h2")).to_have_text("Bình luận (33.000)")
    assert await reader.comments.count() < 50
    up = reader.thread.get_by_role("button", name="Các bình luận phía trước")
    read = reader.comments.nth(1)
    words = await read.locator(".content").first.inner_text()
    await read.scroll_into_view_if_needed()
    before = await reader.place(read)
    await up.evaluate("button => button.click()")
    await expect(reader.comments).to_have_count(41)
    assert abs(await reader.place(reader.comment(words)) - before) < 2
    # A reply far down in the longest thread.
    await reader.page.evaluate(f"location.hash = 'comment-dong-nguoi-{SIZE - 500:05}'")
    reply = reader.thread.locator(f"[id='comment-dong-nguoi-{SIZE - 500:05}']")
    await expect(reply).to_be_focused()
    await expect(reply).to_be_in_viewport()
    await expect(reader.thread.get_by_role("button", name="Các trả lời phía trước")).to_be_visible()
    assert reader.errors == []


async def test_the_keyboard_alone_turns_pages_and_sorts(reading: Any) -> None:
    reader = await reading("dong-nguoi")
    await expect(reader.comments).to_have_count(20)
    more = reader.thread.get_by_role("button", name="Xem thêm bình luận")
    await more.focus()
    await reader.page.keyboard.press("Enter")
    await expect(reader.comments).to_have_count(40)
    await expect(reader.comments.nth(20)).to_be_focused()
    order = reader.thread.get_by_label("Sắp xếp")
    await order.focus()
    await order.select_option("oldest")
    await expect(reader.comments.first).to_contain_text("chuyện thứ 0 của")
    await expect(reader.comments).to_have_count(20)
    replies = reader.thread.get_by_role("button", name="Xem thêm 3.280 trả lời")
    await replies.focus()
    await reader.page.keyboard.press("Enter")
    await expect(reader.comments.first.locator(".replies > .comment")).to_have_count(40)
    assert reader.errors == []


async def test_a_store_that_fails_is_said_and_asked_again(store: Store, reading: Any) -> None:
    reader = await reading("dong-nguoi")
    await routable(reader.page.context)
    # A route that is set while the page is open may be asked past.
    await reader.page.reload()
    await reader.comments.first.wait_for()
    await reader.page.route("**/comments?*", lambda route: route.abort())
    await reader.thread.get_by_role("button", name="Xem thêm bình luận").click()
    await expect(reader.thread.get_by_text("Chưa tải được bình luận.")).to_be_visible()
    await reader.page.unroute_all()
    await reader.thread.get_by_role("button", name="Thử lại").click()
    await expect(reader.comments).to_have_count(40)
    await expect(reader.thread.get_by_text("Chưa tải được bình luận.")).to_be_hidden()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_thread_and_page(
    store: Store, reading: Any, language: str, scheme: str
) -> None:
    article = await store.article(2, language=language, author="Lê Mai", section="Đời sống")
    top = await store.say(article, "có trả lời")
    reply = await store.say(article, "đáp", parent=top)
    await store.say(article, "đáp nữa", parent=reply)
    await store.remove(top)
    await store.say(article, "<img src=x onerror=alert(1)> \u202e" + "W" * 300)
    reader = await reading(article, PHONE, color_scheme=scheme)
    await listening(reader)
    await store.say(article, "tin mới")
    await expect(reader.news).to_be_visible()
    found = await Axe().run(reader.page)
    assert found.violations_count == 0, found.generate_report()
    width = await reader.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    await expect(reader.thread.get_by_text("<img src=x")).to_be_visible()
    await expect(reader.thread.locator("img")).to_have_count(0)


async def test_without_script_everything_is_a_link_away(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{site.articles}/articles/dong-nguoi?thread={DEEP}#comment-{DEEP}")
    await expect(page.locator(f"[id='comment-{DEEP}']")).to_be_in_viewport()
    await page.get_by_role("link", name="Tất cả bình luận").click()
    await expect(page.locator("#comment-list > .comment")).to_have_count(50)
    await page.get_by_role("link", name="Bình luận cũ hơn").click()
    await expect(page.locator("#comment-list > .comment")).to_have_count(50)
    await page.locator(".comment .permalink").nth(3).click()
    await expect(page.locator(".comment:target")).to_be_in_viewport()
    await page.get_by_role("link", name="Trả lời").first.click()
    await expect(page.get_by_role("heading").first).to_be_visible()
    assert "parent_id=dong-nguoi-" in page.url
    found = await page.evaluate("document.documentElement.scrollWidth")
    assert found <= PHONE["width"]
    await context.close()


async def test_who_reads_before_the_widget_comes_reads_on(
    browser: Browser, site: Installation
) -> None:
    page = await browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    comes = asyncio.Event()

    async def late(route: Route) -> None:
        await comes.wait()
        await route.continue_()

    await page.route("**/widget.js", late)
    await page.goto(f"{site.articles}/articles/dong-nguoi", wait_until="commit")
    read = page.locator("#comment-list > .comment").nth(7)
    await read.evaluate("item => item.scrollIntoView()")
    before = await read.locator("> .said").bounding_box()
    comes.set()
    same = page.locator(f".desk [id='{await read.get_attribute('id')}'] > .said")
    await expect(same).to_be_visible()
    after = await same.bounding_box()
    assert before and after and abs(after["y"] - before["y"]) < 2
    await page.close()


async def test_paper_has_the_comments_and_no_form(reading: Any) -> None:
    reader = await reading("dong-nguoi")
    await expect(reader.comments).to_have_count(20)
    await reader.page.emulate_media(media="print")
    for hidden in (".comment-form", ".thread select", ".thread > .go:last-of-type", "aside"):
        await expect(reader.page.locator(hidden).first).to_be_hidden()
    await expect(reader.page.locator(".on-paper")).to_contain_text("/articles/dong-nguoi")
    permalink = reader.page.locator("comment-desk .desk .permalink").first
    await expect(permalink.locator("time")).to_be_hidden()
    when = await permalink.evaluate("link => getComputedStyle(link, '::after').content")
    assert PRINTED.match(when.strip('"'))
    assert {
        await item.evaluate("item => getComputedStyle(item).contentVisibility")
        for item in await reader.comments.all()
    } == {"visible"}
