"""The desk without script, on a phone, on paper, and with a thousand comments."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from commentdesk.ledger.articles import KnownArticle, remember
from tests.browser.comments import Comment, many
from tests.browser.desk_page import DeskPage, Moderators, moderators
from tests.installation import Redis, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
FIRST, SECOND = Comment("Một", phone="0912000111"), Comment("Hai", phone="0912000111")
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
NO_SCRIPT: dict[str, Any] = {"java_script_enabled": False}
THUMB_PIXELS = 44


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, chromium: str
) -> AsyncIterator[Moderators]:
    async with moderators(tmp_path_factory.mktemp("plain"), redis, chromium) as opened:
        yield opened


async def test_everything_is_done_by_forms_and_links(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, **NO_SCRIPT) as desk:
        page, card = desk.page, desk.card("Một")
        await card.locator(".evidence summary").click()
        await expect(card.locator(".evidence")).to_contain_text("filled in within 42 s")
        await card.locator("[data-action=reject] select").select_option("off_topic")
        await card.get_by_role("button", name="Reject").click()
        told = page.locator(".told")
        await expect(told).to_contain_text("Rejected: 1.")
        await expect(desk.cards).to_have_count(1)
        await told.get_by_role("button", name="Undo").click()
        await expect(page.locator(".told")).to_contain_text("Undone: 1.")
        await expect(desk.cards).to_have_count(2)

        for box in await page.locator(".choose").all():
            await box.check()
        await page.locator("#bulk").get_by_role("button", name="Approve").click()
        await expect(told).to_contain_text("Approved: 2.")
        await told.get_by_role("button", name="Undo").click()
        await expect(desk.cards).to_have_count(2)

        await card.get_by_role("link", name="Note", exact=True).click()
        await page.locator("#note textarea").fill("Không cần script")
        await page.get_by_role("button", name="Add note").click()
        await expect(page.locator(".notes q")).to_have_text("Không cần script")
        await page.get_by_role("button", name="Remove note").click()
        await expect(page.locator(".notes q")).to_have_count(0)
        await page.locator("#hold select").select_option("nam")
        await page.locator("#hold button").click()
        await expect(page.locator(".held-for")).to_have_text("held for nam")
        await page.locator(".turn").get_by_role("link", name="Sender’s history").click()
        await expect(page.locator(".past").first).to_contain_text("Hai")
        await page.locator(".turn a").click()
        await page.locator("#ban").get_by_role("button", name="Ban", exact=True).click()
        await expect(told).to_contain_text("Banned")
        assert set((await desk.states()).values()) == {"rejected"}


async def test_the_search_form_never_puts_a_number_into_an_address(desks: Moderators) -> None:
    async with desks.desk(Comment("Tìm tôi", phone="0977123456"), **NO_SCRIPT) as desk:
        page = desk.page
        await page.locator(".filters summary").click()
        await page.locator(".filters [name=phone]").fill("0977123456")
        await page.locator(".filters button").click()
        await expect(page.locator(".chips")).to_contain_text("097")
        await expect(desk.cards).to_have_count(1)
        assert "0977123456" not in page.url + await page.content()
        # A second search keeps it; its chip takes it away.
        await page.locator(".search [name=q]").fill("không có đâu")
        await page.get_by_role("button", name="Search", exact=True).click()
        await expect(page.locator(".empty")).to_be_visible()
        await page.get_by_role("link", name="Remove filter: With words").click()
        await expect(desk.cards).to_have_count(1)
        await page.get_by_role("link", name="Remove filter: Phone").click()
        await expect(page.locator(".chips")).not_to_contain_text("Phone")


async def test_filters_are_chosen_by_their_words(desks: Moderators) -> None:
    link = Comment("Có liên kết", "Xem thêm ở vidu-quangcao.com nhé.")
    async with desks.desk(link, Comment("Không có"), **NO_SCRIPT) as desk:
        page = desk.page
        [article] = parse_qs(urlsplit(page.url).query)["article"]
        ledger = desks.site.ledger()
        await remember(ledger, KnownArticle(article, "Chợ hoa", "vi", "", "open", "Đời sống"))
        await ledger.close()
        await page.reload()
        await expect(page.locator(".chips")).to_contain_text("Article: Chợ hoa")
        await page.locator(".filters summary").click()
        await expect(page.locator(f"#known-article [value={article}]")).to_have_text("Chợ hoa")
        await expect(page.locator("#known-section [value='Đời sống']")).to_be_attached()
        await expect(page.locator("#known-decided_by [value=nam]")).to_be_attached()
        await page.locator(".filters [name=reason]").select_option(label="contains a link")
        await page.locator(".filters button").click()
        await expect(page.locator(".chips")).to_contain_text("Reason: contains a link")
        await expect(desk.cards).to_have_count(1)
        await expect(desk.card("Có liên kết")).to_be_visible()


async def test_a_campaign_is_decided_as_one_without_script(desks: Moderators) -> None:
    copies = [Comment(f"Vay {number}", campaign="vay") for number in range(1, 6)]
    async with desks.desk(*copies, **NO_SCRIPT) as desk:
        await expect(desk.cards).to_have_count(1)
        await desk.page.get_by_role("button", name="Reject (5)").click()
        await expect(desk.page.locator(".told")).to_contain_text("Rejected: 5.")
        await desk.page.locator(".told button").click()
        assert set((await desk.states()).values()) == {"held"}


@pytest.mark.parametrize("options", [{}, NO_SCRIPT], ids=["script", "no script"])
async def test_on_a_phone(desks: Moderators, options: dict[str, Any]) -> None:
    long = Comment("Dài " * 30, "W" * 300 + " chữ" * 300)
    async with desks.desk(FIRST, long, SECOND, **PHONE, **options) as desk:
        assert await desk.page.evaluate("document.documentElement.scrollWidth") <= 390
        small = []
        for control in await desk.page.locator(
            ".card button, .card .further a, .card .unfold, .tabs a, .bulk button"
        ).all():
            if (box := await control.bounding_box()) and box["height"] < THUMB_PIXELS:
                small.append(await control.inner_text())
        assert small == []
        await desk.card("Một").get_by_role("button", name="Approve").tap()
        if options:
            await desk.page.locator(".told").get_by_role("button", name="Undo").tap()
        else:
            await desk.is_decided("Một", "Approved")
            await desk.toast.get_by_role("button", name="Undo").tap()
        await desk.is_open("Một")


async def test_nothing_personal_goes_to_paper(desks: Moderators) -> None:
    secret = Comment("Chuyện riêng", "Tôi tên là Bí Mật", name="Bí Mật", phone="0912000222")
    async with desks.desk(secret) as desk:
        for path in (
            desk.path,
            *(f"/submissions/{i}{p}" for i in desk.ids.values() for p in ("", "/person")),
        ):
            await desk.page.goto(desk.site.moderation + path)
            await desk.page.emulate_media(media="print")
            printed = await desk.page.inner_text("main")
            for word in ("Bí Mật", "Chuyện riêng", "0912", "203.0."):
                assert word not in printed, path


async def test_a_thousand_stay_light(desks: Moderators) -> None:
    async with desks.desk(*many(300, "Dãy")) as desk:
        page = desk.page
        await expect(desk.cards).not_to_have_count(0)

        async def last_is_there() -> bool:
            await page.mouse.wheel(0, 6000)
            return bool(await desk.card("Dãy 300").count())

        await until(last_is_there, "the last card is there")
        await expect(desk.card("Dãy 1")).to_have_count(0)
        assert await desk.cards.count() <= 160
        # Where the hand was is forgotten: the key goes on from what is in view.
        await desk.press("j")
        here = page.locator(".card.current h2")
        await expect(here).to_be_in_viewport()
        assert int((await here.inner_text()).removeprefix("Dãy ")) > 200
        # What had gone comes back in its place.
        await page.evaluate("scrollTo(0, 0)")
        await in_view(desk, "Dãy 1")
        assert await page.evaluate("scrollY") < 400
        order = await page.locator(".card h2").all_text_contents()
        assert order == [f"Dãy {number}" for number in range(1, len(order) + 1)]


async def in_view(desk: DeskPage, title: str) -> None:
    await expect(desk.card(title)).to_be_in_viewport()


async def test_the_list_refills_as_it_is_cleared(desks: Moderators) -> None:
    async with desks.desk(*many(70, "Hàng")) as desk:
        for first, last in ((1, 30), (31, 60), (61, 70)):
            await desk.is_at(f"Hàng {first}")
            await expect(desk.card(f"Hàng {last}")).to_be_attached()
            await desk.press("Shift+X", "Shift+A")
            await desk.is_decided(f"Hàng {last}", "Approved")
        await expect(desk.page.locator(".all-done")).to_be_visible()
        assert set((await desk.states()).values()) == {"approved"}
