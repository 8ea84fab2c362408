"""Joining and signing in as people do it, in Chromium: with script, without, by a provider."""

from collections.abc import AsyncIterator

import pyotp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.attacks.watched_browser import Watch, chromium_running, watched
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider

# The provider answers within the loop of these tests.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
NEW = "another horse battery"
DRAWN = "(image) => image.complete && image.naturalWidth > 100"
PHONE: ViewportSize = {"width": 390, "height": 800}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[OpenIdProvider]:
    opened = OpenIdProvider({"sub": "l", "email": "lan@bao.vn", "email_verified": True})
    await opened.start()
    yield opened
    await opened.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, provider: OpenIdProvider
) -> AsyncIterator[Installation]:
    """The console alone, at localhost; the provider is another site to browsers: 127.0.0.1."""
    folder = tmp_path_factory.mktemp("signing-in")
    known = {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
    extra = {f"OIDC_{name}": value for name, value in known.items()}
    installation = Installation(folder, redis, sqlite_urls(folder), OIDC_NAME="Tòa soạn", **extra)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_running(chromium) as opened:
        yield opened


async def log_in(page: Page, site: Installation, login: str, password: str = PASSWORD) -> None:
    await page.goto(f"{site.moderation}/login")
    await page.get_by_label("Tên đăng nhập").fill(login)
    await page.get_by_label("Mật khẩu").fill(password)
    await page.get_by_role("button", name="Đăng nhập", exact=True).click()


async def accessible(page: Page) -> None:
    """Nothing that axe minds, and nothing that is wider than the screen."""
    found = (await Axe().run(page)).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], page.url
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, page.url


async def invite(page: Page, watch: Watch, login: str) -> str:
    """As Mai, who is logged in; the link."""
    await page.get_by_role("link", name="Tài khoản", exact=True).click()
    await accessible(page)
    await page.get_by_label("Tên đăng nhập").fill(login)
    await page.get_by_label("Chuyên mục").fill("Thể thao\nVăn hóa")
    await page.get_by_role("button", name="Mời", exact=True).click()
    await accessible(page)
    await watch.look(page)
    return await page.get_by_label("Liên kết", exact=True).input_value()


async def test_from_the_invite_to_the_first_log_in_with_a_code(
    site: Installation, browser: Browser
) -> None:
    async with watched(browser) as (page, watch):
        await page.set_viewport_size(PHONE)
        await log_in(page, site, "mai")
        link = await invite(page, watch, "ngoc")
        assert watch.everything == []
    async with watched(browser) as (page, watch):
        await page.set_viewport_size(PHONE)
        await page.goto(link)
        await accessible(page)
        await page.get_by_label("Mật khẩu mới").first.fill(NEW)
        await page.get_by_label("Gõ lại").fill(NEW)
        await page.get_by_role("button", name="Đặt mật khẩu").click()
        await expect(page.get_by_role("status")).to_contain_text("Đã đặt mật khẩu")
        await log_in(page, site, "ngoc", NEW)
        await page.get_by_role("link", name="ngoc").click()
        await expect(page.locator("main")).to_contain_text("Thể thao, Văn hóa")
        await accessible(page)
        await page.get_by_role("link", name="Thiết lập").click()
        await page.get_by_role("button", name="Bắt đầu").click()
        picture = page.get_by_role("img", name="Mã QR")
        await expect(picture).to_be_visible()
        await page.wait_for_function(DRAWN, arg=await picture.element_handle())
        await accessible(page)
        secret = (await page.locator(".secret").inner_text()).replace(" ", "")
        authenticator = pyotp.TOTP(secret)
        await page.get_by_label("Gõ mã").fill(authenticator.now())
        await page.get_by_role("button", name="Bật").click()
        await expect(page.locator(".recovery li")).to_have_count(10)
        await accessible(page)
        recovery = await page.locator(".recovery li").first.inner_text()
        await page.get_by_role("button", name="Đăng xuất").click()
        await log_in(page, site, "ngoc", NEW)
        await accessible(page)
        await expect(page.get_by_label("Mã", exact=True)).to_be_focused()
        await page.get_by_label("Mã", exact=True).fill(recovery)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{site.moderation}/")
        await watch.look(page)
        assert watch.everything == []
        assert watch.errors == []


async def test_a_provider_on_another_site_leads_back_into_the_desk(
    site: Installation, browser: Browser, provider: OpenIdProvider
) -> None:
    await site.account("lan@bao.vn")
    async with watched(browser) as (page, watch):
        await page.goto(f"{site.moderation}/login?next=/books")
        await accessible(page)
        await page.get_by_role("link", name="Đăng nhập bằng Tòa soạn").click()
        await expect(page).to_have_url(f"{site.moderation}/books")
        await expect(page.locator(".who")).to_contain_text("lan@bao.vn")
        assert provider.asked == ["metadata", "token", "keys"]
        await watch.look(page)
        assert watch.everything == []


async def test_everything_is_done_without_script(site: Installation, browser: Browser) -> None:
    await site.account("thu")
    context = await browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = await context.new_page()
    await log_in(page, site, "thu")
    await page.get_by_role("link", name="thu").click()
    await page.get_by_role("link", name="Thiết lập").click()
    await page.get_by_role("button", name="Bắt đầu").click()
    secret = (await page.locator(".secret").inner_text()).replace(" ", "")
    await page.get_by_label("Gõ mã").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Bật").click()
    await expect(page.locator(".recovery li")).to_have_count(10)
    recovery = await page.locator(".recovery li").all_inner_texts()
    await page.get_by_role("link", name="Đã cất xong").click()
    await page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    await page.get_by_label("Mật khẩu mới").first.fill(NEW)
    await page.get_by_label("Gõ lại").fill(NEW)
    await page.get_by_role("button", name="Đặt mật khẩu").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã đổi mật khẩu")
    await page.get_by_role("button", name="Đăng xuất", exact=True).click()
    await log_in(page, site, "thu", NEW)
    await page.get_by_label("Mã", exact=True).fill(recovery[0])
    await page.get_by_role("button", name="Tiếp tục").click()
    await expect(page).to_have_url(f"{site.moderation}/")
    await context.close()
