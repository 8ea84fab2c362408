"""Two moderators side by side, a session that runs out, a line that is cut."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect

from tests.browser.comments import Comment
from tests.browser.desk_page import DeskPage, Moderators, log_in, moderators
from tests.installation import Redis

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
FIRST, SECOND, THIRD = Comment("Một"), Comment("Hai"), Comment("Ba")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, chromium: str
) -> AsyncIterator[Moderators]:
    async with moderators(tmp_path_factory.mktemp("together"), redis, chromium) as opened:
        yield opened


async def meddle(desk: DeskPage, address: str, meet: Callable[[Route], Any]) -> None:
    """From here on this page's questions to the address are met so.

    Loaded anew: now and then Chromium lets a page that is there already ask past it.
    """
    await desk.page.context.route(address, meet)
    await desk.page.reload()
    await desk.page.locator("html.scripted").wait_for()


async def deaf(desk: DeskPage) -> None:
    """From here on this page hears nothing of what others do, as with a slow line."""
    await meddle(desk, "**/v1/events", lambda route: route.abort())


async def test_one_sees_what_the_other_opens_and_decides(desks: Moderators) -> None:
    async with (
        desks.desk(FIRST, SECOND, THIRD) as mai,
        desks.again(mai.path, mai.ids, "nam") as nam,
    ):
        # Mai has had her first card before her for a moment; who comes later is told, too.
        await expect(nam.card("Một").locator(".opened")).to_have_text("mai has this open")
        await mai.press("j")
        await expect(nam.card("Một").locator(".opened")).to_have_count(0)
        await expect(nam.card("Hai").locator(".opened")).to_have_text("mai has this open")
        await nam.page.reload()
        await nam.page.locator("html.scripted").wait_for()
        await expect(nam.card("Hai").locator(".opened")).to_have_text("mai has this open")

        await nam.press("r", "3", "Enter")
        await nam.is_decided("Một", "Rejected")
        card = mai.card("Một")
        await expect(card).to_have_class("card gone")
        await expect(card.locator(".refused")).to_contain_text("nam rejected this")
        # It stays where it is, and keys do nothing to it.
        await mai.is_at("Hai")
        await mai.press("k")
        await mai.is_at("Hai")
        await expect(mai.page.locator("[data-count=rejected]")).to_have_text("1")
        # Taken back, it stands there again as if nothing had been.
        await nam.press("u")
        await expect(card).to_have_class("card")
        await mai.press("k", "a")
        await mai.is_decided("Một", "Approved")
        await mai.press("u")
        await mai.is_open("Một")


async def test_a_stale_decision_is_refused_and_says_what_happened(desks: Moderators) -> None:
    async with (
        desks.desk(FIRST, SECOND, THIRD) as mai,
        desks.again(mai.path, mai.ids, "nam") as nam,
    ):
        await deaf(nam)
        await mai.press("a")
        await mai.is_decided("Một", "Approved")
        await nam.press("r", "1", "Enter")
        refused = nam.card("Một").locator(".refused")
        await expect(refused).to_contain_text("mai approved this")
        await expect(nam.page.locator("#announcer")).to_contain_text("Not done: 1")
        assert (await nam.state("Một"))[0] == "approved"
        # The next one is decided as if nothing had been in the way.
        await nam.is_at("Hai")
        await nam.press("a")
        await nam.is_decided("Hai", "Approved")


async def test_of_many_those_that_failed_stay_selected_and_say_why(desks: Moderators) -> None:
    comments = [Comment(f"Thứ {number}") for number in range(1, 6)]
    async with (
        desks.desk(*comments) as mai,
        desks.again(mai.path, mai.ids, "nam") as nam,
    ):
        await deaf(nam)
        await nam.press("Shift+X")
        await mai.press("j", "r", "4", "Enter")
        await mai.is_decided("Thứ 2", "Rejected")
        await nam.press("Shift+A")
        for title in ("Thứ 1", "Thứ 3", "Thứ 4", "Thứ 5"):
            await nam.is_decided(title, "Approved")
        failed = nam.card("Thứ 2")
        await expect(failed.locator(".refused")).to_contain_text("mai rejected this")
        await expect(failed.locator(".choose")).to_be_checked()
        await expect(nam.page.locator(".chosen b")).to_have_text("1")
        await expect(nam.toast).to_contain_text("Approved: 4.")
        await nam.press("u")
        await nam.is_open("Thứ 1")
        states = await nam.states()
        assert states.pop("Thứ 2") == "rejected"
        assert set(states.values()) == {"held"}


async def test_a_campaign_taken_back_waits_again_for_both(desks: Moderators) -> None:
    copies = [Comment(f"Vay gấp {number}", campaign="vay") for number in range(1, 6)]
    async with (
        desks.desk(FIRST, *copies) as mai,
        desks.again(mai.path, mai.ids, "nam") as nam,
    ):
        card = nam.card("Vay gấp 1")
        async with asks_about_others(mai), asks_about_others(nam):
            await mai.press("j", "r", "1", "Enter")
        await expect(card).to_have_class("card gone")
        async with asks_about_others(mai), asks_about_others(nam):
            await mai.press("u")
        await mai.is_open("Vay gấp 1")
        # Those it stands for are not new.
        for desk in (mai, nam):
            await expect(desk.page.locator(".news")).to_be_hidden()
        await expect(card).to_have_class("card")
        await card.get_by_role("button", name="Approve (5)").click()
        await nam.is_decided("Vay gấp 1", "Approved")


async def test_a_campaign_that_grows_says_so(desks: Moderators) -> None:
    copies = [Comment(f"Vay gấp {number}", campaign="vay") for number in range(1, 6)]
    async with desks.desk(*copies) as mai:
        await mai.card("Vay gấp 1").get_by_role("link", name="See them").click()
        await mai.is_at("Vay gấp 1")
        await expect(mai.cards).to_have_count(5)
        await mai.press("r", "Enter")
        await mai.is_decided("Vay gấp 1", "Rejected")
        async with desks.again(mai.path, mai.ids, "nam") as nam:
            card = nam.card("Vay gấp 2")
            await expect(card).to_contain_text("4 like this")
            await mai.press("u")
            await expect(card).to_contain_text("5 like this")
            await expect(card.get_by_role("button", name="Reject (5)")).to_be_visible()
            await expect(nam.page.locator(".news")).to_be_hidden()


@asynccontextmanager
async def asks_about_others(desk: DeskPage) -> AsyncIterator[None]:
    """Meanwhile the page heard of comments that it does not list, and asked what they are."""
    async with desk.page.expect_response(lambda answer: "/v1/submissions?article=" in answer.url):
        yield


async def test_an_undo_that_comes_too_late_overwrites_nothing(desks: Moderators) -> None:
    async with (
        desks.desk(FIRST) as mai,
        desks.again(mai.path + "&view=rejected", mai.ids, "nam") as nam,
    ):
        await mai.press("r", "Enter")
        await mai.is_decided("Một", "Rejected")
        await nam.page.reload()
        await nam.page.locator("html.scripted").wait_for()
        await nam.press("s")
        await nam.is_decided("Một", "Restored")
        await expect(mai.card("Một").locator(".folded b")).to_have_text("nam restored this.")
        await mai.press("u")
        await expect(mai.toast).to_contain_text("changed meanwhile: 1")
        assert (await mai.state("Một"))[0] == "approved"


async def test_new_ones_are_announced_and_push_nothing(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, query="&sort=newest") as mai:
        article = mai.path.partition("=")[2].partition("&")[0]
        before = await mai.card("Hai").bounding_box()
        for number in (1, 2):
            [fresh] = await desks.waiting([Comment(f"Mới {number}", article=article)])
            mai.ids[f"Mới {number}"] = fresh
            await announce(desks, fresh, article)
        news = mai.page.locator(".news a")
        await expect(news).to_have_text("2 new – show")
        await expect(mai.cards).to_have_count(2)
        now = await mai.card("Hai").bounding_box()
        assert before and now
        # The line that tells it takes its own place, and the card stays under the cursor's.
        await expect(mai.current).to_have_text("Hai")
        await news.click()
        await mai.is_at("Mới 2")
        await expect(mai.cards).to_have_count(4)
        await expect(news).to_be_hidden()


async def announce(desks: Moderators, submission: str, article: str) -> None:
    """As a worker does when it has recorded its verdict."""
    from commentdesk.domain.state import State
    from commentdesk.ledger.changes import announcement
    from commentdesk.live import Live

    live = Live(desks.site.redis.url)
    await live.announce_all([announcement(State.HELD, submission, article)])
    await live.close()


async def test_a_line_that_was_cut_is_caught_up(desks: Moderators) -> None:
    async with (
        desks.desk(FIRST, SECOND) as mai,
        desks.again(mai.path, mai.ids, "nam") as nam,
    ):
        await nam.page.context.set_offline(True)
        await nam.press("j", "a")
        await expect(nam.card("Hai").locator(".refused")).to_contain_text("No connection")
        await mai.press("a")
        await mai.is_decided("Một", "Approved")
        await nam.page.context.set_offline(False)
        await nam.page.evaluate("dispatchEvent(new Event('online'))")
        await expect(nam.card("Một").locator(".refused")).to_contain_text("mai approved this")
        await nam.press("j", "a")
        await nam.is_decided("Hai", "Approved")


async def test_a_session_that_ran_out_costs_no_word(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND) as mai:
        page = mai.page
        await mai.press("n")
        await page.keyboard.insert_text("Viết dở thì hết phiên")
        await page.context.clear_cookies()
        await page.locator("#ask-note").get_by_role("button", name="Add note").click()
        session = page.locator("#session")
        await expect(session).to_contain_text("Your session has run out")
        await expect(page.locator("#ask-note textarea")).to_have_value("Viết dở thì hết phiên")

        other = await page.context.new_page()
        await log_in(other, mai.site, "mai")
        await other.close()
        await session.get_by_role("button", name="Try again").click()
        await expect(session).to_be_hidden()
        await expect(mai.card("Một").locator(".notes q")).to_have_text("Viết dở thì hết phiên")
        # The page goes on with the new session.
        await mai.press("a")
        await mai.is_decided("Một", "Approved")

        # Left alone, nothing is lost either: the draft waits for the next try.
        await mai.is_at("Hai")
        await mai.press("n")
        await page.keyboard.insert_text("Còn đây")
        await page.context.clear_cookies()
        await page.locator("#ask-note").get_by_role("button", name="Add note").click()
        await expect(session).to_be_visible()
        await mai.press("Escape", "Escape")
        await mai.press("n")
        await expect(page.locator("#ask-note textarea")).to_have_value("Còn đây")
    desks.forget("mai")


async def test_a_slow_answer_keeps_nobody_waiting(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND, THIRD) as mai:
        answered = asyncio.Event()

        async def slowly(route: Route) -> None:
            await answered.wait()
            await route.continue_()

        await meddle(mai, "**/v1/decisions", slowly)
        await mai.press("a")
        await mai.is_at("Hai")
        await expect(mai.card("Một")).to_contain_text("Approve…: Một")
        await asyncio.sleep(0.15)
        await mai.press("r", "1", "Enter")
        await mai.is_at("Ba")
        answered.set()
        await mai.is_decided("Một", "Approved")
        await mai.is_decided("Hai", "Rejected")


async def test_what_the_server_refuses_is_said_on_the_card(desks: Moderators) -> None:
    async with desks.desk(FIRST, SECOND) as mai:
        problem = {"status": 503, "title": "Not just now", "code": "unavailable", "errors": []}

        async def refuse(route: Route) -> None:
            await route.fulfill(
                status=503, content_type="application/problem+json", body=json.dumps(problem)
            )

        await meddle(mai, "**/v1/decisions", refuse)
        await mai.press("a")
        await expect(mai.card("Một").locator(".refused")).to_have_text("Not just now")
        await expect(mai.card("Một").locator(".choose")).to_be_checked()
        await mai.page.context.unroute_all()
        await mai.press("Shift+A")
        await mai.is_decided("Một", "Approved")
