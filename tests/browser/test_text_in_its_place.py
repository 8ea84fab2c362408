"""A comment that disguises itself by direction or by towers of marks leaves its neighbours alone.

The comments are put into the article store as a worker puts them, past intake's trimming: the
page holds by itself.
"""

import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright

from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import CLEAN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
UPWARDS, DOWNWARDS = "o" + "\u0301" * 60, "o" + "\u0323" * 60
OVERRIDE = "\u202e\u2066\u202b"
LONG = "W" * 80


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The article store alone."""
    folder = tmp_path_factory.mktemp("articles")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.run("services.articles", "migrate")
    await installation.start("articles")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


async def put(http: aiohttp.ClientSession, site: Installation, path: str, body: object) -> None:
    headers = {"Authorization": f"Bearer {site.token}"}
    async with http.put(f"{site.articles}/v1/{path}", json=body, headers=headers) as response:
        assert response.status in {200, 201}, await response.text()


async def publish(site: Installation, *comments: dict[str, str]) -> str:
    """An article of its own with these comments, the last one on top; its id."""
    article = f"bai-{uuid.uuid4()}"
    body = {
        "title": "Một bài",
        "lead": "",
        "body": "Một đoạn.",
        "language": "vi",
        "published_at": "2020-06-24T02:50:00Z",
    }
    items = [
        {
            "id": str(uuid.uuid4()),
            "version": 1,
            "article": article,
            "parent_id": None,
            "name": comment["name"],
            "title": comment["title"],
            "content": comment["content"],
            "language": "vi",
            "received_at": f"2020-06-24T03:0{minute}:00Z",
        }
        for minute, comment in enumerate(comments)
    ]
    async with aiohttp.ClientSession() as http:
        await put(http, site, f"articles/{article}", body)
        await put(http, site, "comments", {"items": items})
    return article


async def shown(browser: Browser, site: Installation, article: str, width: int) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": 900})
    await page.goto(f"{site.articles}/articles/{article}")
    await page.locator(".comment").first.wait_for()
    return page


async def boxes(comment: Locator) -> list[dict[str, float]]:
    """Where the words of a comment stand, measured from the comment's own corner."""
    found: list[dict[str, float]] = await comment.evaluate(
        """(comment) => {
          const corner = comment.getBoundingClientRect();
          const walker = document.createTreeWalker(comment, NodeFilter.SHOW_TEXT);
          const places = [];
          while (walker.nextNode()) {
            const range = document.createRange();
            range.selectNodeContents(walker.currentNode);
            for (const { x, y, width, height } of range.getClientRects())
              places.push({ x: x - corner.x, y: y - corner.y, width, height });
          }
          return places;
        }"""
    )
    return found


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize(
    "disguise",
    [
        {"name": f"{OVERRIDE}Bền", "title": f"{OVERRIDE}a", "content": f"{OVERRIDE}từ phải\nsang"},
        {"name": "محمد علي", "title": "عنوان", "content": "نص عربي with English \u200f123\u200f"},
        {"name": UPWARDS, "title": UPWARDS, "content": DOWNWARDS},
        {"name": LONG, "title": LONG, "content": LONG * 20},
    ],
    ids=["override", "Arabic", "tower", "one long word"],
)
async def test_a_disguised_comment_leaves_its_neighbours_where_they_are(
    browser: Browser, site: Installation, disguise: dict[str, str], width: int
) -> None:
    alone = await shown(browser, site, await publish(site, CLEAN, CLEAN, CLEAN), width)
    beside = await shown(browser, site, await publish(site, CLEAN, disguise, CLEAN), width)
    for place in (0, 2):
        before = await boxes(alone.locator(".comment").nth(place))
        assert await boxes(beside.locator(".comment").nth(place)) == before
        assert before

    # No ink of the middle one falls on the others: they look the same with it out of sight.
    neighbours = [beside.locator(".said").nth(place) for place in (0, 2)]
    with_it = [await neighbour.screenshot() for neighbour in neighbours]
    await beside.locator(".said").nth(1).evaluate("c => { c.style.visibility = 'hidden'; }")
    assert [await neighbour.screenshot() for neighbour in neighbours] == with_it

    # Nor does anything run out of the page, where the text could only be scrolled to.
    assert await beside.evaluate("document.documentElement.scrollWidth") <= width
    for page in (alone, beside):
        await page.close()


@pytest.mark.parametrize("name", [f"{OVERRIDE}Bền", "محمد علي", UPWARDS, LONG])
async def test_a_name_keeps_the_time_and_the_reply_link_readable(
    browser: Browser, site: Installation, name: str
) -> None:
    page = await shown(browser, site, await publish(site, {**CLEAN, "name": name}), 360)
    honest = await shown(browser, site, await publish(site, CLEAN), 360)
    for part in ("time", ".reply"):
        there = await page.locator(f".comment {part}").bounding_box()
        usual = await honest.locator(f".comment {part}").bounding_box()
        assert there and usual
        assert (there["width"], there["height"]) == (usual["width"], usual["height"])
        assert there["x"] + there["width"] <= 360
    byline = await page.locator(".byline").bounding_box()
    box = await page.locator(".name").bounding_box()
    assert byline and box
    assert box["x"] >= byline["x"]
    assert box["x"] + box["width"] <= byline["x"] + byline["width"]
    for opened in (page, honest):
        await opened.close()
