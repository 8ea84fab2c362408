"""One file more, and the whole product speaks another language."""

import asyncio
import json
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql
from playwright.async_api import async_playwright, expect

from commentdesk.database import Database, migrate_within
from commentdesk.ledger.backup import MIGRATIONS
from commentdesk.ledger.tables import reasons
from tests.browser.desk_page import log_in
from tests.browser.test_reader_and_moderator import ARGUMENTS
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Postgres, Redis
from tests.reader import Desk, Reader

pytestmark = pytest.mark.asyncio(loop_scope="module")
MARK = "ก·"
ARABIC = {
    "kernel": {"language.name": "العربية", "language.direction": "rtl"},
    "intake": {"form.send": "أرسل التعليق", "form.heading": "تعليقات القراء"},
    "articles": {"page.comments": "{count} تعليق", "page.comments_zero": "لا تعليقات بعد"},
}
OTHERS = {"lead": "", "published_at": "2026-01-01T00:00:00Z", "body": "…", "comments": "open"}


def command(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "commentdesk", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT, **more)  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thai, from the template with a mark on each text; and a little Arabic."""
    made = tmp_path_factory.mktemp("texts")
    template = command("texts", "template")
    thai: dict[str, dict[str, str]] = json.loads(template.stdout)
    for texts in thai.values():
        texts |= {key: MARK + text for key, text in texts.items()}
    thai["kernel"] |= {"language.name": "ไทย", "language.direction": "ltr"}
    # What is not there, and what nothing could fill in.
    del thai["intake"]["form.reload"]
    thai["intake"]["error.too_long"] = "ยาวเกิน {limits} ตัวอักษร"
    (made / "th.json").write_text(json.dumps(thai), "utf-8")
    (made / "ar.json").write_text(json.dumps(ARABIC), "utf-8")
    (made / "de.json").write_text("{", "utf-8")
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis, folder: Path
) -> AsyncIterator[Installation]:
    place = tmp_path_factory.mktemp("speaks")
    installation = Installation(place, redis, sqlite_urls(place), TEXTS=str(folder))
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start("articles", "intake", "moderation")
    headers = {"Authorization": f"Bearer {installation.token}"}
    async with aiohttp.ClientSession(headers=headers) as server:
        for language in ("th", "ar"):
            body = {"title": language, "language": language, **OTHERS}
            url = f"{installation.articles}/v1/articles/in-{language}"
            async with server.put(url, json=body) as response:
                assert response.status < 300, await response.text()
    yield installation
    installation.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def read(http: aiohttp.ClientSession, url: str, **headers: str) -> str:
    async with http.get(url, headers=headers) as response:
        assert response.status == 200, url
        return await response.text()


async def test_readers_find_form_errors_and_thread_in_it(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    form = await read(http, f"{site.intake}/v1/articles/in-th/form?lang=th")
    assert '<html lang="th" dir="ltr">' in form
    assert f"{MARK}Send comment" in form
    # What the file lacks is said in English.
    assert "Get another code" in form
    assert f"{MARK}Get another code" not in form
    reader = Reader(site, http)
    thai = {"Accept-Language": "fr;q=0.9, th-TH, en;q=0.5"}
    empty = reader.form("in-th", name="", title="dài" * 60)
    status, answer = await reader.post(empty, "in-th", headers=thai)
    messages = {error["field"]: error["message"] for error in answer["errors"]}
    assert (status, answer["title"]) == (422, f"{MARK}Some fields are not right yet.")
    assert messages == {
        "name": f"{MARK}Please fill in this field.",
        "title": "Too long: at most 150 characters.",
    }
    status, answer = await reader.post("x", "in-th", headers=thai)
    assert (status, answer["title"]) == (400, f"{MARK}The JSON must be an object.")
    page = await read(http, f"{site.articles}/articles/in-th")
    assert f"{MARK}Comment form" in page
    assert f"{MARK}Comments: 0" in page
    page = await read(http, f"{site.articles}/articles/in-ar")
    assert '<html lang="ar" dir="rtl">' in page
    assert "لا تعليقات بعد" in page
    assert "All articles" in page
    found = re.search(r"const TEXTS=(\{.*?\});const ", await read(http, f"{site.intake}/widget.js"))
    assert found
    texts = json.loads(found[1])
    assert list(texts) == ["vi", "en", "ar", "th"]
    assert (texts["th"]["retry"], texts["th"]["reload"]) == (f"{MARK}Try again", "Get another code")


async def test_moderators_find_the_console_and_their_reasons_in_it(site: Installation) -> None:
    desk = await Desk.log_in(site, "mai")
    try:
        page = await desk.page("/", lang="th")
        assert f"{MARK}Desk" in page
        for tag, name in (("vi", "Tiếng Việt"), ("en", "English"), ("ar", "العربية")):
            assert f'hreflang="{tag}">{name}</a>' in page
        assert '<option value="th">ไทย</option>' in page
        # It is remembered.
        assert f"{MARK}Reasons" in await desk.page("/rules/reasons")
        form = {"csrf": desk.csrf, "code": "ads", "words.th": "โฆษณา", "words.en": "Advertising"}
        headers = {"Origin": site.moderation}
        url = f"{site.moderation}/rules/reasons"
        async with desk.http.post(url, data=form, headers=headers) as response:
            assert "<b>โฆษณา</b>" in await response.text()
        listed = (await desk.get("/v1/reasons"))[1]["items"]
        [said] = [one for one in listed if one["code"] == "ads"]
        assert said["words"] == {"th": "โฆษณา", "en": "Advertising"}
        # Where it has no words of its own: another's.
        assert "<b>Advertising</b>" in await desk.page("/rules/reasons", lang="vi")
        assert f"<b>{MARK}Insult or hate</b>" in await desk.page("/rules/reasons", lang="th")
    finally:
        await desk.close()


async def test_what_is_wrong_with_a_file_is_said_plainly(site: Installation, folder: Path) -> None:
    checked = await asyncio.to_thread(command, "texts", "check", str(folder / "th.json"))
    assert checked.returncode == 1
    lines = checked.stdout.splitlines()
    assert lines[0] == (
        "[wrong] intake: error.too_long: {limits} is not a placeholder of this text "
        "(it has: {limit})"
    )
    assert lines[1].startswith("[missing] intake: form.reload (")
    assert lines[-1] == "th.json: 1 wrong, 1 missing, 0 unknown, 0 english"
    half = await asyncio.to_thread(command, "texts", "check", str(folder / "ar.json"))
    assert (half.returncode, "0 wrong" in half.stdout) == (0, True)
    # What it says already is kept in a template made anew.
    again = await asyncio.to_thread(command, "texts", "template", str(folder / "ar.json"))
    assert json.loads(again.stdout)["intake"]["form.send"] == ARABIC["intake"]["form.send"]
    environ = {**site.environ, "PATH": ""}
    told = await asyncio.to_thread(command, "doctor", env=environ)  # type: ignore[arg-type]
    assert f"[wrong] language {folder / 'de.json'}: it" in told.stdout
    assert f"[wrong] language {folder / 'th.json'}: intake: error.too_long" in told.stdout
    assert f"[note] language {folder / 'ar.json'}: " in told.stdout
    assert "text_refused" in site.log_of("intake")
    assert "language_refused" in site.log_of("intake")


@pytest.mark.browser
async def test_the_widget_and_the_desk_speak_it_in_a_browser(
    site: Installation, chromium: str
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page(locale="ar")
        await page.goto(f"{site.articles}/articles/in-ar")
        send = page.locator("comment-desk button[type=submit]")
        await expect(send).to_have_text("أرسل التعليق")
        assert await send.evaluate("(button) => getComputedStyle(button).direction") == "rtl"
        await expect(page.locator("comment-desk .comment-form h2")).to_have_text("تعليقات القراء")
        # Nothing hangs over the edge that such a page scrolls to.
        width = "document.documentElement.scrollWidth <= innerWidth"
        assert await page.evaluate(width)
        desk = await browser.new_page(locale="en-GB")
        await log_in(desk, site, "mai")
        await desk.goto(f"{site.moderation}/?lang=th")
        await desk.keyboard.press("?")
        await expect(desk.locator("#keys dl")).to_contain_text(f"{MARK}Approve the selected")
        await browser.close()


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
async def test_reasons_written_before_keep_their_words(
    database: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    site: Installation,
) -> None:
    # A migration before this one signs the audit with the site's secret.
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    url = sqlite_urls(tmp_path)[0]
    if database == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = await server.create(secrets.token_hex(6))
    older = Database(url)
    ads: dict[str, Any] = {"code": "ads", "vi": "Quảng cáo", "en": "", "place": 8, "spam": True}
    names, values = ", ".join(ads), ", ".join(f":{name}" for name in ads)
    async with older.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "0013")
        statement = f"INSERT INTO reasons ({names}, actor, at) VALUES ({values}, 'mai', 1)"
        await connection.execute(sql.text(statement), ads)
        await connection.run_sync(migrate_within, MIGRATIONS, "0015")
        query = sql.select(reasons.c.code, reasons.c.words).order_by(reasons.c.place)
        words = {row.code: row.words for row in await connection.execute(query)}
    await older.close()
    assert (words["ads"], words["spam"], len(words)) == ({"vi": "Quảng cáo"}, {}, 9)
