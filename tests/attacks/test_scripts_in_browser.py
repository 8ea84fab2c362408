"""Nothing a reader, a newsroom or a moderator types runs in anybody's browser."""

from collections.abc import AsyncIterator
from urllib.parse import quote, urlencode

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from commentdesk.ledger.receipts import receipt_code
from services.moderation.routes import ROUTES
from tests.attacks.foreign_pages import foreign_site
from tests.attacks.forged_calls import filled_in
from tests.attacks.hostile_readers import (
    ARTICLE,
    CLOSED,
    LOGIN,
    Hostile,
    checked,
    fill,
    phone_of,
    post_all,
    publish,
    shown,
)
from tests.attacks.payloads import ALL, ON_ONE_LINE, PAYLOADS, POLYGLOT, SINKS
from tests.attacks.watched_browser import chromium_running, watched
from tests.browser.test_reader_and_moderator import near
from tests.installation import Installation
from tests.reader import Desk, Reader

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
NOWHERE = "00000000-0000-7000-8000-000000000000"
TABS = ("held", "received", "approved", "published", "rejected", "removed", "all")
PAYLOAD = quote(POLYGLOT.text, safe="")
expect.set_options(timeout=30_000)
# As a page would that posts to its own host, without the limits of the fields on it.
POST_FORM = """
([path, fields]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: path });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  document.body.append(form);
  form.submit();
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile(site: Installation) -> Hostile:
    return await fill(site)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_running(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile_desk(site: Installation, hostile: Hostile) -> AsyncIterator[Desk]:
    """An admin whose very login is a payload."""
    opened = await Desk.log_in(site, LOGIN)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def reader(site: Installation) -> AsyncIterator[Reader]:
    async with aiohttp.ClientSession() as http:
        yield Reader(site, http)


async def post_form(page: Page, path: str, **fields: str) -> None:
    async with page.expect_navigation():
        await page.evaluate(POST_FORM, [path, fields])


def readers_pages(site: Installation) -> list[str]:
    """Every address of the article store that shows what somebody typed."""
    api = f"/v1/articles/{ARTICLE}"
    paths = [f"/articles/{ARTICLE}", f"/articles/{CLOSED}", "/", api, "/v1/articles"]
    paths += [f"{api}/comments", f"{api}/comments.atom", f"/v1/comment-counts?articles={PAYLOAD}"]
    paths += [f"/articles/{PAYLOAD}", f"/articles/{ARTICLE}?cursor={PAYLOAD}", f"/{PAYLOAD}"]
    paths += [f"/?cursor={PAYLOAD}#{PAYLOAD}", f"{api}/comments?thread={PAYLOAD}&sort={PAYLOAD}"]
    return [site.articles + path for path in paths]


def form_pages(site: Installation) -> list[str]:
    """Every address of intake that answers a browser with a page or an error."""
    asked = urlencode(dict.fromkeys(("return_url", "parent_id", "lang"), POLYGLOT.text))
    form = f"/v1/articles/{ARTICLE}/form"
    back = quote(f"{site.articles}/{POLYGLOT.text}")
    paths = [form, f"{form}?{asked}", f"{form}?return_url={back}", f"/receipts?{asked}"]
    paths += [f"/v1/articles/{CLOSED}/form", f"/v1/articles/{PAYLOAD}/form"]
    paths += [f"/embed/{ARTICLE}?{asked}", f"/embed/{PAYLOAD}?theme={PAYLOAD}&sort={PAYLOAD}"]
    paths += [f"/v1/submissions/{PAYLOAD}", f"/v1/captchas/{PAYLOAD}/image", f"/{PAYLOAD}"]
    return [site.intake + path for path in paths]


async def receipt_pages(site: Installation, hostile: Hostile) -> list[str]:
    """What a reader is shown of their own, whatever became of it."""
    ledger = site.ledger()
    kinds = (hostile.published, hostile.held, hostile.rejected, hostile.removed)
    codes = [receipt_code(ledger, ids[0]) for ids in kinds]
    await ledger.close()
    paths = [f"/receipts/{code}?done={PAYLOAD}&return_url={PAYLOAD}" for code in codes]
    return [site.intake + path for path in (*paths, f"/receipts/{PAYLOAD}")]


def console_pages(site: Installation, hostile: Hostile) -> list[str]:
    """Every address of the console that shows what somebody typed."""
    paths = [f"/?state={tab}" for tab in TABS]
    paths += ["/?state=published&sort=newest", f"/?q=pwned&article={ARTICLE}&state=all"]
    paths += [f"/?q={PAYLOAD}&article={PAYLOAD}", f"/?done={PAYLOAD}&count={PAYLOAD}"]
    paths += ["/stuck", "/rules/words", "/accounts", "/audit", f"/login?next={PAYLOAD}"]
    paths += [f"/audit?q={PAYLOAD}&actor={PAYLOAD}&after={PAYLOAD}", "/statistics?window=30d"]
    kinds = (hostile.published, hostile.held, hostile.rejected, hostile.removed, hostile.stuck)
    paths += [f"/submissions/{ids[0]}" for ids in kinds]
    paths += [f"/submissions/{NOWHERE}", f"/{PAYLOAD}?lang={PAYLOAD}", f"/?state={PAYLOAD}"]
    paths += [f"/v1/submissions?state=all&q={PAYLOAD}", f"/v1/submissions/{hostile.rejected[0]}"]
    return [site.moderation + path for path in paths]


@pytest.mark.browser
async def test_the_payloads_bite_where_nobody_escapes_them(browser: Browser) -> None:
    sharp = [payload for payload in PAYLOADS if payload.sink]
    async with foreign_site() as careless, watched(browser) as (page, watch):
        for number, payload in enumerate(sharp):
            before = len(watch.everything)
            path = careless.put(str(number), SINKS[payload.sink or ""].format(payload.text))
            # A page of its own: some lead theirs away at once.
            tab = await page.context.new_page()
            await watch.visit(tab, careless.another_site + path)
            await tab.close()
            assert len(watch.everything) > before, payload.text


@pytest.mark.browser
@pytest.mark.parametrize("policy", [True, False], ids=["with the policy", "by escaping alone"])
async def test_no_page_runs_what_somebody_typed(
    site: Installation, hostile: Hostile, hostile_desk: Desk, browser: Browser, policy: bool
) -> None:
    pages = readers_pages(site) + form_pages(site) + console_pages(site, hostile)
    pages += await receipt_pages(site, hostile)
    async with watched(browser, policy=policy, desk=hostile_desk) as (page, watch):
        for address in pages:
            assert "9801547" not in await watch.visit(page, address), address
            assert "/login" not in page.url or "/login" in address
        assert watch.everything == []


@pytest.mark.browser
async def test_what_somebody_typed_stands_there_to_the_letter(
    site: Installation, hostile: Hostile, hostile_desk: Desk, browser: Browser
) -> None:
    names = {shown(payload.text) for payload in PAYLOADS}
    async with watched(browser, desk=hostile_desk) as (page, _):
        await page.goto(f"{site.articles}/articles/{ARTICLE}")
        further = await page.locator(".pages a", has_text="cũ hơn").get_attribute("href")
        await page.goto(f"{site.articles}/articles/{ARTICLE}{further}")
        older = await page.locator("#comment-list .name").all_text_contents()
        await page.goto(f"{site.articles}/articles/{ARTICLE}")
        newer = await page.locator("#comment-list .name").all_text_contents()
        assert {*older, *newer} == names
        titles = await page.locator("#comment-list .title").all_text_contents()
        assert titles == newer
        contents = await page.locator("#comment-list .content").all_text_contents()
        assert set(contents) == {ALL}
        # Not even an honest address becomes a link.
        assert await page.locator(":is(.name, .title, .content) a").count() == 0
        told = await page.locator(".story [itemprop=articleBody] > p").all_text_contents()
        assert told == [payload.text for payload in PAYLOADS]
        await page.goto(f"{site.moderation}/?state=published")
        cards = await page.locator(".card .name").all_text_contents()
        assert cards and set(cards) <= names
        assert set(await page.locator(".card .text").all_text_contents()) == {ALL}
        assert await page.locator(".card :is(.name, h2, .text) a").count() == 0


@pytest.mark.browser
async def test_a_form_that_comes_back_runs_nothing_of_what_was_in_it(
    site: Installation, hostile: Hostile, browser: Browser
) -> None:
    names = ("name", "phone", "title", "captcha_answer", "parent_id", "return_url")
    fields = {**dict.fromkeys(names, ON_ONE_LINE), "content": ALL}
    captcha = site.captcha(ARTICLE)
    good = {"name": "a", "title": POLYGLOT.text, "content": ALL, "return_url": POLYGLOT.text}
    good |= {"captcha_id": captcha.id, "captcha_answer": captcha.answer}
    path = f"/v1/articles/{ARTICLE}"
    async with watched(browser) as (page, watch):
        for action in (f"{path}/comments", f"{path}/form"):
            await page.goto(f"{site.intake}{path}/form")
            await post_form(page, action, **fields)
            await watch.look(page)
            for name in ("name", "title"):
                await expect(page.locator(f"input[name={name}]")).to_have_value(ON_ONE_LINE)
            await expect(page.get_by_label("Nội dung (*)")).to_have_value(ALL)
        await post_form(page, f"{path}/comments", **good)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Cảm ơn")
        await watch.look(page)
        assert watch.everything == []


@pytest.mark.browser
async def test_the_widget_runs_nothing_of_what_is_typed_into_it(
    site: Installation, hostile: Hostile, browser: Browser
) -> None:
    async with watched(browser) as (page, watch):
        await page.goto(f"{site.articles}/articles/{ARTICLE}#{PAYLOAD}")
        await near(page)
        for label in ("Họ tên (*)", "Số điện thoại", "Tiêu đề (*)"):
            await page.get_by_label(label).fill(POLYGLOT.text)
        await page.get_by_label("Nội dung (*)").fill(ALL)
        await page.locator("comment-desk .desk button.reply").first.click()
        await expect(page.locator("comment-desk .frame img")).to_be_visible()
        await page.get_by_label("Mã xác nhận (*)").fill("<svg onload=pwned()>")
        await page.get_by_label("Số điện thoại").fill("")
        await page.get_by_role("button", name="Gửi bình luận").click()
        wrong = page.locator("comment-desk #captcha_answer-told .error")
        await expect(wrong).to_contain_text("Mã xác nhận chưa đúng.")
        await watch.look(page)
        await page.reload()
        await near(page)
        await expect(page.get_by_label("Nội dung (*)")).to_have_value(ALL)
        await watch.look(page)
        assert watch.everything == []


@pytest.mark.browser
async def test_what_arrives_on_an_open_page_runs_nothing(
    site: Installation, hostile: Hostile, hostile_desk: Desk, browser: Browser, reader: Reader
) -> None:
    new = await post_all(reader, [payload.text for payload in PAYLOADS[-4:]])
    await checked(reader, new)
    async with watched(browser, desk=hostile_desk) as (console, watch):
        article, detail = [await console.context.new_page() for _ in range(2)]
        await article.goto(f"{site.articles}/articles/{CLOSED}")
        await article.goto(f"{site.articles}/articles/{ARTICLE}")
        await detail.goto(f"{site.moderation}/submissions/{new[-1]}")
        await console.goto(f"{site.moderation}/?state=held&sort=newest")
        thread = article.locator("comment-desk .thread:not(#comment-list)")
        await article.locator("comment-desk").scroll_into_view_if_needed()
        await expect(thread.locator("h2")).to_contain_text(f"({len(hostile.published)})")
        more = await post_all(reader, [POLYGLOT.text])
        await checked(reader, more)
        await expect(console.locator(".news a")).to_be_visible()
        await publish(reader, hostile_desk, new)
        await thread.locator("> .news", has_text=str(len(new))).click()
        for comment in new:
            await expect(thread.locator(f"#comment-{comment}")).to_be_visible()
        await expect(detail.locator(".refused")).to_be_visible()
        for page in (article, detail, console):
            await watch.look(page)
        assert watch.everything == []
        assert watch.errors == []


@pytest.mark.browser
async def test_the_console_runs_nothing_of_what_is_typed_into_it(
    site: Installation, hostile: Hostile, hostile_desk: Desk, browser: Browser
) -> None:
    csrf = {"csrf": hostile_desk.csrf}
    item = {f"item.{hostile.held[0]}": "999999", f"item.{hostile.rejected[0]}": "1"}
    hidden = "\u200b"
    posts: list[tuple[str, str, dict[str, str]]] = [
        ("/rules/words", "/rules/words", {"text": ALL, "kind": POLYGLOT.text}),
        ("/rules/words", "/rules/words", {"text": hidden, "kind": "banned"}),
        ("/rules/words", "/rules/words/remove", {"word": POLYGLOT.text[:36]}),
        ("/rules/hosts", "/rules/hosts", {"text": POLYGLOT.text, "kind": "banned_host"}),
        ("/rules/patterns", "/rules/patterns", {"text": f"({POLYGLOT.text}", "kind": "banned"}),
        ("/rules/bans", "/rules/bans", {"submission": POLYGLOT.text, "note": POLYGLOT.text}),
        ("/rules/policy", "/rules/policy", {"scope": "site", "comments": POLYGLOT.text}),
        ("/rules/reasons", "/rules/reasons", {"code": "x", "words.vi": POLYGLOT.text[:60]}),
        ("/rules/words", "/rules/rehearsals", {"rehearse": "words", "text": ALL, "kind": ALL}),
        ("/accounts", "/accounts", {"login": POLYGLOT.text, "role": ALL, "sections": ALL}),
        ("/accounts", "/accounts", {"login": POLYGLOT.text[:60], "role": "moderator"}),
        ("/account", "/account/password", {"password": ALL, "new_password": ALL}),
        ("/accounts", "/accounts/disable", {"account": POLYGLOT.text[:36]}),
        ("/", "/decisions", {"action": "approve", "back": POLYGLOT.text, **item}),
        ("/", "/decisions", {"action": POLYGLOT.text, "back": f"/{POLYGLOT.text}", **item}),
        ("/", "/decisions", {"action": "approve", f"item.{POLYGLOT.text}": "1"}),
        ("/stuck", "/stuck/replay", {"submission": POLYGLOT.text[:36]}),
        ("/login", "/login", {"login": POLYGLOT.text, "password": "x", "next": POLYGLOT.text}),
    ]
    async with watched(browser, desk=hostile_desk) as (page, watch):
        for start, path, fields in posts:
            await page.goto(site.moderation + start)
            await post_form(page, path, **csrf, **fields)
            await watch.look(page)
        await page.goto(f"{site.moderation}/submissions/{hostile.published[0]}")
        phone = page.locator("[data-personal=phone]")
        await page.locator(".personal button").click()
        await expect(phone).to_have_text(shown(phone_of(PAYLOADS[0].text)))
        await watch.look(page)
        assert watch.everything == []


async def every_address(site: Installation, hostile: Hostile) -> list[str]:
    """What the three services show, and, so that a new page is not left out, the route table."""
    routes = [filled_in(route.path, hostile.held[0]) for route in ROUTES]
    files = [site.intake + "/widget.js", site.intake + "/widget-more.js"]
    pages = readers_pages(site) + form_pages(site) + console_pages(site, hostile)
    pages += await receipt_pages(site, hostile)
    own = [site.moderation + path for path in routes if "/static/" not in path]
    return [*dict.fromkeys([*pages, *own, *files])]


REFERRERS = {"no-referrer", "same-origin", "strict-origin-when-cross-origin"}


def sources(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";")]
    return {part[0]: part[1:] for part in parts}


async def test_every_answer_says_what_it_is_and_every_page_what_it_may_run(
    site: Installation, hostile: Hostile, hostile_desk: Desk
) -> None:
    known = {"'self'", "'none'", site.intake, site.articles}
    pages = 0
    for address in await every_address(site, hostile):
        async with hostile_desk.http.get(address, allow_redirects=False) as response:
            headers = response.headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            if response.status == 303 or "event-stream" in headers["Content-Type"]:
                continue
            assert (response.charset or "utf-8") == "utf-8", address
            if response.content_type != "text/html":
                continue
        pages += 1
        assert response.charset == "utf-8", address
        assert headers["Referrer-Policy"] in REFERRERS
        policy = sources(headers["Content-Security-Policy"])
        assert policy["default-src"] == policy["base-uri"] == ["'none'"], address
        assert policy["form-action"] and policy["frame-ancestors"], address
        if address.startswith(site.moderation) or "/embed/" in address:
            assert policy.pop("require-trusted-types-for") == ["'script'"]
            policy.pop("trusted-types")
        if address.startswith(site.moderation):
            assert policy["frame-ancestors"] == ["'none'"]
        if "img-src" in policy:
            policy["img-src"] = [source for source in policy["img-src"] if source != "data:"]
        assert {source for listed in policy.values() for source in listed} <= known, address
    assert pages > 30
