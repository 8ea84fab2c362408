"""The main flow in a second engine: read, write, send, see one's own comment wait, then stand."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.firefox import Firefox, firefox, firefox_path
from tests.installation import Installation, until
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fox() -> AsyncIterator[Firefox]:
    # Not `missing`: Ubuntu has no package of it, and CI runs there too.
    if firefox_path() is None:
        pytest.skip("Firefox is not on this machine")
    async with firefox() as opened:
        yield opened


async def test_from_form_to_page_in_firefox(fox: Firefox, site: Installation) -> None:
    words = "Từ một trình duyệt khác, có dấu: ở, ữ, ợ."
    await fox.goto(f"{site.articles}/articles/{ARTICLE}")
    await fox.run("document.querySelector('comment-desk').scrollIntoView()")
    for name, text in {**DOUBTFUL, "content": f"{words} {DOUBTFUL['content']}"}.items():
        if text:
            await fox.type(await fox.inside("comment-desk", f"[name={name}]"), text)
    picture = await fox.inside("comment-desk", ".frame img[src]")
    source = await fox.run("return arguments[0].src", {_ELEMENT: picture})
    answer = site.mint.open(str(source).rsplit("/", 2)[1]).answer
    await fox.type(await fox.inside("comment-desk", "[name=captcha_answer]"), answer)
    status = await fox.inside("comment-desk", ".status")
    await fox.click(await fox.inside("comment-desk", ".send"))

    async def waits() -> bool:
        return "biên tập viên" in await fox.text(status)

    await until(waits, "the comment waits for a moderator")
    await fox.inside("comment-desk", ".thread .waiting .tools")
    desk = await Desk.log_in(site, "mai")
    _, found = await desk.get("/v1/submissions", state="held", q="trình duyệt khác")
    await desk.decides("approve", found["items"][0]["id"])
    await desk.close()

    async def stands() -> bool:
        return "đã hiện dưới bài viết" in await fox.text(status)

    await until(stands, "the comment stands under the article")
    shown = await fox.text(await fox.inside("comment-desk", ".thread"))
    assert words in shown
    assert shown.count(CLEAN["name"]) == 1


_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
