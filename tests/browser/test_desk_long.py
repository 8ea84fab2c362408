"""Ten thousand waiting: the page stays as small as with a hundred, and no comment is skipped."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.desk_page import Moderators, moderators
from tests.browser.many_waiting import CARDS_IN_DOCUMENT, fill, memory, scroll_down_to
from tests.installation import Redis

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
MANY = 10_000
# A hundred around the eye, and the steps in which they come and go.
MOST_CARDS = 180


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, chromium: str
) -> AsyncIterator[Moderators]:
    async with moderators(tmp_path_factory.mktemp("long"), redis, chromium) as opened:
        yield opened


async def steps(page: Page, key: str, *titles: int) -> None:
    for title in titles:
        await page.keyboard.press(key)
        await expect(page.locator(".card.current h2")).to_have_text(str(title))


async def test_ten_thousand_are_as_light_as_a_hundred(desks: Moderators) -> None:
    ledger = desks.site.ledger()
    ids = await fill(ledger, MANY)
    await ledger.close()
    async with desks.again("/", {}, "mai") as desk:
        page = desk.page
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await steps(page, "j", 2, 3, 4)
        await scroll_down_to(page, 600)
        early = await memory(session)
        await scroll_down_to(page, 1_500)
        late = await memory(session)
        shown = await page.evaluate(CARDS_IN_DOCUMENT)
        assert shown["count"] <= MOST_CARDS
        assert shown["last"] - shown["first"] == shown["count"] - 1
        assert late["Nodes"] < 1.3 * early["Nodes"], (early["Nodes"], late["Nodes"])
        assert late["JSHeapUsedSize"] < 1.5 * early["JSHeapUsedSize"]

        # By keys from here, down and up again: the place is kept and told.
        middle = shown["last"] - 60
        await page.locator(f"#s-{ids[middle - 1]}").click(position={"x": 5, "y": 5})
        await expect(page.locator(".card.current h2")).to_have_text(str(middle))
        await steps(page, "j", middle + 1, middle + 2, middle + 3)
        await expect(page.locator("#announcer")).to_contain_text(f"{middle + 3:,} of 10,000")
        await steps(page, "k", middle + 2, middle + 1)

        # Up through what was forgotten, a screen at a time, and then at once.
        seen = shown["first"]
        while seen > shown["first"] - 300:
            await page.evaluate("scrollBy(0, -innerHeight)")
            await page.wait_for_function(
                f"(seen) => ({CARDS_IN_DOCUMENT})().first < seen || scrollY < 1", arg=seen + 1
            )
            now_shown = await page.evaluate(CARDS_IN_DOCUMENT)
            assert now_shown["count"] <= MOST_CARDS
            assert now_shown["last"] - now_shown["first"] == now_shown["count"] - 1
            seen = min(seen, now_shown["first"])
        await page.evaluate("scrollTo(0, 0)")
        await expect(page.locator(f"#s-{ids[0]}")).to_be_in_viewport()
        assert (await memory(session))["Nodes"] < 1.3 * early["Nodes"]

    async with desks.again(f"/?cursor={ids[MANY - 151]}", {}, "mai") as desk:
        await scroll_down_to(desk.page, MANY)
        await desk.page.locator(f"#s-{ids[-2]}").click(position={"x": 5, "y": 5})
        await steps(desk.page, "j", MANY, MANY)
        await steps(desk.page, "k", MANY - 1)
