"""Where the device works instead of the reader, or beside: quietly, said in words, and sent; or
where the reader would rather type.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Request, Route, expect

from commentdesk.sealing import Sealing
from services.intake.captcha.minting import CaptchaMint
from services.intake.mint import PURPOSE
from tests.browser.test_widget_accessible import violations
from tests.browser.widget_form import WidgetForm, chromium_at, routable
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE
from tests.solver import found

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
DONE = "Không cần nhập mã."
ENGLISH = "night-train-timetable"
# What is said, and on the buttons.
WORDS = {
    ARTICLE: {
        **{"type": "Tự nhập mã", "device": "Để thiết bị tự làm", "working": "đang tự giải"},
        **{"awaited": "Đang chờ thiết bị…", "then": "sẽ tự gửi", "left": "Còn nhiều nhất"},
        **{"send": "Gửi bình luận", "thanks": "Cảm ơn bạn."},
    },
    ENGLISH: {
        **{
            "type": "Type a code instead",
            "device": "Let the device do it",
            "working": "small task",
        },
        **{"awaited": "Waiting for the device…", "then": "as soon as it is done"},
        **{"left": "seconds more at most", "send": "Send comment", "thanks": "Thank you."},
    },
}
# An old phone: its work stands still until the test lets it go on, and takes its time.
_SLOW = """
    const derive = SubtleCrypto.prototype.deriveBits;
    const now = performance.now.bind(performance);
    const held = new Promise((resolve) => { window.goOn = resolve; });
    let spent = 0;
    performance.now = () => now() + spent;
    SubtleCrypto.prototype.deriveBits = async function (...asked) {
      await held;
      spent += 500;
      return derive.apply(this, asked);
    };
"""
# As on a page that is not served securely.
_WITHOUT_CRYPTO = (
    "Object.defineProperty(Crypto.prototype, 'subtle', { get() { return undefined; } });"
)


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


async def started(folder: Path, redis: Redis, **settings: str) -> Installation:
    site = Installation(folder, redis, sqlite_urls(folder), CAPTCHA_WORK="60", **settings)
    site.migrate()
    await site.start("articles", "intake")
    return site


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    installation = await started(tmp_path_factory.mktemp("either"), redis, CAPTCHA="image-or-work")
    yield installation
    installation.stop()


async def test_the_device_answers_and_the_reader_types_no_code(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    form = await WidgetForm(await context.new_page(), site).goto()
    # Not even before the first word is written: what goes moves what is below it.
    await expect(form.field("captcha_answer")).to_be_hidden()
    await form.write("Máy tự giải, người không phải gõ.")
    await expect(form.part("work")).to_contain_text(DONE)
    await expect(form.field("captcha_answer")).to_be_hidden()
    await expect(form.part("way")).to_be_hidden()
    await form.part("send").click()
    await form.is_accepted()
    # And once more: another captcha and its work; what is sent before it is done waits for it.
    await form.write("Thêm một bình luận nữa.")
    await form.field("content").press("Control+Enter")
    await form.is_accepted()
    assert form.troubles == []
    await context.close()


async def on_an_old_phone(browser: Browser, site: Installation, article: str) -> WidgetForm:
    """The form, with nothing of the work done."""
    context = await browser.new_context(viewport={"width": 390, "height": 800})
    page = await context.new_page()
    await page.add_init_script(_SLOW)
    await page.route("**/v1/captchas", _takes_a_while)
    return await WidgetForm(page, site).goto(article)


async def _takes_a_while(route: Route) -> None:
    """A captcha whose work is not done at the first tries."""
    while True:
        answer = await route.fetch()
        if found((await answer.json())["work"])[0] >= 12:
            return await route.fulfill(response=answer)


@pytest.mark.parametrize("article", WORDS)
async def test_who_would_rather_type_does_and_back_again(
    browser: Browser, site: Installation, article: str
) -> None:
    words = WORDS[article]
    form = await on_an_old_phone(browser, site, article)
    asked: list[Request] = []
    form.page.on("request", lambda one: asked.append(one) if "/image" in one.url else None)
    way, code, keys = form.part("way"), form.field("captcha_answer"), form.page.keyboard
    await form.write("Gõ mã cho nhanh.")
    await expect(form.part("work")).to_contain_text(words["working"])
    await expect(way).to_have_text(words["type"])
    await expect(code).to_be_hidden()
    assert asked == [], "no picture is drawn that nobody looks at"
    assert await violations(form.page) == []
    await keys.press("Tab")
    await expect(way).to_be_focused()
    await keys.press("Enter")
    await expect(code).to_be_focused()
    await expect(form.page.locator("comment-desk .frame img")).to_be_visible()
    await expect(form.part("listen")).to_be_visible()
    await expect(form.part("work")).to_have_text("")
    await expect(way).to_have_text(words["device"])
    assert await violations(form.page) == []
    await keys.press("Tab")
    await keys.press("Space")
    await expect(way).to_be_focused()
    await expect(code).to_be_hidden()
    await expect(form.part("work")).to_contain_text(words["working"])
    await keys.press("Enter")
    await expect(code).to_be_focused()
    await form.answer()
    await keys.press("Enter")
    await expect(form.status).to_contain_text(words["thanks"])
    # The next comment is proven the same way, until the reader changes it.
    await form.write("Lại gõ mã.")
    await expect(code).to_be_visible()
    await form.page.evaluate("goOn()")
    await way.click()
    await form.part("send").click()
    await expect(form.field("content")).to_have_value("")
    assert form.troubles == []
    await form.page.context.close()


@pytest.mark.parametrize("article", WORDS)
async def test_what_is_sent_while_the_device_works_waits_for_it_and_says_so(
    browser: Browser, site: Installation, article: str
) -> None:
    words = WORDS[article]
    form = await on_an_old_phone(browser, site, article)
    send, work = form.part("send"), form.part("work")
    await form.write("Gửi khi máy còn đang giải.")
    await expect(work).to_contain_text(words["working"])
    # Who changes their mind while it waits has sent nothing.
    await send.click()
    await expect(send).to_have_text(words["awaited"])
    await expect(work).to_contain_text(words["then"])
    await form.part("way").click()
    await expect(send).to_have_text(words["send"])
    await expect(form.field("captcha_answer")).to_be_focused()
    await expect(form.field("content")).to_have_value("Gửi khi máy còn đang giải.")
    await form.part("way").click()
    left = form.page.locator("comment-desk .beside:has([part=way])")
    await expect(left).not_to_contain_text(words["left"])
    await send.click()
    await expect(work).to_contain_text(words["then"])
    await form.page.evaluate("""() => {
        window.said = [];
        const { shadowRoot } = document.querySelector("comment-desk");
        const part = shadowRoot.querySelector("[part=work]").parentElement;
        new MutationObserver(() => window.said.push(part.textContent)).observe(
            part, { childList: true, subtree: true, characterData: true });
        goOn();
    }""")
    await expect(form.status).to_contain_text(words["thanks"])
    await expect(form.field("content")).to_have_value("")
    said = await form.page.evaluate("window.said")
    assert any(words["left"] in line for line in said)
    assert form.troubles == []
    await form.page.context.close()


async def test_where_the_solver_does_not_come_the_reader_types(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context()
    await context.route("**/widget-more.js", lambda route: route.abort())
    form = await WidgetForm(await context.new_page(), site).goto()
    await form.send("Thiếu nửa kịch bản vẫn gửi được.")
    await expect(form.status).to_contain_text("Cảm ơn bạn.")
    await context.close()


async def test_work_that_is_too_late_is_done_anew_and_the_comment_goes_by_itself(
    browser: Browser, site: Installation
) -> None:
    context = await routable(await browser.new_context())
    form = await WidgetForm(await context.new_page(), site).goto()
    old = CaptchaMint(Sealing(site.settings.secret.get_secret_value(), PURPOSE), -1).mint(ARTICLE)

    seen: list[str] = []

    async def grown_old(route: Route) -> None:
        sent = json.loads(route.request.post_data or "")
        seen.append(sent["captcha_id"])
        late = {"captcha_id": old.id} if len(seen) == 1 else {}
        await route.continue_(post_data=json.dumps({**sent, **late}))

    await form.page.route("**/comments", grown_old)
    await form.write("Để máy giải lại.")
    await form.part("send").click()
    await form.is_accepted()
    await expect(form.field("captcha_answer")).to_be_hidden()
    assert len(set(seen)) == 2
    await context.close()


async def test_where_it_cannot_work_the_picture_is_there(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    await page.add_init_script(_WITHOUT_CRYPTO)
    form = await WidgetForm(page, site).goto()
    await form.send("Không có WebCrypto thì gõ mã.")
    await form.is_accepted()
    await context.close()


async def test_where_only_work_counts_and_cannot_be_done_the_plain_form_is_named(
    browser: Browser, redis: Redis, tmp_path: Path
) -> None:
    site = await started(tmp_path, redis, CAPTCHA="work")
    try:
        context = await browser.new_context(locale="vi-VN")
        form = await WidgetForm(await context.new_page(), site).goto()
        await form.write("Chỉ máy làm, không có hình.")
        await form.part("send").click()
        await form.is_accepted()
        page = await context.new_page()
        await page.add_init_script(_WITHOUT_CRYPTO)
        form = await WidgetForm(page, site).goto()
        await form.field("name").focus()
        await form.part("work").get_by_role("link").click()
        await expect(page.locator("form #captcha_answer")).to_be_visible()
        await context.close()
    finally:
        site.stop()


async def test_beside_what_was_heard_and_in_a_surge_the_device_works_by_itself(
    browser: Browser, redis: Redis, tmp_path: Path
) -> None:
    surge = {"SURGE_WRONG": "1", "SURGE_WINDOW_SECONDS": "2", "SURGE_CALM_SECONDS": "600"}
    site = await started(tmp_path, redis, LIMITS="on", **surge)
    try:
        context = await browser.new_context(locale="vi-VN")
        form = await WidgetForm(await context.new_page(), site).goto()
        await form.write("Nghe mã, không nhìn thấy mã.")
        shown = form.page.locator("comment-desk .frame img")
        await expect(shown).to_be_visible()
        captcha = (await shown.get_attribute("src") or "").split("/")[-2]
        await form.field("captcha_answer").fill(" ".join(site.mint.open(captcha).digits))
        await form.part("send").click()
        await form.is_accepted()
        await form.write("Viết lúc yên, gửi lúc có bão.")
        await form.answer()
        storm = await WidgetForm(await context.new_page(), site).goto("night-train-timetable")
        for _ in range(3):
            await storm.write("Wrong on purpose.")
            picture = storm.page.locator("comment-desk .frame img")
            await expect(picture).to_be_visible()
            before = await picture.get_attribute("src")
            await storm.field("captcha_answer").fill("wrong")
            await storm.part("send").click()
            await expect(picture).not_to_have_attribute("src", before or "")
        await form.part("send").click()
        await form.is_accepted()
        await context.close()
    finally:
        site.stop()
