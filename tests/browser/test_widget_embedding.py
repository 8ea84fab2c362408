"""The widget on another site's pages: strict policies, blocked cookies, themes, an iframe."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.widget_form import WidgetForm, chromium_at
from tests.conftest import sqlite_urls
from tests.host import Host, documented, embedded, host_on
from tests.installation import Installation, Redis, free_ports, until
from tests.reader import ARTICLE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
# Taller than any screen and than what is near below it.
_FAR = '<div class="far"></div>'
_FAR_STYLE = "<style>.far { height: 4000px }</style>"
_LISTEN = """<script>
addEventListener("message", ({ data, origin, source }) => {
  const frame = document.querySelector("iframe");
  if (source !== frame.contentWindow || !String(data.type).startsWith("commentdesk:")) return;
  if (data.type !== "commentdesk:height") (window.told ??= []).push([data.type, origin]);
});
</script>"""


@dataclass
class Elsewhere:
    """An installation, and a newsroom's site on another origin that may embed it."""

    site: Installation
    host: Host


@once
async def elsewhere(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Elsewhere]:
    folder = tmp_path_factory.mktemp("elsewhere")
    [port] = free_ports(1)
    fields = {"PHONE_FIELD": "optional", "TITLE_FIELD": "optional"}
    sites = {"SITES": f"http://127.0.0.1:{port}"}
    site = Installation(folder, redis, sqlite_urls(folder), **sites, **fields)
    site.migrate()
    await site.start("articles", "intake", "checks", "publish")
    async with host_on(port) as host:
        yield Elsewhere(site, host)
    site.stop()


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_at(chromium, "--test-third-party-cookie-phaseout") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(locale="vi-VN")
    yield opened
    await opened.close()


async def background(page: Page, part: str) -> str:
    found = page.locator(f"comment-desk [part={part}]")
    return str(await found.evaluate("one => getComputedStyle(one).backgroundColor"))


async def test_under_a_strict_policy_from_another_origin_with_nothing_kept_but_its_own(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    needs = " ".join(documented(site, "Content Security Policy", "").split())
    csp = f"default-src 'none'; {needs}; require-trusted-types-for 'script'; trusted-types 'none'"
    address = host.page("/strict", embedded(site, ARTICLE, 'loading="eager"'), csp=csp)
    page = await context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    form = WidgetForm(page, site)
    await page.goto(address)
    await form.send("Từ trang của tòa soạn, dưới chính sách ngặt.")
    await form.is_accepted()
    # One's own comment stands in its place; the second file was let in too.
    await expect(form.desk).to_contain_text("dưới chính sách ngặt.")
    await expect(form.status.locator("[part=receipt]")).to_be_visible()
    assert await background(page, "send") == "rgb(11, 92, 173)"
    assert form.troubles == []
    assert asked == {urlsplit(url).netloc for url in (address, site.intake, site.articles)}
    assert await context.cookies() == []
    kept = await page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")
    assert kept == [[f"commentdesk:receipts:{ARTICLE}"], []]


async def test_far_below_it_costs_a_script_and_shows_what_the_page_put_there(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    inside = "<p>Bình luận của bài này.</p>"
    body = _FAR + embedded(site, ARTICLE, inside=inside)
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method + urlsplit(request.url).path))
    await page.goto(host.page("/far", body, head=_FAR_STYLE))
    await page.evaluate("customElements.whenDefined('comment-desk')")
    await expect(page.get_by_text("Bình luận của bài này.")).to_be_visible()
    read = [what for what in asked if not what.endswith("/views")]
    assert read == ["GET/far", "GET/widget.js"]
    await page.locator("comment-desk").evaluate("desk => desk.scrollIntoView()")
    await expect(page.locator("comment-desk [name=content]")).to_be_visible()
    await expect(page.get_by_text("Bình luận của bài này.")).to_be_hidden()
    # Who only reads costs no captcha.
    assert not [what for what in asked if "captcha" in what]


async def test_it_looks_like_the_page_around_it_and_asks_for_what_the_page_wants(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    style = (
        f"<style>{documented(site, 'Looks', 'css')}</style>"
        + """<style>
      /* Many themes have a rem of ten pixels. */
      html { font-size: 62.5% }
      body { background: #111; color: #eee; font: 20px serif }
      .light { background: #fff; color: #222 }
      comment-desk { --commentdesk-accent: #c00; --commentdesk-on-accent: #fff }
    </style>"""
    )
    asks = 'loading="eager" phone-field="off" title-field="required"'
    own = """texts='{"heading": "Ý kiến của bạn"}'"""
    address = host.page("/theme", embedded(site, ARTICLE, f"{asks} {own}"), head=style)
    page = await context.new_page()
    form = WidgetForm(page, site)
    # A device that prefers light does not make a dark page light.
    await page.emulate_media(color_scheme="light")
    await page.goto(address)
    await expect(form.field("content")).to_be_visible()
    heading = page.get_by_role("heading", name="Ý kiến của bạn")
    await expect(heading).to_have_css("font-family", "Georgia, serif")
    await expect(form.field("content")).to_have_css("font-family", "serif")
    await expect(form.field("content")).to_have_css("border-radius", "0px")
    hint = page.locator("comment-desk form > .hint").first
    await expect(hint).to_have_css("font-size", "18px")
    assert await background(page, "send") == "rgb(204, 0, 0)"
    await expect(form.field("phone")).to_have_count(0)
    await expect(form.field("title")).to_have_js_property("required", True)
    await expect(page.locator("comment-desk .desk")).to_have_class("desk dark")
    await page.evaluate("document.body.className = 'light'")
    await expect(page.locator("comment-desk .desk")).to_have_class("desk")


@pytest.mark.parametrize(("root", "attributes"), [('dir="rtl"', 'dir="rtl"'), ("", "")])
async def test_right_to_left_it_is_mirrored(
    elsewhere: Elsewhere, context: BrowserContext, root: str, attributes: str
) -> None:
    site, host = elsewhere.site, elsewhere.host
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 800})
    body = embedded(site, ARTICLE, f'loading="eager" {attributes}')
    await page.goto(host.page("/rtl", body, root=root))
    box = page.locator("comment-desk [name=remember]")
    label = page.locator("comment-desk label[for=remember]")
    await expect(box).to_be_visible()
    where, words = await box.bounding_box(), await label.bounding_box()
    assert where and words
    assert (where["x"] > words["x"]) is bool(attributes)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_drives_it_and_hears_what_happens(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    page = await context.new_page()
    await page.goto(host.page("/events", _FAR + embedded(site, ARTICLE), head=_FAR_STYLE))
    await page.evaluate("""() => {
      window.told = [];
      for (const name of ["ready", "submitted", "published", "error"]) {
        document.addEventListener(`commentdesk:${name}`, ({ detail }) => told.push([name, detail]));
      }
    }""")
    form = WidgetForm(page, site)
    await form.desk.evaluate("desk => desk.focusForm()")
    await expect(form.field("name")).to_be_focused()
    await form.write("Trang ngoài nghe được.")
    await form.field("captcha_answer").fill("sai")
    await form.part("send").click()
    error = page.locator("comment-desk #captcha_answer-told .error")
    await expect(error).to_contain_text("chưa đúng")
    await form.answer()
    await form.part("send").click()
    await page.wait_for_function("told.some(([name]) => name === 'published')")
    told = dict(await page.evaluate("told"))
    assert told["error"] == {"status": 422, "code": "invalid"}
    submitted, published = told["submitted"], told["published"]
    assert submitted["id"] == published["id"]
    assert submitted["url"].startswith(f"{site.intake}/receipts/")
    assert published["permalink"].endswith(f"#comment-{published['id']}")
    script = documented(site, "Events and interface", "js")
    await page.evaluate(f"id => {{ {script} }}", published["id"])
    await expect(page.locator("comment-desk form > .hint bdi")).to_have_text("Hương")
    await expect(form.desk).to_contain_text("Trang ngoài nghe được.")
    assert [one for one in form.troubles if "422" not in one] == []


async def test_an_iframe_grows_with_it_and_passes_on_what_happens(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    frame = documented(site, "Where no script can be put: an iframe", "html")
    script = documented(site, "Where no script can be put: an iframe", "js")
    body = f"{frame}<script>{script}</script>{_LISTEN}"
    page = await context.new_page()
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    await page.goto(host.page("/frame", body))
    inside = page.frame_locator("iframe").locator("comment-desk")
    await expect(inside.locator("[name=content]")).to_be_visible()
    await page.wait_for_function("parseFloat(document.querySelector('iframe').style.height) > 700")
    frame_page = page.frames[1]
    overflow = "document.documentElement.scrollHeight - innerHeight"
    await frame_page.wait_for_function(f"{overflow} === 0")
    await page.wait_for_function("window.told?.some(([type]) => type === 'commentdesk:ready')")
    assert {origin for _, origin in await page.evaluate("told")} == {site.intake}
    assert troubles == []


async def test_a_site_that_is_not_the_newsrooms_cannot_frame_it(
    elsewhere: Elsewhere, context: BrowserContext
) -> None:
    site, host = elsewhere.site, elsewhere.host
    frame = f'<iframe src="{site.intake}/embed/{ARTICLE}" title="Bình luận"></iframe>'
    page = await context.new_page()
    await page.goto(host.page("/foreign", frame).replace("127.0.0.1", "localhost"))
    with pytest.raises(AssertionError):
        await expect(page.frame_locator("iframe").locator("comment-desk")).to_be_attached(
            timeout=1_000
        )


async def test_without_a_script_there_is_a_way_to_the_form_and_the_reader_is_counted(
    elsewhere: Elsewhere, browser: Browser
) -> None:
    site, host = elsewhere.site, elsewhere.host
    article = "library-of-things"
    plain = await browser.new_context(java_script_enabled=False)
    page = await plain.new_page()

    async def is_counted() -> bool:
        answer = await plain.request.get(f"{site.articles}/v1/articles/{article}")
        return bool((await answer.json())["views"] == 1)

    body = documented(site, "Readers without a script", "html", article)
    await page.goto(host.page("/plain", body))
    await until(is_counted, "the reader is counted")
    await page.get_by_role("link", name="Write a comment").click()
    await expect(page.get_by_label("Name (*)")).to_be_visible()
    await plain.close()
