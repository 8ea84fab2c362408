"""The second look in Chromium: by keyboard, without script, on a phone, and for everyone."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from commentdesk.database import now
from commentdesk.domain.agreement import Opinion
from commentdesk.domain.state import Action
from commentdesk.ledger.accounts import Account
from commentdesk.ledger.blind import answer_look
from commentdesk.ledger.campaign_orders import order_next
from commentdesk.ledger.second_looks import LASTS, pick_second_looks
from commentdesk.ledger.tables import second_looks, submissions
from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.checking import SAID, Worker
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis
from tests.integration.test_second_looks import ALL, LATER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
LAN = Account("id-lan", "lan", "moderator", now(), None)


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("look")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    for login, role in (("mai", "admin"), ("nam", "moderator")):
        await installation.account(login, role)
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def worker(site: Installation) -> Iterator[Worker]:
    """Eight comments that the machine published; three answered otherwise; an order."""
    opened = Worker(site, **ALL)
    ledger = opened.ledger
    for number in range(8):
        opened.checked(title=f"Bình luận số {number}")
    opened.run(submissions.update().values(state="published", work=None))
    opened.process.run(pick_second_looks(ledger, now() + LATER))
    for row in opened.rows(second_looks)[:3]:
        opened.process.run(answer_look(ledger, row.id, LAN, Opinion.REJECT, "spam"))
    waiting = opened.checked(content=SAID, title="vidu-quangcao.com").id
    opened.process.run(order_next(ledger, waiting, Action.REJECT, "mai", now() + LASTS))
    yield opened
    opened.close()


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


async def logged_in(browser: Browser, site: Installation, login: str, **options: object) -> Page:
    page = await (await browser.new_context(**options)).new_page()  # type: ignore[arg-type]
    await page.goto(f"{site.moderation}/login")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button.approve").click()
    await expect(page.locator(".who")).to_contain_text(login)
    return page


def answers(worker: Worker) -> list[tuple[str | None, str]]:
    rows = [row for row in worker.rows(second_looks) if row.looker == "nam"]
    rows.sort(key=lambda row: row.answered_at)
    return [(row.answer, row.answer_reason) for row in rows]


async def test_by_keyboard_one_after_another(
    browser: Browser, site: Installation, worker: Worker
) -> None:
    page = await logged_in(browser, site, "nam", locale="vi-VN")
    await page.goto(f"{site.moderation}/second-look")
    await expect(page.locator("article.look")).to_contain_text("Còn 5 để xem.")
    # Not while a reason is being chosen, nor with an input method at work, nor the browser's own.
    await page.locator("#reason").focus()
    await page.keyboard.press("a")
    await page.locator("#reason").blur()
    await page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {code: 'KeyA', keyCode: 229, bubbles: true}))"
    )
    await page.keyboard.press("Shift+A")
    assert answers(worker) == []
    await page.keyboard.press("a")
    await expect(page.get_by_role("status")).to_contain_text("Bạn đồng ý.")
    await expect(page.locator("article.look")).to_contain_text("Còn 4 để xem.")
    await page.keyboard.press("s")
    await expect(page.locator("article.look")).to_contain_text("Còn 3 để xem.")
    await page.keyboard.press("2")
    await expect(page.locator("#reason")).to_have_value("insult")
    await page.keyboard.press("r")
    await expect(page.get_by_role("heading", name="Bạn sẽ quyết định khác")).to_be_visible()
    assert answers(worker) == [("publish", ""), ("reject", "insult")]
    # Enter leaves it as it is and goes on.
    await page.keyboard.press("Enter")
    await expect(page.locator("article.look")).to_contain_text("Còn 2 để xem.")
    await page.context.close()


async def test_without_script(browser: Browser, site: Installation, worker: Worker) -> None:
    page = await logged_in(browser, site, "nam", locale="vi-VN", java_script_enabled=False)
    await page.goto(f"{site.moderation}/second-look")
    await page.locator("#reason").select_option("spam")
    await page.get_by_role("button", name="Tôi sẽ từ chối").click()
    await expect(page.get_by_role("heading", name="Bạn sẽ quyết định khác")).to_be_visible()
    assert answers(worker)[-1] == ("reject", "spam")
    await page.get_by_role("link", name="Để nguyên").click()
    await expect(page.locator("article.look")).to_contain_text("Còn 1 để xem.")
    await page.get_by_role("button", name="Bỏ qua").click()
    await expect(page.get_by_text("Hiện không có gì để xem lại.")).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everyone_can_use_the_pages(
    browser: Browser, site: Installation, worker: Worker, scheme: str
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": 390, "height": 844}}
    page = await logged_in(browser, site, "mai", **options)
    [answered, *_] = [row.id for row in worker.rows(second_looks) if row.answered_at]
    worker.run(second_looks.update().where(second_looks.c.id == answered).values(looker="mai"))
    for language in ("vi", "en"):
        for path in (
            "/second-look",
            f"/second-look?answered={answered}",
            "/second-look/agreement",
            "/campaigns",
        ):
            await page.goto(f"{site.moderation}{path}{'&' if '?' in path else '?'}lang={language}")
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(wide) <= 0, path
    await page.context.close()
