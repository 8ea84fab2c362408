"""Rules laid down in the console and its API, from the page to what becomes of comments."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from commentdesk.database import now
from commentdesk.domain.policy import Comments, Override
from commentdesk.ledger.policies import SITE, remove_policy, scope_of, set_policy
from commentdesk.ledger.reasons import list_reasons, place_reason, retire_reason, set_reason
from commentdesk.ledger.tables import tightenings, words
from commentdesk.ledger.tightenings import loosen, standing, tighten
from commentdesk.ledger.words import WordKind, WordMatch, add_words, list_words
from commentdesk.ledger.wordsearch import Sought, count_words, find_words
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Redis, until
from tests.reader import ARTICLE, CLEAN, Desk, Reader

OTHER = "library-of-things"
# A text's key, written out where a template says it.
SAID = re.compile(r"""(?:say|find)\(["']([a-z_]+\.[a-z_]+)["'][,)]""")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ruled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """A site of its own, for what is laid down here would be felt elsewhere."""
    folder = tmp_path_factory.mktemp("ruled")
    redis = Redis(folder)
    site = Installation(folder, redis, sqlite_urls(folder))
    site.migrate()
    await site.account("bien", "editor")
    await site.start("articles", "intake", "checks", "moderation", "upkeep")
    yield site
    site.stop()
    redis.stop()


@pytest.fixture
async def editor(ruled: Installation) -> AsyncIterator[Desk]:
    opened = await Desk.log_in(ruled, "bien")
    yield opened
    await opened.close()


async def send(desk: Desk, path: str, **form: str) -> tuple[int, str, str]:
    """Status, page and where it leads."""
    url, headers = desk.site.moderation + path, {"Origin": desk.site.moderation}
    body = {"csrf": desk.csrf, **form}
    async with desk.http.post(url, data=body, headers=headers, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def call(desk: Desk, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = desk.site.moderation + path
    async with desk.http.request(method, url, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_many_words_are_added_found_counted_and_told_apart(fragile: Installation) -> None:
    ledger = fragile.ledger()
    many = [f"từ xấu số {n}" for n in range(3000)]
    added = await add_words(ledger, many, WordKind.BANNED, "mai", WordMatch.WORD)
    assert (added.new, added.moved, added.known, added.refused) == (3000, 0, 0, ())
    again = ["TU XAU SO 7", "từ xấu số 8", "\u200b", "x" * 101, "a\x07b", "từ xấu số 8"]
    added = await add_words(ledger, again, WordKind.SUSPECT, "mai", WordMatch.WORD)
    assert (added.new, added.moved, added.known) == (0, 2, 0)
    told = [(each.line, each.code) for each in added.refused]
    assert told == [(2, "empty_word"), (3, "too_long"), (4, "control_character")]
    counts = await count_words(ledger, Sought(text="xau so"))
    assert counts[WordKind.BANNED] == 2998
    assert counts[WordKind.SUSPECT] == 2
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = await find_words(ledger, Sought(text="Xấu số"), cursor or "", 700)
        seen += [word.folded for word in page]
    assert len(seen) == len(set(seen)) == 3000
    assert seen == sorted(seen)
    patterns = [f"mau{n}" for n in range(99)] + [r"vay\s+(nóng|nhanh)", "beyond", "(a"]
    added = await add_words(ledger, patterns, WordKind.BANNED, "mai", WordMatch.PATTERN)
    assert added.new == 100
    told = [(each.line, each.code) for each in added.refused]
    assert told == [(101, "pattern_parenthesis"), (100, "too_many_patterns")]
    found, _ = await find_words(ledger, Sought(patterns=True, text="(nóng"))
    assert [word.text for word in found] == [r"vay\s+(nóng|nhanh)"]
    assert len(await list_words(ledger)) > 3100
    await ledger.close()


async def test_reasons_are_added_ordered_and_retired(fragile: Installation) -> None:
    ledger = fragile.ledger()
    codes = [reason.code for reason in await list_reasons(ledger)]
    assert (codes[0], len(codes)) == ("spam", 8)
    await set_reason(ledger, "ads", words={"vi": "Quảng cáo"}, spam=True, actor="mai")
    await place_reason(ledger, "ads", 1, "mai")
    await retire_reason(ledger, "insult", "mai")
    found = await list_reasons(ledger)
    assert [reason.code for reason in found][:2] == ["spam", "ads"]
    assert (found[-1].code, found[-1].retired_at is None) == ("insult", False)
    assert (found[1].text("en"), found[0].text("vi")) == ("Quảng cáo", "")
    await place_reason(ledger, "ads", 99, "mai")
    await place_reason(ledger, "spam", -1, "mai")
    in_use = [reason.code for reason in await list_reasons(ledger) if not reason.retired_at]
    assert (in_use[0], in_use[-1], len(in_use)) == ("spam", "ads", 8)
    with pytest.raises(ValueError, match="code"):
        await set_reason(ledger, "Not one", words={"vi": "a"}, spam=False, actor="mai")
    await ledger.close()


async def test_a_tightening_ends_by_itself_and_by_a_press(fragile: Installation) -> None:
    ledger = fragile.ledger()
    await tighten(ledger, SITE, now() + timedelta(hours=1), "mai")
    await tighten(ledger, scope_of("a"), now() - timedelta(seconds=1), "mai")
    await tighten(ledger, scope_of("b"), now() + timedelta(hours=2), "mai")
    assert set(await standing(ledger)) == {SITE, scope_of("b")}
    assert set(await standing(ledger, [scope_of("a")])) == {SITE}
    assert await loosen(ledger, SITE, "mai")
    assert not await loosen(ledger, SITE, "mai")
    assert not await loosen(ledger, scope_of("a"), "mai")
    with pytest.raises(ValueError, match="neither"):
        await tighten(ledger, "b", now(), "mai")
    await ledger.close()


async def test_words_are_added_looked_for_and_removed_on_their_pages(editor: Desk) -> None:
    form = {"text": "Chợ Trời <b>\nchợ đen\n\n", "kind": "suspect", "match": "anywhere"}
    status, _, where = await send(editor, "/rules/words", **form)
    assert (status, where) == (303, "/rules/words?done=words&count=2&kind=suspect")
    page = await editor.page("/rules/words", q="cho", lang="vi")
    assert "Chợ Trời &lt;b&gt;</bdi> <small>cả khi nằm trong từ khác</small>" in page
    assert "<b>" not in page.split("Chợ Trời")[1][:3]
    assert (await send(editor, "/rules/words", **{**form, "kind": "banned"}))[0] == 303
    page = await editor.page("/rules/words", q="chợ trời", kind="banned")
    assert page.count("Chợ Trời") == 2, "in the list, and in the name of what removes it"
    [word] = re.findall(r'name="word" value="([^"]+)"', page)
    assert (await send(editor, "/rules/words/remove", word=word, q="chợ trời"))[0] == 303
    assert "Chợ Trời" not in await editor.page("/rules/words", q="chợ trời")
    for wrong in ({"kind": "nice"}, {"kind": "banned_host"}, {"match": "pattern"}, {"text": " "}):
        assert (await send(editor, "/rules/words", **{**form, **wrong}))[0] == 422
    status, page, _ = await send(editor, "/rules/words", **{**form, "text": "một từ\n\u200b"})
    assert (status, "Đã thêm: 1." in page, "Dòng 2" in page) == (422, True, True)
    hosts = {"text": "https://www.Vi-Du.example/a?b\nvi du.com", "kind": "banned_host"}
    status, page, _ = await send(editor, "/rules/hosts", **hosts)
    assert (status, "vi-du.example</bdi>" in page) == (422, True)
    assert "\nvi du.com</textarea>" in page, "what was refused comes back alone"


async def test_a_pattern_is_refused_in_words_or_holds_and_is_marked(
    editor: Desk, ruled: Installation, http: aiohttp.ClientSession
) -> None:
    for text, vi, en in (
        ("(?=a)b", "nhìn trước", "look-around"),
        (r"(a)\1", "tham chiếu ngược", "back-reference"),
        ("(a", "ngoặc tròn", "parentheses"),
        ("a*", "khớp cả với chỗ trống", "content with nothing"),
        ("(a{1000}){1000}", "quá lớn", "too large"),
    ):
        for language, said in (("vi", vi), ("en", en)):
            await editor.page("/rules/patterns", lang=language)
            form = {"text": text, "kind": "banned", "match": "pattern"}
            status, page, _ = await send(editor, "/rules/patterns", **form)
            assert (status, said in page) == (422, True), (text, language)
    form = {"text": r"m[uú]a\s+l[aâ]n", "kind": "suspect", "match": "pattern"}
    assert (await send(editor, "/rules/patterns", **form))[0] == 303
    reader = Reader(ruled, http)

    async def held() -> dict[str, Any] | None:
        submission = await reader.accepted(**{**CLEAN, "content": "Ai xem MÚA  LÂN đêm qua?"})
        await until(lambda: checked(reader, submission), "it is checked")
        found = await editor.find(submission)
        return found if found["state"] == "held" else None

    found = await until(held, "the workers know the pattern")
    [reason] = [r for f in found["findings"] for r in f["reasons"] if r["code"] == "word_suspect"]
    assert (reason["field"], reason["span"]) == ("content", [7, 15])
    listed = await call(editor, "GET", "/v1/words?q=m%5Bu")
    await call(editor, "DELETE", f"/v1/words/{listed[1]['items'][0]['id']}")


async def test_a_broken_pattern_in_the_database_holds_and_harms_nothing_else(
    editor: Desk, ruled: Installation, http: aiohttp.ClientSession
) -> None:
    ledger, reader = ruled.ledger(), Reader(ruled, http)
    row = {"id": "broken", "kind": "banned", "text": "(a", "folded": "RE2:(a", "match": "pattern"}
    async with ledger.database.writing() as connection:
        await connection.execute(words.insert(), {**row, "actor": "x", "at": now()})

    async def unknown() -> dict[str, Any] | None:
        submission = await reader.accepted(**CLEAN)
        await until(lambda: checked(reader, submission), "it is checked")
        found = await editor.find(submission)
        return found if found["state"] == "held" else None

    found = await until(unknown, "the workers meet the pattern")
    outcomes = {finding["check"]: finding["outcome"] for finding in found["findings"]}
    assert outcomes.pop("words") == "unknown"
    assert "unknown" not in outcomes.values()
    assert "không chạy được" in await editor.page("/rules/patterns", lang="vi")
    async with ledger.database.writing() as connection:
        await connection.execute(words.delete().where(words.c.id == "broken"))
    await ledger.close()


async def checked(reader: Reader, submission: str) -> bool:
    return await reader.state(submission) != "received"


async def test_the_newsroom_closes_and_opens_over_the_store_within_seconds(
    editor: Desk, ruled: Installation, http: aiohttp.ClientSession
) -> None:
    async def captcha(article: str) -> int:
        url = f"{ruled.intake}/v1/captchas"
        async with http.post(url, json={"article": article}) as response:
            return response.status

    async def answers(status: int, article: str = ARTICLE) -> bool:
        return await captcha(article) == status

    assert await captcha(ARTICLE) == 201
    scope = scope_of(ARTICLE)
    form = {"scope": scope, "comments": "closed", "hold_one_in": "50"}
    assert (await send(editor, "/rules/policy", **form))[2].endswith(f"{ARTICLE}?done=rules_saved")
    await until(lambda: answers(409), "it is closed")
    url = f"{ruled.intake}/v1/articles/{ARTICLE}/form?lang=vi"
    async with http.get(url) as response:
        assert (response.status, "đóng" in await response.text()) == (409, True)
    assert "đóng" in await editor.text("/rules/articles", lang="vi")
    status, answer = await call(editor, "GET", f"/v1/policies/{scope}")
    assert (status, answer["holds"]["comments"], answer["says"]["hold_one_in"]) == (
        200,
        "closed",
        50,
    )
    assert (await call(editor, "PUT", "/v1/policies/site", {"comments": "closed"}))[0] == 200
    assert (await call(editor, "PUT", f"/v1/policies/{scope}", {"comments": "open"}))[0] == 200
    await until(lambda: answers(201), "the article goes over the site")
    await until(lambda: answers(409, OTHER), "the site is closed")
    ledger = ruled.ledger()
    await remove_policy(ledger, scope, "bien")
    assert await send(editor, "/rules/policy", scope="site", comments="") == (
        303,
        "",
        "/rules/policy?done=rules_saved",
    )
    await until(lambda: answers(201, OTHER), "the site is open again")
    async with http.put(
        f"{ruled.articles}/v1/articles/{OTHER}",
        json=await story(http, ruled) | {"comments": "closed"},
        headers={"Authorization": f"Bearer {ruled.token}"},
    ) as response:
        assert response.status == 200
    await set_policy(ledger, scope_of(OTHER), Override(comments=Comments.OPEN), "bien")
    assert await captcha(OTHER) == 201, "whatever the store says"
    await ledger.close()


async def story(http: aiohttp.ClientSession, site: Installation) -> dict[str, Any]:
    async with http.get(f"{site.articles}/v1/articles/{OTHER}") as response:
        found = await response.json()
    names = ("title", "lead", "body", "language", "published_at")
    return {name: found[name] for name in names}


async def test_a_breaking_story_tightens_and_ends_at_a_press(
    editor: Desk, ruled: Installation, http: aiohttp.ClientSession
) -> None:
    reader, ledger = Reader(ruled, http), ruled.ledger()
    scope = scope_of(ARTICLE)
    assert (await send(editor, "/rules/tightening", scope=scope, hours="5"))[0] == 422
    where = (await send(editor, "/rules/tightening", scope=scope, hours="6"))[2]
    page = await editor.text(where, lang="vi")
    for said in ("Đã siết", "một nửa", "số có thật", "Tin nóng"):
        assert said in page
    status, answer = await call(editor, "GET", f"/v1/policies/{scope}")
    assert (status, answer["tight_until"] > answer["scope"]) == (200, False)

    unused = {**CLEAN, "phone": "0123456789"}
    status, answer = await until_tight(reader, unused)
    assert [error["code"] for error in answer["errors"]] == ["phone_unused"]
    status, _, where = await send(editor, "/rules/tightening/end", scope=scope)
    assert (status, where.endswith("?done=loosened")) == (303, True)
    assert (await call(editor, "GET", f"/v1/policies/{scope}"))[1]["tight_until"] is None
    status, answer = await call(editor, "PUT", "/v1/policies/site/tightening", {"hours": 2})
    assert (status, answer["scope"], answer["tight_until"] is None) == (200, SITE, False)
    for wrong in ({}, {"hours": 0}, {"hours": 169}, {"hours": "2"}, {"hours": 2, "actor": "x"}):
        assert (await call(editor, "PUT", "/v1/policies/site/tightening", wrong))[0] == 422
    assert (await call(editor, "DELETE", "/v1/policies/site/tightening"))[0] == 200
    async with ledger.database.reading() as connection:
        assert (await connection.execute(tightenings.select())).all() == []
    await ledger.close()


async def until_tight(reader: Reader, fields: dict[str, str]) -> tuple[int, Any]:
    async def refused() -> tuple[int, Any] | None:
        status, answer = await reader.post(reader.form(**fields))
        return (status, answer) if status == 422 else None

    found: tuple[int, Any] = await until(refused, "intake knows")
    return found


async def test_a_breaking_story_lets_a_reader_send_half_as_often(
    tmp_path: Path, redis: Redis, http: aiohttp.ClientSession
) -> None:
    limits = {"SUBMISSIONS_LIMIT": "6/hour", "CAPTCHAS_LIMIT": "8/hour"}
    site = Installation(tmp_path, redis, sqlite_urls(tmp_path), LIMITS="on", **limits)
    site.migrate()
    await site.start("articles", "intake")
    ledger, reader = site.ledger(), Reader(site, http)
    await tighten(ledger, scope_of(ARTICLE), now() + timedelta(hours=1), "bien")

    async def captcha(article: str) -> int:
        url = f"{site.intake}/v1/captchas"
        async with http.post(url, json={"article": article}) as response:
            return response.status

    for article in (ARTICLE, ARTICLE, ARTICLE):
        assert (await reader.post(reader.form(article), article))[0] == 202
        assert await captcha(article) == 201
    assert (await reader.post(reader.form(OTHER), OTHER))[0] == 429
    assert [await captcha(OTHER) for _ in range(3)] == [201, 201, 429]
    await ledger.close()
    site.stop()


async def test_the_apis_say_what_was_done(editor: Desk) -> None:
    body = {"kind": "banned", "texts": ["một hai", "\u200b"]}
    status, answer = await call(editor, "POST", "/v1/words", body)
    assert (status, answer["new"], answer["refused"][0]["line"]) == (200, 1, 1)
    status, answer = await call(
        editor, "POST", "/v1/words", {**body, "texts": ["(", "[a"], "match": "pattern"}
    )
    assert (status, [error["field"] for error in answer["errors"]]) == (422, ["texts.0", "texts.1"])
    status, listed = await call(editor, "GET", "/v1/words?q=mot+hai&kind=banned")
    assert (status, listed["items"][0]["text"], listed["counts"]) == (200, "một hai", {"banned": 1})
    for _ in range(2):
        assert (await call(editor, "DELETE", f"/v1/words/{listed['items'][0]['id']}"))[0] == 200
    assert (await call(editor, "GET", "/v1/words?kind=nice"))[0] == 422
    advertising = {"words": {"vi": "Quảng cáo"}, "spam": True, "place": 0}
    put = await call(editor, "PUT", "/v1/reasons/ads", advertising)
    assert (put[0], put[1]["place"]) == (200, 0)
    assert (await call(editor, "PUT", "/v1/reasons/nothing", {}))[0] == 422
    assert (await call(editor, "DELETE", "/v1/reasons/nothing"))[0] == 404
    assert (await call(editor, "DELETE", "/v1/reasons/ads"))[1]["retired_at"]
    text = await editor.text("/rules/reasons", lang="en")
    assert "Quảng cáo ads" in " ".join(text.split())


async def test_bans_are_laid_and_lifted_on_their_page(
    editor: Desk, ruled: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(ruled, http)
    submission = await reader.accepted(**{**CLEAN, "phone": "0912345678"})
    form = {"submission": f"{ruled.moderation}/submissions/{submission}", "kind": "phone"}
    assert (await send(editor, "/rules/bans", **form, days="7", note="<i>dội</i>"))[0] == 303
    page = await editor.page("/rules/bans", lang="vi")
    assert "&lt;i&gt;dội&lt;/i&gt;" in page
    assert "0912345" not in page
    [ban] = re.findall(r'name="ban" value="([^"]+)"', page)
    for wrong in (
        {"kind": "shoe"},
        {"submission": "x"},
        {"submission": "0" * 8 + "-0000" * 3 + "-" + "0" * 12},
    ):
        assert (await send(editor, "/rules/bans", **{**form, **wrong}))[0] == 422
    assert (await send(editor, "/rules/bans/lift", ban=ban))[0] == 303
    assert "Không có lệnh cấm nào" in await editor.page("/rules/bans", lang="vi")


def test_no_text_of_the_pages_is_missing(tmp_path: Path) -> None:

    folder = ROOT / "services" / "moderation"
    said = {
        language: json.loads((folder / f"texts/{language}.json").read_text("utf-8"))
        for language in ("vi", "en")
    }
    # English has a form for one, where Vietnamese says them all alike.
    forms = {f"{key}_one" for key in said["vi"]}
    assert said["vi"].keys() <= said["en"].keys() <= said["vi"].keys() | forms
    used = {
        key
        for path in (folder / "templates").glob("rules*.html")
        for key in re.findall(
            r'(?:say|find)\(\s*["\']([a-z_]+\.[a-z_]+)["\']\s*[,)]', path.read_text("utf-8")
        )
    }
    assert used - said["vi"].keys() == set()
    assert len(used) > 50
