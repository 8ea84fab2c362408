"""What a site asks of its readers: phone, title, consent; enforced whatever a page asks for."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger.tables import submissions
from commentdesk.settings import Settings
from services.intake.forms import read_form
from tests.conftest import ALL, sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk, Reader
from tests.receipts import Receipts

VERSION = "2026-11"
PRIVACY = "https://bao.example/rieng-tu?a=1&b=2"
AGREED: dict[str, Any] = {"consent": True, "consent_version": VERSION, "phone": "0912 345 678"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """A site that wants a phone and consent, and leaves the title to its readers."""
    folder = tmp_path_factory.mktemp("fields")
    asked = {
        **{"PHONE_FIELD": "required", "TITLE_FIELD": "optional", "CONSENT": "required"},
        **{"CONSENT_VERSION": VERSION, "PRIVACY_URL": PRIVACY},
        "RETENTION_DAYS": "77",
    }
    installation = Installation(folder, redis, sqlite_urls(folder), **asked)
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.start(*ALL)
    yield installation
    installation.stop()


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer["errors"]]


async def test_what_is_asked_for_is_needed(reader: Reader) -> None:
    status, answer = await reader.post(reader.form(title=""))
    assert (status, told(answer)) == (422, [("phone", "required"), ("consent", "required")])
    for ticked in (False, "", "no", None, 1, ["on"]):
        status, answer = await reader.post(reader.form(**{**AGREED, "consent": ticked}))
        assert (status, told(answer)) == (422, [("consent", "required")])
    for version in ("2020-01", "", None, [VERSION]):
        form = reader.form(**{**AGREED, "consent_version": version})
        status, answer = await reader.post(form)
        assert (status, told(answer)) == (422, [("consent", "consent_changed")])
    status, answer = await reader.post({**form, "consent_version": VERSION})
    assert status == 202, "the captcha is still good"
    # The same form again is the same.
    assert (await reader.post({**form, "consent_version": VERSION}))[1]["id"] == answer["id"]
    ledger = reader.site.ledger()
    async with ledger.database.reading() as connection:
        query = sql.select(submissions.c.consent, submissions.c.consent_version)
        row = (await connection.execute(query.where(submissions.c.id == answer["id"]))).one()
    await ledger.close()
    assert tuple(row) == (True, VERSION)


async def test_a_comment_without_a_title_goes_all_the_way(
    reader: Reader, desk: Desk, http: aiohttp.ClientSession
) -> None:
    receipts = Receipts(reader.site, http)
    status, answer = await reader.post(reader.form(**{**CLEAN, **AGREED, "title": " "}))
    assert status == 202
    found = await receipts.reaches(answer["receipt"]["code"], "published")
    assert found["title"] == ""
    [shown] = [each for each in await reader.comments() if each["id"] == answer["id"]]
    assert (shown["title"], shown["content"]) == ("", CLEAN["content"])
    held = await reader.accepted(**{**DOUBTFUL, **AGREED, "title": ""})
    await reader.reaches(held, "held")
    for path in ("/", f"/submissions/{held}", f"/submissions/{held}/person", "/stuck"):
        page = await desk.page(path)
        assert "<h2 dir" not in page.replace("\n", ""), path
        assert not re.search(r"<a [^>]*><bdi></bdi></a>", page), path
    assert f'aria-label="{DOUBTFUL["content"][:20]}' in await desk.page("/")
    assert f"<title>{DOUBTFUL['content'][:20]}" in await desk.page(f"/submissions/{held}")


async def test_who_agrees_to_nothing_or_to_what_is_over_is_told_what_holds_now(
    reader: Reader,
) -> None:
    missing, over = reader.form(phone="0912345678"), {**AGREED, "consent_version": "2020-01"}
    for form in (missing, {**missing, **over}):
        for language, words in (("vi", "xóa sau 77 ngày"), ("en", "erased after 77 days")):
            _, answer = await reader.post(form, headers={"Accept-Language": language})
            asked = answer["consent"]
            assert (asked["version"], asked["privacy_url"]) == (VERSION, PRIVACY)
            assert words in asked["words"]
    _, answer = await reader.post({**missing, **AGREED, "content": ""})
    assert "consent" not in answer


async def test_the_form_without_script_asks_the_same(
    reader: Reader, http: aiohttp.ClientSession
) -> None:
    receipts = Receipts(reader.site, http)
    path = f"/v1/articles/{ARTICLE}/form?lang=en"
    _, page, _ = await receipts.page(path)
    assert re.search(r'<input id="phone"[^>]* required', page)
    assert re.search(r'<input id="title"(?![^>]* required)', page)
    assert re.search(r'<input id="consent"[^>]* required(?![^>]* checked)', page)
    assert f'name="consent_version" value="{VERSION}"' in page
    assert "erased after 77 days" in page
    assert 'href="https://bao.example/rieng-tu?a=1&amp;b=2"' in page
    url = f"/v1/articles/{ARTICLE}/comments?lang=en"
    form = {**reader.form(**{**AGREED, "phone": ""}), "consent": "yes"}
    status, page, _ = await receipts.page(url, form)
    # In the summary and beside the field.
    assert (status, page.count("Please fill in this field.")) == (422, 2)
    _, page, _ = await receipts.page(url, {**form, "consent": "", "phone": "0912345678"})
    assert page.count("Please tick the box to agree.") == 2
    _, page, _ = await receipts.page(url, form)
    assert re.search(r'<input id="consent"[^>]* checked', page), "a ticked box stays ticked"
    status, page, _ = await receipts.page(url, {**form, "consent_version": "2020-01"})
    assert "has just changed" in page
    assert not re.search(r'<input id="consent"[^>]* checked', page), "but for what was not read"
    status, _, where = await receipts.page(url, {**form, "phone": "0912345678"})
    assert (status, where[:10]) == (303, "/receipts/")


async def constant(reader: Reader, script: str, name: str) -> Any:
    """What the script says under this name."""
    async with reader.http.get(f"{reader.site.intake}/{script}") as response:
        _, _, after = (await response.text()).partition(f"const {name}=")
    return json.JSONDecoder().raw_decode(after)[0]


async def test_the_widget_is_told_what_is_asked_for(reader: Reader) -> None:
    site = await constant(reader, "widget.js", "SITE")
    wanted = {
        **{"phone": "required", "title": "optional", "consent": "required"},
        **{"phone_codes": "off", "store": reader.site.articles},
    }
    assert site.items() >= wanted.items()
    # In one file with the words it is the version of: the other may be older in a browser's cache.
    kept = await constant(reader, "widget-more.js", "KEPT")
    assert (kept["version"], kept["privacy_url"]) == (VERSION, PRIVACY)
    assert "77 ngày" in kept["words"]["vi"]
    assert "77 days" in kept["words"]["en"]


def test_what_is_off_is_ignored_whatever_is_sent() -> None:
    site = Settings.model_construct(phone_field="off", title_field="off")
    sent = {"phone": "no number", "title": ["x"], "consent": True, "consent_version": "1"}
    form = read_form({**CLEAN, **sent, "captcha_id": "a", "captcha_answer": "b"}, site)
    assert (form.errors, form["phone"], form["title"], form.consent_version) == ([], "", "", None)
