"""axe-core finds nothing on any page of the console, in both languages, light and dark.

A page has the same colours in both languages, so each language is read in one of the two.

Another page is one more path in PAGES.
"""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.axe import OF_COLOURS, Scheme, violations
from tests.browser.comments import Comment, many
from tests.browser.desk_page import Moderators, moderators
from tests.installation import Redis

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
# `{id}`: of a comment that waits, with doubts, notes and a thread above it.
PAGES = (
    "/",
    "/?view=suspect&check=links&sort=riskiest",
    "/?view=rejected",
    "/?view=mine&q=không có đâu",
    "/stuck",
    "/submissions/{id}",
    "/submissions/{id}/person",
    "/books",
    "/rules/words",
    "/rules/policy",
    "/rules/articles",
    "/second-look",
    "/statistics",
    "/account",
    "/campaigns",
    "/accounts",
    "/audit",
    "/nowhere",
)
DIALOGS = {"r": "#ask-reason", "t": "#ask-hold", "n": "#ask-note", "b": "#ask-ban", "h": "#drawer"}
OPEN = "all => all.forEach(details => { details.open = true; })"
MORE_DIALOGS = {"?": "#keys", "Control+k": "#palette"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, chromium: str
) -> AsyncIterator[Moderators]:
    async with moderators(tmp_path_factory.mktemp("axe"), redis, chromium) as opened:
        await opened.waiting([*many(8), *(Comment(f"Vay {n}", campaign="v") for n in range(3))])
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def waiting(desks: Moderators) -> str:
    first, _ = await desks.waiting([Comment("Trên"), Comment("Dưới", "Xem vidu-quangcao.com vay")])
    [answer] = await desks.waiting(
        [Comment("Trả lời", "Vay ở vidu-quangcao.com. " * 60, phone="0912345678", parent=first)]
    )
    context = await desks.context("mai")
    page = await context.new_page()
    await page.goto(f"{desks.site.moderation}/submissions/{answer}")
    await page.locator("#note textarea").fill("Xem lại")
    await page.locator("#note button").click()
    await context.close()
    return answer


@pytest.mark.parametrize(("language", "scheme"), [("vi", "light"), ("en", "dark")])
async def test_axe_finds_nothing(
    desks: Moderators, waiting: str, language: str, scheme: Scheme
) -> None:
    context = await desks.context("mai")
    page = await context.new_page()
    found = {}
    for path in PAGES:
        address = path.replace("{id}", waiting)
        address += f"{'&' if '?' in path else '?'}lang={language}"
        await page.goto(desks.site.moderation + address)
        await page.locator("details").evaluate_all(OPEN)
        found[path] = await violations(page, scheme)
    await context.clear_cookies()
    await page.goto(f"{desks.site.moderation}/login?lang={language}")
    found["/login"] = await violations(page, scheme)
    assert {path: what for path, what in found.items() if what} == {}
    await context.close()


async def test_axe_finds_nothing_in_dialogs_and_on_decided_cards(
    desks: Moderators, waiting: str
) -> None:
    title = f"Của {secrets.token_hex(4)}"
    async with desks.desk(Comment(title), *many(3)) as desk:
        found = {}
        for key, dialog in {**DIALOGS, **MORE_DIALOGS}.items():
            await desk.press(key)
            await desk.page.locator(dialog).wait_for()
            found[key] = await in_both(desk.page)
            await desk.press("Escape")
        await desk.press("a")
        await desk.is_decided(title, "Approved")
        found["decided"] = await in_both(desk.page)
        assert {key: what for key, what in found.items() if what} == {}


async def in_both(page: Page) -> list[str]:
    return await violations(page, "light") + await violations(page, "dark", OF_COLOURS)
