"""What readers agree to changes while their page is open: they read it, and tick the box again."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sql
from playwright.async_api import Browser, BrowserContext, Page, expect

from commentdesk.ledger.tables import submissions
from tests.browser.test_reader_and_moderator import code_of
from tests.browser.test_widget_accessible import violations
from tests.browser.widget_form import WidgetForm, chromium_at
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, CLEAN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ENGLISH = "night-train-timetable"
IN = {
    ARTICLE: {"days": "xóa sau {} ngày", "changed": "vừa thay đổi", "thanks": "Cảm ơn bạn."},
    ENGLISH: {"days": "erased after {} days", "changed": "has just changed", "thanks": "Thank"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path, redis: Redis) -> AsyncIterator[Installation]:
    asked = {"CONSENT": "required", "CONSENT_VERSION": "1", "RETENTION_DAYS": "30"}
    installation = Installation(tmp_path, redis, sqlite_urls(tmp_path), **asked)
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()


async def changed(site: Installation, **settings: str) -> None:
    """Intake as the operator starts it anew."""
    site.terminate("intake")
    site.environment |= {f"COMMENTDESK_{name}": value for name, value in settings.items()}
    await site.start("intake")


async def agreed_to(site: Installation, content: str) -> list[str | None]:
    """The versions that were agreed to with the comments of this text."""
    ledger = site.ledger()
    query = sql.select(submissions.c.consent_version).where(submissions.c.content == content)
    async with ledger.database.reading() as connection:
        found = list((await connection.execute(query)).scalars())
    await ledger.close()
    return found


async def written(context: BrowserContext, site: Installation, article: str) -> WidgetForm:
    form = await WidgetForm(await context.new_page(), site).goto(article)
    await form.write(f"Ai đọc thì biết, {article}.")
    await form.answer()
    return form


async def test_the_open_page_shows_it_unticks_the_box_and_keeps_the_rest(
    browser: Browser, site: Installation
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 800})
    forms = {article: await written(context, site, article) for article in IN}
    for article, form in forms.items():
        await expect(form.page.locator("comment-desk #kept")).to_contain_text(
            IN[article]["days"].format(30)
        )
        await form.field("consent").check()
    await changed(site, CONSENT_VERSION="2", RETENTION_DAYS="60")
    for article, form in forms.items():
        code = await form.field("captcha_answer").input_value()
        await form.part("send").click()
        await expect(form.field("consent")).to_be_focused()
        await expect(form.field("consent")).not_to_be_checked()
        words = form.page.locator("comment-desk #kept")
        await expect(words).to_contain_text(IN[article]["days"].format(60))
        described = await form.field("consent").get_attribute("aria-describedby")
        assert described == "kept consent-told", "it is read out where the focus is"
        await expect(form.page.locator("comment-desk #consent-told .error")).to_contain_text(
            IN[article]["changed"]
        )
        assert await violations(form.page) == []
        await expect(form.field("name")).to_have_value(CLEAN["name"])
        await expect(form.field("content")).to_have_value(f"Ai đọc thì biết, {article}.")
        await expect(form.field("captcha_answer")).to_have_value(code)
        await form.page.keyboard.press("Space")
        await form.part("send").click()
        await expect(form.status).to_contain_text(IN[article]["thanks"])
        assert await agreed_to(site, f"Ai đọc thì biết, {article}.") == ["2"]
        await form.write("Và thêm một lần nữa.")
        await form.answer()
        await form.part("send").click()
        await expect(form.field("content")).to_have_value("")
    assert await agreed_to(site, "Và thêm một lần nữa.") == ["2", "2"]
    await context.close()


async def test_a_page_from_before_anybody_was_asked_asks_now(
    browser: Browser, site: Installation
) -> None:
    await changed(site, CONSENT="off")
    context = await browser.new_context()
    form = await written(context, site, ARTICLE)
    await expect(form.field("consent")).to_have_count(0)
    await changed(site, CONSENT="required", CONSENT_VERSION="3")
    await form.part("send").click()
    await expect(form.field("consent")).to_be_focused()
    await expect(form.field("consent")).not_to_be_checked()
    await form.page.keyboard.press("Space")
    await form.part("send").click()
    await form.is_accepted()
    assert await agreed_to(site, f"Ai đọc thì biết, {ARTICLE}.") == ["3"]
    await context.close()


async def test_the_form_without_script_does_the_same(browser: Browser, site: Installation) -> None:
    context = await browser.new_context(java_script_enabled=False)
    pages: dict[str, Page] = {}
    for article in IN:
        page = pages[article] = await context.new_page()
        language = "en" if article == ENGLISH else "vi"
        await page.goto(f"{site.intake}/v1/articles/{article}/form?lang={language}")
        for name, text in {**CLEAN, "content": f"Không script, {article}."}.items():
            await page.locator(f"[name={name}]").fill(text)
        picture = await page.locator(".captcha img").get_attribute("src")
        await page.locator("[name=captcha_answer]").fill(code_of(site, picture))
        await page.locator("[name=consent]").check()
    await changed(site, CONSENT_VERSION="4", RETENTION_DAYS="90")
    for article, page in pages.items():
        await page.locator("button.send").click()
        await expect(page.locator("[name=consent]")).to_be_focused()
        await expect(page.locator("[name=consent]")).not_to_be_checked()
        await expect(page.locator("#kept")).to_contain_text(IN[article]["days"].format(90))
        await expect(page.locator("#consent-error")).to_contain_text(IN[article]["changed"])
        await expect(page.locator("[name=content]")).to_have_value(f"Không script, {article}.")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/receipts/"))
        assert await agreed_to(site, f"Không script, {article}.") == ["4"]
    await context.close()
