"""Whatever goes wrong while a reader writes and sends: it is said, and the text stays."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Request, Route, async_playwright, expect

from commentdesk.sealing import Sealing
from services.intake.captcha.minting import CaptchaMint
from services.intake.mint import PURPOSE
from tests.attacks.limited import MOST, from_elsewhere, limited_site
from tests.browser.test_reader_and_moderator import ARGUMENTS, code_of, near
from tests.conftest import ALL, missing, sqlite_urls
from tests.installation import Installation, Postgres, Redis, postgres_programs, until
from tests.reader import ARTICLE, CLEAN, Desk, Reader

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")
ENGLISH = "night-train-timetable"
CAPTCHAS = "**/v1/captchas"
COMMENTS = "**/v1/articles/*/comments"
_PICTURE = re.compile("/image$")
STATUS = {"vi": "Cảm ơn bạn.", "en": "Thank you."}


class Form:
    """The widget on an article page, in the article's language."""

    def __init__(self, page: Page, site: Installation, article: str = ARTICLE) -> None:
        self.page, self.site, self.article = page, site, article
        self.language = "en" if article == ENGLISH else "vi"
        self.errors: list[str] = []
        self.sent: list[Request] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._count)

    def _count(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/comments"):
            self.sent.append(request)

    async def comes_from(self, address: dict[str, str]) -> None:
        """From here on intake sees this address; added on the way, as a proxy would."""

        async def forwarded(route: Route) -> None:
            await route.continue_(headers={**route.request.headers, **address})

        await self.page.context.unroute_all()
        await self.page.context.route(f"{self.site.intake}/v1/**", forwarded)

    async def goto(self) -> None:
        await self.page.goto(f"{self.site.articles}/articles/{self.article}")
        await near(self.page)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"comment-desk [name={name}]")

    def button(self, part: str) -> Locator:
        return self.page.locator(f"comment-desk button[part={part}]")

    @property
    def picture(self) -> Locator:
        return self.page.locator("comment-desk .frame img")

    def error(self, name: str) -> Locator:
        return self.page.locator(f"comment-desk #{name}-told .error")

    @property
    def alert(self) -> Locator:
        return self.page.locator("comment-desk .comment-form .summary")

    @property
    def status(self) -> Locator:
        return self.page.locator("comment-desk .comment-form .status")

    async def write(self, content: str) -> None:
        await self.field("name").fill(CLEAN["name"])
        await self.field("title").fill(CLEAN["title"])
        await self.field("content").fill(content)

    async def reload(self) -> None:
        await self.page.reload()
        await near(self.page)

    async def begin(self) -> None:
        """Come to the form: the captcha is fetched for those who do."""
        await self.field("name").focus()

    async def answer(self) -> str:
        """Read the picture, once it is there, and type what it shows."""
        await self.field("captcha_answer").focus()
        await expect(self.picture).to_be_visible()
        await expect(self.picture).to_have_attribute("src", _PICTURE)
        await self.picture.evaluate("picture => picture.decode()")
        code = code_of(self.site, await self.picture.get_attribute("src"))
        await self.field("captcha_answer").fill(code)
        return code

    async def send(self) -> None:
        await self.button("send").click()

    async def holds(self, content: str) -> None:
        await expect(self.field("name")).to_have_value(CLEAN["name"])
        await expect(self.field("title")).to_have_value(CLEAN["title"])
        await expect(self.field("content")).to_have_value(content)

    async def is_accepted(self) -> None:
        await expect(self.status).to_contain_text(STATUS[self.language])
        await expect(self.field("content")).to_have_value("")
        assert self.errors == []


@once
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    async with limited_site(tmp_path_factory.mktemp("widget"), redis, *ALL) as installation:
        yield installation


@once
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@once
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@once
async def desk(site: Installation) -> AsyncIterator[Desk]:
    opened = await Desk.log_in(site, "mai")
    yield opened
    await opened.close()


@asynccontextmanager
async def opened_form(browser: Browser, site: Installation, article: str) -> AsyncIterator[Form]:
    """A form not yet opened, at a reader whom no limit has counted yet."""
    context = await browser.new_context()
    form = Form(await context.new_page(), site, article)
    await form.comes_from(from_elsewhere())
    yield form
    await context.close()


@each
async def form(browser: Browser, site: Installation) -> AsyncIterator[Form]:
    async with opened_form(browser, site, ARTICLE) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module", params=[ARTICLE, ENGLISH], ids=["vi", "en"])
async def either(
    request: pytest.FixtureRequest, browser: Browser, site: Installation
) -> AsyncIterator[Form]:
    """The form in Vietnamese, and in English."""
    async with opened_form(browser, site, request.param) as opened:
        yield opened


async def cut(route: Route) -> None:
    await route.abort()


async def proxy_says_busy(route: Route) -> None:
    """What a proxy in front answers by itself: no JSON, no word of ours."""
    origin = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    headers = {"Retry-After": "7", "Content-Type": "text/html", **origin}
    await route.fulfill(status=503, headers=headers, body="<h1>503</h1>")


# The captcha does not load


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (
            cut,
            {
                "vi": "Mất kết nối.",
                "en": "The connection is lost.",
            },
        ),
        (
            proxy_says_busy,
            {"vi": "Hãy thử lại sau ít phút", "en": "Please try again in a few minutes"},
        ),
    ],
)
async def test_a_captcha_that_does_not_load_can_be_asked_for_again(
    either: Form, trouble: Callable[[Route], Awaitable[None]], words: dict[str, str]
) -> None:
    form, words_of = either, words[either.language]
    await form.page.route(CAPTCHAS, trouble)
    await form.goto()
    await form.begin()
    await expect(form.error("captcha_answer")).to_contain_text(words_of)
    await expect(form.picture).to_be_hidden()
    await expect(form.button("listen")).to_be_hidden()
    await expect(form.field("name")).to_be_focused()
    again = form.page.get_by_role(
        "button", name={"vi": "Thử lại", "en": "Try again"}[form.language]
    )
    await form.write("Chữ này phải còn.")
    await again.click()
    await expect(again).to_be_focused()
    await expect(form.error("captcha_answer")).to_contain_text(words_of)
    await form.page.unroute(CAPTCHAS)
    await again.click()
    await expect(form.field("captcha_answer")).to_be_focused()
    await expect(form.error("captcha_answer")).to_be_hidden()
    await expect(again).to_have_count(0)
    await form.holds("Chữ này phải còn.")
    await form.answer()
    await form.send()
    await form.is_accepted()


async def test_too_many_captchas_say_when_to_come_back_and_leave_the_one_there_is(
    form: Form,
) -> None:
    await form.goto()
    await form.write("Chữ này phải còn.")
    await expect(form.picture).to_be_visible()
    for _ in range(MOST - 1):
        before = await form.picture.get_attribute("src")
        await form.button("reload").click()
        await expect(form.picture).not_to_have_attribute("src", before or "")
    code = await form.answer()
    await form.button("reload").click()
    await expect(form.error("captcha_answer")).to_contain_text("Hãy thử lại sau")
    await expect(form.error("captcha_answer")).to_contain_text("giây")
    await expect(form.picture).to_be_visible()
    await expect(form.field("captcha_answer")).to_have_value(code)
    await form.holds("Chữ này phải còn.")
    await form.send()
    await form.is_accepted()


async def test_a_picture_that_does_not_load_leaves_the_sound_and_another_try(form: Form) -> None:
    await form.page.route("**/image", cut)
    await form.goto()
    await form.begin()
    await expect(form.error("captcha_answer")).to_contain_text("Chưa tải được.")
    await expect(form.picture).to_be_hidden()
    await expect(form.button("listen")).to_be_visible()
    await form.page.unroute("**/image")
    await form.button("reload").click()
    await expect(form.picture).to_be_visible()
    await expect(form.error("captcha_answer")).to_be_hidden()


async def test_it_opens_on_a_device_too_busy_to_tell_far_from_near(form: Form) -> None:
    """Two moments told at once, as of one that had no time between them."""
    await form.page.add_init_script("""
      window.IntersectionObserver = class extends IntersectionObserver {
        constructor(callback, options) {
          const told = [];
          super((moments) => {
            told.push(...moments);
            if (told.length > 1) callback(told.splice(0));
          }, options);
        }
      };
    """)
    await form.page.goto(f"{form.site.articles}/articles/{form.article}")
    await form.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    )
    await expect(form.field("content")).to_be_hidden()
    await near(form.page)
    await form.begin()


async def test_who_writes_longer_than_a_captcha_lives_is_shown_another(form: Form) -> None:
    await form.page.clock.install()
    await form.goto()
    await form.begin()
    await expect(form.picture).to_have_attribute("src", _PICTURE)
    first = await form.picture.get_attribute("src") or ""
    await form.write("Nghĩ lâu rồi mới viết.")
    await expect(form.picture).to_have_attribute("src", first)
    await form.page.clock.fast_forward("11:00")
    await form.field("captcha_answer").focus()
    await expect(form.picture).not_to_have_attribute("src", first)
    code = await form.answer()
    await form.page.clock.fast_forward("11:00")
    # What is typed is not taken from under the reader's eyes: intake says that it came too late.
    await form.field("content").focus()
    await expect(form.field("captcha_answer")).to_have_value(code)
    await form.send()
    await form.is_accepted()


async def test_a_sound_that_does_not_play_is_told(form: Form) -> None:
    await form.page.route("**/audio*", cut)
    await form.goto()
    await form.begin()
    await expect(form.picture).to_be_visible()
    await form.button("listen").click()
    await expect(form.error("captcha_answer")).to_contain_text("Chưa tải được.")
    await expect(form.button("listen")).to_have_text("Nghe mã")


async def test_sending_without_a_captcha_says_so_and_brings_one(either: Form) -> None:
    form = either
    await form.page.route(CAPTCHAS, cut)
    await form.goto()
    await form.begin()
    await expect(form.error("captcha_answer")).to_be_visible()
    await form.write("Chữ này phải còn.")
    await form.send()
    await expect(form.button("reload")).to_be_focused()
    await expect(form.error("captcha_answer")).to_be_visible()
    await form.page.unroute(CAPTCHAS)
    await form.send()
    asked = {"vi": "Hãy điền ô này.", "en": "Please fill in this field."}
    await expect(form.error("captcha_answer")).to_contain_text(asked[form.language])
    await expect(form.field("captcha_answer")).to_be_focused()
    await form.holds("Chữ này phải còn.")
    assert form.sent == []
    await form.answer()
    await form.send()
    await form.is_accepted()


# While it is being sent


async def test_what_is_typed_while_the_comment_is_on_its_way_stays(form: Form, desk: Desk) -> None:
    typed = asyncio.Event()

    async def slowly(route: Route) -> None:
        await typed.wait()
        await route.fallback()

    await form.goto()
    await form.page.route(COMMENTS, slowly)
    await form.write("Đã gửi đi, nguyên văn này.")
    await form.answer()
    await form.send()
    await expect(form.button("send")).to_have_attribute("aria-disabled", "true")
    await form.field("content").fill("Viết thêm khi đang gửi.")
    typed.set()
    await expect(form.status).to_contain_text("Cảm ơn bạn.")
    await form.holds("Viết thêm khi đang gửi.")
    await form.page.reload()
    await form.holds("Viết thêm khi đang gửi.")
    _, found = await desk.get("/v1/submissions", state="all", q="nguyên văn này")
    assert [entry["content"] for entry in found["items"]] == ["Đã gửi đi, nguyên văn này."]


async def test_a_double_click_sends_once(form: Form, desk: Desk) -> None:
    await form.goto()
    await form.write("Bấm hai lần, chỉ một bình luận.")
    await form.answer()
    await form.button("send").dblclick()
    await form.field("content").press("Control+Enter")
    await form.is_accepted()
    assert len(form.sent) == 1
    _, found = await desk.get("/v1/submissions", state="all", q="Bấm hai lần")
    assert len(found["items"]) == 1


async def test_an_answer_that_was_lost_is_asked_for_again_by_itself(
    either: Form, desk: Desk
) -> None:
    form = either
    words = f"Câu trả lời bị mất giữa đường, {form.language}."

    async def accepted_and_lost(route: Route) -> None:
        answer = await route.fetch(headers={**route.request.headers, **from_elsewhere()})
        assert answer.status == 202
        await route.abort()

    await form.goto()
    await form.page.route(COMMENTS, accepted_and_lost)
    await form.write(words)
    await form.answer()
    await form.send()
    lost = {"vi": "sẽ tự gửi", "en": "sends itself"}
    await expect(form.alert).to_contain_text(lost[form.language])
    await form.holds(words)
    await form.page.unroute(COMMENTS)
    await form.is_accepted()
    _, found = await desk.get("/v1/submissions", state="all", q=words)
    assert len(found["items"]) == 1


async def test_an_answer_cut_off_in_its_middle_counts_as_lost(form: Form) -> None:
    async def half(route: Route) -> None:
        answer = await route.fetch(headers={**route.request.headers, **from_elsewhere()})
        assert answer.status == 202
        await route.fulfill(response=answer, body='{"id": "01')

    await form.goto()
    await form.page.route(COMMENTS, half)
    await form.write("Chữ này phải còn, dù nửa câu trả lời.")
    await form.answer()
    await form.send()
    await expect(form.alert).to_contain_text("Mất kết nối")
    await form.holds("Chữ này phải còn, dù nửa câu trả lời.")
    await form.page.unroute(COMMENTS)
    await form.is_accepted()


# The service says no


async def test_too_many_comments_say_when_to_try_again(either: Form, reader: Reader) -> None:
    form, address = either, from_elsewhere()
    await form.comes_from(address)
    await form.goto()
    for _ in range(MOST):
        sent = reader.form(form.article)
        status, _ = await reader.post(sent, form.article, headers=address)
        assert status == 202
    await form.write("Chữ này phải còn.")
    code = await form.answer()
    async with form.page.expect_response(COMMENTS) as answered:
        await form.send()
    response = await answered.value
    assert response.status == 429
    wait = await response.header_value("Retry-After")
    words = {"vi": f"Hãy thử lại sau {wait} giây", "en": f"try again in {wait} seconds"}
    await expect(form.alert).to_contain_text(words[form.language])
    await form.holds("Chữ này phải còn.")
    await expect(form.field("captcha_answer")).to_have_value(code)
    await expect(form.button("send")).to_be_focused()
    await form.comes_from(from_elsewhere())
    await form.send()
    await form.is_accepted()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("captcha_wrong", {"vi": "chưa đúng. Đây là mã mới.", "en": "was not right."}),
        ("captcha_burnt", {"vi": "không còn dùng được.", "en": "can no longer be used."}),
        ("captcha_spent", {"vi": "đã dùng rồi.", "en": "has been used."}),
        ("captcha_expired", {"vi": "đã hết hạn.", "en": "has expired."}),
        ("captcha_invalid", {"vi": "không hợp lệ.", "en": "is not valid."}),
    ],
)
async def test_a_captcha_that_is_of_no_use_is_replaced_and_the_code_alone_asked_for(
    either: Form, reader: Reader, code: str, words: dict[str, str]
) -> None:
    form = either
    await form.goto()
    await form.write("Chữ này phải còn.")
    answer = await form.answer()
    before = await form.picture.get_attribute("src") or ""
    mine = {"captcha_id": before.rsplit("/", 2)[1], "captcha_answer": answer}
    await spoil(form, reader, code, mine)
    await form.send()
    await expect(form.error("captcha_answer")).to_contain_text(words[form.language])
    await expect(form.picture).not_to_have_attribute("src", before)
    await expect(form.field("captcha_answer")).to_have_value("")
    await expect(form.field("captcha_answer")).to_be_focused()
    await form.holds("Chữ này phải còn.")
    await form.page.unroute(COMMENTS)
    await form.answer()
    await form.send()
    await form.is_accepted()


async def spoil(form: Form, reader: Reader, code: str, mine: dict[str, str]) -> None:
    """Bring the reader's captcha into the state whose code is given."""
    elsewhere = from_elsewhere()
    if code == "captcha_wrong":
        await form.field("captcha_answer").fill("sai")
    elif code == "captcha_burnt":
        wrong = {**CLEAN, **mine, "captcha_answer": "sai"}
        assert (await reader.post(wrong, form.article, headers=elsewhere))[0] == 422
    elif code == "captcha_spent":
        assert (await reader.post({**CLEAN, **mine}, form.article, headers=elsewhere))[0] == 202
    else:
        secret = form.site.settings.secret.get_secret_value()
        old = CaptchaMint(Sealing(secret, PURPOSE), -1).mint(form.article)
        other = old.id if code == "captcha_expired" else "x" * 40

        async def grown_old(route: Route) -> None:
            sent = json.loads(route.request.post_data or "")
            spoilt = {**sent, "captcha_id": other, "captcha_answer": old.answer}
            await route.fallback(post_data=json.dumps(spoilt))

        await form.page.route(COMMENTS, grown_old)


@pytest.mark.parametrize(
    ("article", "content", "words"),
    [
        ("", "dài " * 20_000, {"vi": "Dài quá, không nhận được.", "en": "Too long to be taken."}),
        ("", "hỏng ở đây \ud800", {"vi": "ký tự Unicode bị hỏng", "en": "broken Unicode"}),
        ("khong-co", "Chữ còn.", {"vi": "Không có bài viết này.", "en": "no such article"}),
    ],
    ids=["413", "400", "404"],
)
async def test_a_refusal_is_told_in_plain_words(
    either: Form, article: str, content: str, words: dict[str, str]
) -> None:
    form = either
    await form.goto()
    await form.write("")
    await form.answer()
    # As pasted; the test's own protocol would mend what is broken.
    script = "(area, [text, broken]) => { area.value = text + (broken ? '\\ud800' : ''); }"
    broken = content.endswith("\ud800")
    await form.field("content").evaluate(script, [content.rstrip("\ud800"), broken])
    if article:
        desk_element = form.page.locator("comment-desk")
        await desk_element.evaluate("(desk, id) => { desk.path = `/v1/articles/${id}`; }", article)
    await form.send()
    await expect(form.alert).to_contain_text(words[form.language])
    kept = await form.field("content").evaluate("area => area.value.length")
    assert kept == len(content)
    await expect(form.field("title")).to_have_value(CLEAN["title"])


async def test_comments_that_close_meanwhile_leave_the_text_to_copy(either: Form) -> None:
    form = either
    await close_article(form.site)
    await form.goto()
    await form.write("Chữ này phải còn để chép.")
    await form.answer()
    # As if the newsroom had closed this article after the page was loaded.
    element = form.page.locator("comment-desk")
    await element.evaluate("desk => { desk.path = '/v1/articles/da-dong'; }")
    await form.send()
    words = {"vi": "đã đóng bình luận.", "en": "are closed."}
    await expect(form.status).to_contain_text(words[form.language])
    await expect(form.status).to_be_focused()
    await form.holds("Chữ này phải còn để chép.")
    await expect(form.field("content")).to_be_visible()
    await expect(form.button("send")).to_be_hidden()


async def close_article(site: Installation) -> None:
    closed = {
        "title": "Đã đóng",
        "lead": "",
        "body": "Một bài đã đóng bình luận.",
        "language": "vi",
        "published_at": "2020-06-24T02:50:00Z",
        "comments": "closed",
    }
    token = {"Authorization": f"Bearer {site.token}"}
    url = f"{site.articles}/v1/articles/da-dong"
    async with aiohttp.ClientSession() as http, http.put(url, json=closed, headers=token) as answer:
        assert answer.status in {200, 201}


async def test_a_mistake_in_a_field_is_shown_there_in_the_readers_language(either: Form) -> None:
    form = either
    await form.goto()
    await form.write("Chữ này phải còn.")
    await form.field("name").fill("\u200b\u3164")
    code = await form.answer()
    await form.send()
    words = {"vi": "Hãy điền ô này.", "en": "Please fill in this field."}
    await expect(form.error("name")).to_have_text(words[form.language])
    await expect(form.field("name")).to_be_focused()
    await expect(form.alert).to_be_visible()
    await expect(form.field("captcha_answer")).to_have_value(code)
    await form.field("name").fill(CLEAN["name"])
    await form.send()
    await form.is_accepted()


@pytest.mark.postgres
@pytest.mark.chaos
@pytest.mark.slow
async def test_a_ledger_that_is_away_keeps_text_and_code_until_it_is_back(
    browser: Browser,
    redis: Redis,
    tmp_path_factory: pytest.TempPathFactory,
    http: aiohttp.ClientSession,
) -> None:
    if postgres_programs() is None:
        missing("PostgreSQL")
    folder = tmp_path_factory.mktemp("away")
    server = Postgres(folder)
    urls = (await server.create("ledger"), sqlite_urls(folder)[1])
    site = Installation(folder, redis, urls)
    try:
        site.migrate()
        await site.start("articles", "intake")
        form = Form(await browser.new_page(), site)
        await form.goto()
        await form.write("Chữ này phải còn.")
        code = await form.answer()
        server.kill()
        await form.send()
        await expect(form.alert).to_contain_text("sẽ tự gửi")
        await form.holds("Chữ này phải còn.")
        await expect(form.field("captcha_answer")).to_have_value(code)
        site.kill("intake")
        await form.button("send-now").click()
        await form.holds("Chữ này phải còn.")
        server.start()
        await site.start("intake")

        async def ready() -> bool:
            async with http.get(f"{site.intake}/readyz") as response:
                return response.status == 200

        await until(ready, "intake has its ledger again")
        await form.button("send-now").click()
        await form.is_accepted()
    finally:
        site.stop()
        server.stop()


async def test_the_counter_counts_what_the_reader_sees_as_intake_does(form: Form) -> None:
    await form.goto()
    counter = form.page.locator("comment-desk #content-told .count")
    await expect(counter).to_be_hidden()
    # ệ of three code points, a family of seven, a flag of two; what is around is not counted.
    await form.field("content").fill(" e\u0323\u0302👩\u200d👩\u200d👧\u200d👦🇻🇳\n")
    await expect(counter).to_have_text("3 / 5.000")
    await form.field("content").fill("ệ" * 5_001)
    await expect(counter).to_have_text("5.001 / 5.000")
    await expect(counter).to_have_class("hint count over")
    await expect(counter).to_have_attribute("aria-live", "polite")
    await form.field("name").fill(CLEAN["name"])
    await form.field("title").fill(CLEAN["title"])
    await form.answer()
    await form.send()
    await expect(form.error("content")).to_contain_text("tối đa 5.000 ký tự")
    await form.field("content").fill("ệ" * 5_000)
    await form.send()
    await form.is_accepted()


# Reload, back, and a browser that keeps nothing


async def test_reload_and_back_keep_the_draft_and_nothing_that_is_nobodys_business(
    form: Form,
) -> None:
    await form.goto()
    await form.write("Bản nháp phải còn.")
    await form.field("phone").fill("0912345678")
    code = await form.answer()
    await form.reload()
    await form.holds("Bản nháp phải còn.")
    await expect(form.field("phone")).to_have_value("")
    await expect(form.field("captcha_answer")).to_have_value("")
    stored = await form.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "Bản nháp" in stored
    assert "0912345678" not in stored
    assert code not in stored
    await form.page.goto(f"{form.site.articles}/articles/{ENGLISH}")
    await near(form.page)
    await expect(form.field("content")).to_have_value("")
    await form.page.go_back()
    await near(form.page)
    await form.holds("Bản nháp phải còn.")
    await form.answer()
    await form.send()
    await form.is_accepted()
    kept = await form.page.evaluate("JSON.stringify({...localStorage})")
    assert "Bản nháp" not in kept
    await form.reload()
    await expect(form.field("content")).to_have_value("")


async def test_a_reply_names_whom_it_answers_and_is_still_one_after_a_reload(
    form: Form, reader: Reader, desk: Desk
) -> None:
    headers = from_elsewhere()
    status, answered = await reader.post(reader.form(name="محمد علي"), headers=headers)
    assert status == 202
    await reader.reaches(answered["id"], "published")
    await form.goto()
    comment = form.page.locator(f"#comment-{answered['id']}")
    await comment.get_by_role("button", name="Trả lời").click()
    replying = form.page.locator("comment-desk form > .hint", has_text="Trả lời")
    await expect(replying).to_contain_text("Trả lời bình luận của محمد علي")
    assert await replying.locator("bdi").inner_text() == "محمد علي"
    await form.write("Tôi trả lời bạn đây.")
    await form.reload()
    await expect(replying).to_contain_text("Trả lời bình luận của محمد علي")
    await form.answer()
    await form.send()
    await form.is_accepted()
    await expect(replying).to_be_hidden()
    _, found = await desk.get("/v1/submissions", state="all", q="Tôi trả lời bạn đây")
    assert [entry["parent_id"] for entry in found["items"]] == [answered["id"]]


async def test_an_old_browser_that_keeps_nothing_can_send_all_the_same(form: Form) -> None:
    await form.page.add_init_script("delete AbortSignal.timeout;")
    await form.page.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('off', 'SecurityError'); } });"
    )
    await form.goto()
    await form.write("Không lưu được gì trong trình duyệt.")
    await form.answer()
    await form.send()
    await form.is_accepted()
