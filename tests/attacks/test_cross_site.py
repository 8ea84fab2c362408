"""What pages of other sites can do with a moderator's browser: nothing, and see nothing."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response

from services.moderation.routes import ROUTES
from tests.attacks.foreign_pages import ForeignSite, foreign_site
from tests.attacks.forged_calls import CHANGING, OPEN, STEPS, Call, calls, filled_in, snapshot
from tests.attacks.watched_browser import chromium_running, log_in_as
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, free_ports, until
from tests.reader import ARTICLE, Desk, Reader

pytestmark = pytest.mark.slow
NOWHERE = "00000000-0000-7000-8000-000000000000"
GET_ROUTES = [route.path for route in ROUTES if route.method == "GET"]
REFUSED = {303, 401, 403}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """An installation with one newspaper among its sites, and nothing that works by itself."""
    folder = tmp_path_factory.mktemp("cross")
    newspaper = f"http://localhost:{free_ports(1)[0]}"
    installation = Installation(folder, redis, sqlite_urls(folder), SITES=newspaper)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.account("nam")
    await installation.start("articles", "intake", "moderation", "checks")
    yield installation
    installation.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console_calls(site: Installation) -> list[Call]:
    async with aiohttp.ClientSession() as http:
        return await calls(site, Reader(site, http))


@pytest.fixture
async def evil() -> AsyncIterator[ForeignSite]:
    async with foreign_site() as opened:
        yield opened


@pytest.fixture
async def newspaper(site: Installation) -> AsyncIterator[ForeignSite]:
    async with foreign_site(urlsplit(site.settings.sites[0]).port or 0) as opened:
        yield opened


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_running(chromium) as opened:
        yield opened


@pytest.fixture
async def page(browser: Browser, desk: Desk) -> Page:
    """A moderator's browser, logged in."""
    context = await browser.new_context()
    await log_in_as(context, desk)
    return await context.new_page()


def lookalikes(origin: str) -> list[str]:
    """Origins that are not this one, however much they look like it."""
    parts = urlsplit(origin)
    host, port = parts.hostname, parts.port
    return [
        "null",
        "https://evil.example",
        f"https://{host}:{port}",
        f"http://{host}",
        f"http://{host}:{(port or 0) + 1}",
        f"http://evil-{host}:{port}",
        f"http://evil.{host}:{port}",
        f"http://{host}.evil.example:{port}",
        f"http://{host}@evil.example:{port}",
        f"http://evil.example:{port}",
        f"http://evil.example\\@{host}:{port}",
        f"{origin}, https://evil.example",
        f"https://evil.example, {origin}",
        f"file://{host}",
        "*",
    ]


async def post(desk: Desk, call: Call, token: str | None, **headers: str) -> int:
    """Make the call as a page would, with the session's cookie; its status."""
    fields: Any = call.form(token or "")
    if token is None:
        del fields["csrf"]
    body: dict[str, Any] = {"data": fields}
    if call.is_api:
        body = {"json": call.body}
        if token is not None:
            headers["X-CSRF-Token"] = token
    url = desk.site.moderation + call.path
    async with desk.http.request(
        call.method, url, headers=headers, allow_redirects=False, **body
    ) as response:
        return response.status


async def test_the_origin_alone_stops_a_forged_call(
    site: Installation, desk: Desk, console_calls: list[Call]
) -> None:
    before = await snapshot(site)
    wrong = [{"Origin": origin} for origin in lookalikes(site.moderation)]
    wrong += [{"Origin": f"http://www.{urlsplit(site.moderation).netloc}"}]
    wrong += [{"Sec-Fetch-Site": value} for value in ("cross-site", "same-site", "none", "")]
    wrong += [{"Sec-Fetch-Site": "cross-site", "Origin": site.moderation}]
    for call in console_calls:
        for headers in wrong:
            assert await post(desk, call, desk.csrf, **headers) == 403, (call, headers)
    assert await snapshot(site) == before


async def test_the_token_alone_stops_a_forged_call(
    site: Installation, desk: Desk, console_calls: list[Call]
) -> None:
    nam = await Desk.log_in(site, "nam")
    before = await snapshot(site)
    for call in console_calls:
        if call.route in OPEN:  # It has no token yet; its origin must then be told.
            assert await post(desk, call, None) == 403
            continue
        for token in (None, "", "x", desk.csrf[:-1], desk.csrf + "x", nam.csrf, "é\u00ff"):
            ours = {"Origin": site.moderation, "Sec-Fetch-Site": "same-origin"}
            assert await post(desk, call, token, **ours) == 403, (call, token)
    assert await snapshot(site) == before
    await nam.close()


async def test_without_the_cookie_origin_and_token_are_worth_nothing(
    site: Installation, desk: Desk, console_calls: list[Call]
) -> None:
    before = await snapshot(site)
    async with aiohttp.ClientSession() as http:
        nobody = Desk(site, http, desk.csrf)
        for call in console_calls:
            if call.route not in OPEN:
                status = await post(nobody, call, desk.csrf, Origin=site.moderation)
                assert status == (401 if call.is_api else 303), call
    assert await snapshot(site) == before


async def test_json_that_says_it_is_text_is_not_read(
    site: Installation, desk: Desk, console_calls: list[Call]
) -> None:
    before = await snapshot(site)
    for call in console_calls:
        for kind in ("text/plain", "text/plain; application/json", "application/json+x", ""):
            # The body of a DELETE is not read: it has no token.
            own = 403 if call.method == "DELETE" else 415
            for origin, expected in ((site.moderation, own), ("https://evil.example", 403)):
                async with desk.http.request(
                    call.method,
                    site.moderation + call.path,
                    data=json.dumps(call.body | {"csrf": desk.csrf}).encode(),
                    headers={"Content-Type": kind, "Origin": origin},
                    allow_redirects=False,
                ) as response:
                    assert response.status == expected, (call, kind, origin)
    assert await snapshot(site) == before


async def test_no_get_changes_anything(
    site: Installation, desk: Desk, console_calls: list[Call]
) -> None:
    before = await snapshot(site)
    paths = {call.path: call.form(desk.csrf) for call in console_calls}
    changing = {(call.method, call.path) for call in console_calls}
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        for path, query in paths.items():
            if (method, path) in changing:
                continue
            async with desk.http.request(
                method,
                site.moderation + path,
                params=query,
                headers={"X-HTTP-Method-Override": "POST", "X-CSRF-Token": desk.csrf},
                allow_redirects=False,
            ) as response:
                assert response.status in {200, 303, 404, 405}, (method, path)
    assert await snapshot(site) == before


@pytest.mark.browser
@pytest.mark.parametrize("from_where", ["another_site", "same_site"])
async def test_no_foreign_form_is_obeyed(
    site: Installation, page: Page, desk: Desk, console_calls: list[Call], evil: ForeignSite,
    from_where: str,
) -> None:  # fmt: skip
    before = await snapshot(site)
    posts = [call for call in console_calls if call.method == "POST"]
    for number, call in enumerate(posts):
        fields = "".join(
            f'<input name="{name}" value="{value}">' for name, value in call.form(desk.csrf).items()
        )
        path = evil.put(
            str(number),
            f'<form method="post" action="{site.moderation}{call.path}">{fields}</form>'
            "<script>document.forms[0].submit()</script>",
        )
        async with page.expect_response(_posted) as posted:
            await page.goto(getattr(evil, from_where) + path, wait_until="commit")
        answer = await posted.value
        await page.wait_for_load_state()
        cookie = (await answer.request.all_headers()).get("cookie", "")
        # From another site the browser keeps the cookie back; from the same one the origin tells.
        assert ("commentdesk_session" in cookie) == (from_where == "same_site"), call
        expected = {403} if from_where == "same_site" or call.route in OPEN else REFUSED
        assert answer.status in expected, call
    assert await snapshot(site) == before


@pytest.mark.browser
@pytest.mark.parametrize("from_where", ["another_site", "same_site"])
async def test_no_foreign_script_is_obeyed_or_answered(
    site: Installation, page: Page, desk: Desk, console_calls: list[Call], evil: ForeignSite,
    from_where: str,
) -> None:  # fmt: skip
    before = await snapshot(site)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    await page.goto(getattr(evil, from_where) + evil.put("page", "<p>evil</p>"))
    calls = [call for call in console_calls if call.method == "POST"]
    sent = [[site.moderation + c.path, c.body, c.form(desk.csrf)] for c in calls]
    read = [
        site.moderation + path for path in ("/", "/rules/words", "/v1/submissions", "/v1/stats")
    ]
    got = await page.evaluate(FOREIGN_SCRIPT, [sent, read, desk.csrf])
    assert got == []
    posts = [answer for answer in answers if _posted(answer)]
    assert len(posts) == 3 * len(calls)
    assert {answer.status for answer in posts} <= REFUSED
    assert await snapshot(site) == before


# What could be read is returned. JSON that goes as text, both kinds of form, and honest JSON,
# which the browser asks leave for and does not get.
FOREIGN_SCRIPT = """
async ([sent, read, csrf]) => {
  const got = [];
  const ask = (url, options) => fetch(url, { credentials: "include", ...options });
  for (const [url, body, form] of sent) {
    const text = JSON.stringify({ ...body, csrf });
    const multipart = new FormData();
    for (const [name, value] of Object.entries(form)) multipart.append(name, value);
    for (const data of [text, new URLSearchParams(form), multipart]) {
      await ask(url, { method: "POST", mode: "no-cors", body: data }).catch(() => null);
    }
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
    await ask(url, { method: "POST", headers, body: text }).then(() => got.push(url), () => null);
  }
  for (const url of read) await ask(url).then(() => got.push(url), () => null);
  return got;
}
"""


def _posted(answer: Response) -> bool:
    return answer.request.method == "POST"


@pytest.mark.browser
async def test_only_the_form_is_shown_in_a_frame_and_only_on_the_sites(
    site: Installation, page: Page, evil: ForeignSite, newspaper: ForeignSite
) -> None:
    form = f"{site.intake}/v1/articles/{ARTICLE}/form"
    article = f"{site.articles}/articles/{ARTICLE}"
    console = [site.moderation + path for path in ("/", "/login", "/rules/words", "/nothing-here")]
    addresses = [form, article, f"{site.intake}/receipts", *console]
    frames = "".join(f'<iframe src="{address}"></iframe>' for address in addresses)
    expected = {
        evil.another_site: set(),
        evil.same_site: set(),
        newspaper.another_site: set(),
        newspaper.same_site: {form, f"{site.intake}/receipts"},
    }
    for host, shown in expected.items():
        for foreign in (evil, newspaper):
            foreign.put("frames", frames)
        await page.goto(f"{host}/frames")

        async def all_there() -> bool:
            return all(frame.url not in {"", "about:blank"} for frame in page.frames)

        await until(all_there, "every frame is shown or refused")
        assert {frame.url for frame in page.frames[1:]} & set(addresses) == shown, host
        refused = [frame for frame in page.frames[1:] if frame.url not in shown]
        assert {frame.url for frame in refused} <= {"chrome-error://chromewebdata/"}


def _intake_calls(site: Installation) -> list[tuple[str, str, Any]]:
    comments = f"{site.intake}/v1/articles/{ARTICLE}/comments"
    captcha = site.captcha(ARTICLE).id
    return [
        ("POST", f"{site.intake}/v1/captchas", {"article": ARTICLE}),
        ("GET", f"{site.intake}/v1/captchas/{captcha}/image", None),
        ("POST", comments, {"name": "a"}),
        ("OPTIONS", comments, None),
        ("GET", f"{site.intake}/v1/submissions/{NOWHERE}", None),
        ("GET", f"{site.intake}/nothing-here", None),
    ]


async def _allowed(
    http: aiohttp.ClientSession, method: str, address: str, body: Any, origin: str
) -> str | None:
    """Which origin the answer lets read it; that it depends on the origin must be said."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with http.request(method, address, json=body, headers=headers) as response:
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"], address
        return response.headers.get("Access-Control-Allow-Origin")


async def test_intake_answers_the_pages_of_the_sites_and_no_lookalikes(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    own = site.settings.sites[0]
    for method, address, body in _intake_calls(site):
        for origin in lookalikes(own):
            assert await _allowed(http, method, address, body, origin) is None, (address, origin)
        assert await _allowed(http, method, address, body, own) == own


async def test_the_console_lets_no_page_read_it_and_the_store_shows_what_is_public(
    site: Installation, desk: Desk
) -> None:
    origins = [site.moderation, site.settings.sites[0], *lookalikes(site.moderation)]
    api = f"/v1/articles/{ARTICLE}"
    public = [api, f"{api}/comments", "/v1/comment-counts?articles=x"]
    for origin in origins:
        headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        for method in ("GET", "OPTIONS"):
            for path in ("/", "/v1/submissions", "/v1/decisions", "/login"):
                async with desk.http.request(
                    method, site.moderation + path, headers=headers
                ) as response:
                    assert not [name for name in response.headers if "Access-Control" in name]
        for path in [*public, f"/articles/{ARTICLE}"]:
            async with desk.http.get(site.articles + path, headers=headers) as response:
                found = response.headers.get("Access-Control-Allow-Origin")
                assert found == ("*" if path in public else None)
                assert "Access-Control-Allow-Credentials" not in response.headers
        for path in (api, "/v1/comments"):
            async with desk.http.options(site.articles + path, headers=headers) as response:
                assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.browser
async def test_a_sites_page_reads_what_it_needs_of_intake_and_another_reads_nothing(
    site: Installation, page: Page, evil: ForeignSite, newspaper: ForeignSite
) -> None:
    script = """
    async ([url, article]) => {
      const headers = { "Content-Type": "application/json" };
      const options = { method: "POST", headers, body: JSON.stringify({ article }) };
      return fetch(url, options).then((answer) => answer.status, () => "refused");
    }
    """
    expected: list[tuple[str, Callable[[str, str], str], int | str]] = [
        (newspaper.same_site, newspaper.put, 201),
        (evil.same_site, evil.put, "refused"),
        (evil.another_site, evil.put, "refused"),
    ]
    for host, put, outcome in expected:
        await page.goto(host + put("reads", "<p>page</p>"))
        found = await page.evaluate(script, [f"{site.intake}/v1/captchas", ARTICLE])
        assert found == outcome, host


async def test_nothing_of_the_console_is_kept_by_a_cache(
    site: Installation, desk: Desk, http: aiohttp.ClientSession
) -> None:
    for path in GET_ROUTES:
        if path.startswith("/static/"):
            continue
        filled = filled_in(path, NOWHERE)
        for session in (desk.http, http):
            async with session.get(site.moderation + filled, allow_redirects=False) as response:
                assert response.headers["Cache-Control"] == "no-store", (path, response.status)
    for address in (f"{site.moderation}/static/console.js", f"{site.articles}/articles/{ARTICLE}"):
        async with desk.http.get(address) as response:
            assert "Set-Cookie" not in response.headers
            assert response.headers["Cache-Control"] != "no-store"


async def test_what_the_console_itself_asks_is_done(
    site: Installation, console_calls: list[Call]
) -> None:
    """The calls above were worth forging: each changes something when it is not forged."""
    changed = []
    own, passing = await Desk.log_in(site, "mai"), await Desk.log_in(site, "mai")
    before = await snapshot(site)
    for call in console_calls:
        if call.route in STEPS:
            continue
        # A login's answer is another session.
        desk = passing if call.route == "/login" else own
        status = await post(desk, call, desk.csrf, Origin=site.moderation)
        assert status in {200, 201, 303}, call
        after = await snapshot(site)
        if after != before:
            changed.append((call.method, call.route))
        before = after
    await own.close()
    await passing.close()
    # What ends something may find it ended by a worker.
    ending = {call for call in CHANGING if "rehearsals/" in call[1]}
    expected = {call for call in CHANGING if call[1] not in STEPS} - ending
    assert expected <= set(changed)
