"""The moderators' desk over HTTP: who may do what, and what two moderators see of each other."""

import asyncio
import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from commentdesk.database import now
from commentdesk.ledger.tables import submissions
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, ROOT, Installation, Redis
from tests.reader import DOUBTFUL, Desk, Reader


async def held(reader: Reader, **fields: Any) -> str:
    """A comment that waits for a moderator."""
    submission = await reader.accepted(**{**DOUBTFUL, **fields})
    await reader.reaches(submission, "held")
    return submission


async def send(
    desk: Desk, path: str, form: dict[str, Any], **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Post a page's form as a browser does; status, page, headers."""
    sent = {"Sec-Fetch-Site": "same-origin", **headers}
    async with desk.http.post(
        desk.site.moderation + path, data=form, headers=sent, allow_redirects=False
    ) as response:
        return response.status, await response.text(), dict(response.headers)


@pytest.fixture
async def nam(site: Installation) -> Any:
    """A second moderator, no admin."""
    opened = await Desk.log_in(site, "nam", PASSWORD)
    yield opened
    await opened.close()


async def test_without_a_session_pages_lead_to_the_login_and_the_api_says_401(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{site.moderation}/rules/words?x=1", allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"] == "/login?next=%2Frules%2Fwords%3Fx%3D1"
    for path in ("/v1/submissions", "/v1/stats", "/v1/events"):
        async with http.get(site.moderation + path) as response:
            assert response.status == 401
            assert response.content_type == "application/problem+json"


async def test_every_page_has_a_strict_policy_and_is_kept_by_no_cache(desk: Desk) -> None:
    for path in ("/", "/stuck", "/rules/words", "/accounts", "/audit", "/nothing-here"):
        async with desk.http.get(desk.site.moderation + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["Cache-Control"] == "no-store"


async def test_the_login_leads_on_only_within_the_console(site: Installation) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{site.moderation}/login",
                data={"login": "mai", "password": PASSWORD, "next": target},
                headers={"Origin": site.moderation},
                allow_redirects=False,
            ) as response,
        ):
            assert response.status == 303
            assert response.headers["Location"] == "/"


async def test_each_login_is_a_new_session_and_ends_the_old_one(site: Installation) -> None:
    desk = await Desk.log_in(site, "mai")
    old = {c.key: c.value for c in desk.http.cookie_jar}["commentdesk_session"]
    form = {"login": "mai", "password": PASSWORD}
    status, _, headers = await send(desk, "/login", form)
    assert status == 303
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=Lax" in headers["Set-Cookie"]
    assert old not in headers["Set-Cookie"]
    stale = {"Cookie": f"commentdesk_session={old}"}
    async with aiohttp.ClientSession(headers=stale) as http:  # noqa: SIM117
        async with http.get(f"{site.moderation}/v1/stats") as response:
            assert response.status == 401
    await desk.close()


async def test_a_wrong_password_and_an_unknown_login_look_the_same(site: Installation) -> None:
    answers = []
    for login in ("mai", "nobody"):
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{site.moderation}/login",
                data={"login": login, "password": "not this one at all"},
                headers={"Origin": site.moderation},
            ) as response,
        ):
            answers.append((response.status, (await response.text()).replace(f'"{login}"', "")))
    assert answers[0][0] == 403
    assert answers[0] == answers[1]


async def test_a_forged_post_changes_nothing(reader: Reader, desk: Desk) -> None:
    submission = await held(reader)
    version = (await desk.find(submission))["version"]
    form = {"action": "approve", f"item.{submission}": str(version), "csrf": desk.csrf}
    forged = [
        ({**form, "csrf": "x"}, {}),
        ({**form, "csrf": ""}, {}),
        (form, {"Sec-Fetch-Site": "cross-site"}),
        (form, {"Sec-Fetch-Site": "same-site"}),
    ]
    for fields, headers in forged:
        status, _, _ = await send(desk, "/decisions", fields, **headers)
        assert status == 403
    async with desk.http.post(
        f"{desk.site.moderation}/decisions", data=form, headers={"Origin": "https://evil.example"}
    ) as response:
        assert response.status == 403
    async with desk.http.get(f"{desk.site.moderation}/decisions", params=form) as response:
        assert response.status == 405
    assert (await desk.find(submission))["state"] == "held"


async def test_a_moderator_is_no_admin(nam: Desk) -> None:
    for path in ("/rules/words", "/accounts", "/audit"):
        async with nam.http.get(nam.site.moderation + path) as response:
            assert response.status == 403
    form = {"csrf": nam.csrf, "login": "eve", "password": PASSWORD, "role": "admin"}
    assert (await send(nam, "/accounts", form))[0] == 403
    assert 'href="/accounts"' not in await nam.page("/")


async def test_a_moderator_sees_why_a_comment_waits(reader: Reader, desk: Desk) -> None:
    submission = await held(reader, name="<i>Hương</i>", title="<script>alert(1)</script>")
    for page in (
        await desk.page("/", sort="newest", lang="en"),
        await desk.page(f"/submissions/{submission}", lang="en"),
    ):
        assert re.search(r"contains a link</dt>\s*<dd><bdi>vidu-quangcao.com</bdi>", page)
        assert re.search(r'<mark title="contains a link[^>]*>vidu-quangcao.com</mark>', page)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<i>" not in page
    assert "có liên kết" in await desk.page(f"/submissions/{submission}", lang="vi")


async def test_the_first_of_two_moderators_wins_and_the_second_is_told(
    reader: Reader, desk: Desk, nam: Desk
) -> None:
    submission = await held(reader)
    version = (await desk.find(submission))["version"]
    await nam.decides("reject", submission, reason="spam", note="ba lần rồi")
    status, answer = await desk.decide("approve", (submission, version))
    assert status == 409
    assert answer["code"] == "conflict"
    assert answer["decision"]["actor"] == "nam"
    assert answer["decision"]["action"] == "reject"
    form = {"csrf": desk.csrf, "action": "approve", f"item.{submission}": str(version)}
    status, page, _ = await send(desk, "/decisions?lang=en", form)
    assert status == 409
    assert "<bdi>nam</bdi> rejected" in page
    assert "ba lần rồi" in page
    assert (await desk.find(submission))["state"] == "rejected"


async def test_many_are_decided_at_once_with_a_result_each(reader: Reader, desk: Desk) -> None:
    first, second = await held(reader), await held(reader, title="Bài thứ hai")
    seen = [(id_, (await desk.find(id_))["version"]) for id_ in (first, second)]
    await desk.decides("reject", first)
    missing = "00000000-0000-7000-8000-000000000000"
    status, answer = await desk.decide("reject", *seen, (missing, 1))
    assert status == 200
    assert [r["result"] for r in answer["results"]] == ["conflict", "done", "unknown"]


async def test_a_form_with_ticked_boxes_decides_them_all(reader: Reader, desk: Desk) -> None:
    chosen = [await held(reader), await held(reader, title="Nữa")]
    form = {"csrf": desk.csrf, "action": "reject", "reason": "spam", "note": "", "back": "/?q=a"}
    for submission in chosen:
        form[f"item.{submission}"] = str((await desk.find(submission))["version"])
    status, _, headers = await send(desk, "/decisions", form)
    assert status == 303
    assert headers["Location"].startswith("/?q=a&done=reject&count=2&batch=")
    for submission in chosen:
        found = await desk.find(submission)
        assert found["decision"]["reason"] == "spam"
        assert [row["action"] for row in found["history"]] == ["reject"]


@pytest.mark.parametrize("action", ["publish", "undo", "restore", "", "approve "])
async def test_only_a_moderators_actions_are_taken(reader: Reader, desk: Desk, action: str) -> None:
    submission = await held(reader)
    version = (await desk.find(submission))["version"]
    status, _ = await desk.decide(action, (submission, version))
    assert status in {409, 422}
    form = {"csrf": desk.csrf, "action": action, f"item.{submission}": str(version)}
    if action != "approve ":
        assert (await send(desk, "/decisions", form))[0] in {409, 422}
        assert (await desk.find(submission))["state"] == "held"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": [], "action": "approve"},
        {"items": [{"id": "x", "seen_version": 1}], "action": "approve"},
        {"items": [{"id": "0" * 36, "seen_version": True}], "action": "approve"},
        {"items": [{"id": "0" * 36, "seen_version": 10**15}], "action": "approve"},
        {"items": "all", "action": "approve"},
        {"items": [{"id": "0" * 36, "seen_version": 1}], "action": "reject", "note": "a\x00b"},
    ],
)
async def test_bad_decisions_are_refused_by_field(desk: Desk, body: dict[str, Any]) -> None:
    headers = {"X-CSRF-Token": desk.csrf}
    async with desk.http.post(
        f"{desk.site.moderation}/v1/decisions", json=body, headers=headers
    ) as response:
        assert response.status == 422
        assert (await response.json(content_type=None))["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "state=nowhere",
        "sort=best",
        "cursor='",
        "limit=0",
        "limit=1000",
        "q=%00",
        "article=%07",
    ],
)
async def test_a_bad_query_is_named(desk: Desk, query: str) -> None:
    async with desk.http.get(f"{desk.site.moderation}/v1/submissions?{query}") as response:
        assert response.status in {400, 422}
    async with desk.http.get(f"{desk.site.moderation}/?{query}") as response:
        assert response.status in {400, 422}
        assert response.content_type == "text/html"


async def test_search_finds_without_accents_and_pages_follow_each_other(
    reader: Reader, desk: Desk
) -> None:
    made = [await held(reader, title=f"Đò dọc sông Hương {n}") for n in range(3)]
    seen: list[str] = []
    cursor = ""
    while True:
        query = {"q": "do doc song huong", "limit": "2", "state": "held"}
        status, page = await desk.get("/v1/submissions", **query, cursor=cursor)
        assert status == 200
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == made
    assert "Đò dọc sông Hương 1" in await desk.page("/", q="DO DOC")


async def test_phone_and_address_are_shown_only_on_a_click_that_is_written_down(
    reader: Reader, desk: Desk
) -> None:
    submission = await held(reader, phone="0912345678")
    path = f"/submissions/{submission}"
    assert "0912345678" not in await desk.page(path)
    assert "0912345678" not in json.dumps(await desk.find(submission))
    status, page, _ = await send(desk, f"{path}/reveal", {"csrf": desk.csrf})
    assert status == 200
    assert "0912345678" in page
    history = (await desk.find(submission))["history"]
    assert [(row["action"], row["actor"]) for row in history] == [("reveal", "mai")]


async def test_another_server_reads_with_the_service_token_but_decides_nothing(
    site: Installation, http: aiohttp.ClientSession
) -> None:
    bearer = {"Authorization": f"Bearer {site.token}"}
    async with http.get(f"{site.moderation}/v1/stats", headers=bearer) as response:
        assert response.status == 200
        assert set((await response.json())["counts"]) >= {"held", "stuck"}
    for path in ("/v1/decisions", "/decisions"):
        async with http.post(
            site.moderation + path, headers=bearer, json={}, allow_redirects=False
        ) as response:
            assert response.status in {401, 303}
    wrong = {"Authorization": "Bearer x"}
    async with http.get(f"{site.moderation}/v1/stats", headers=wrong) as response:
        assert response.status == 401


async def test_a_new_comment_and_a_decision_are_told_live(reader: Reader, desk: Desk) -> None:
    async with desk.http.get(f"{desk.site.moderation}/v1/events") as response:
        assert response.content_type == "text/event-stream"

        async def event(submission: str, state: str) -> dict[str, Any]:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    found: dict[str, Any] = json.loads(line[6:])
                    if (found["id"], found["state"]) == (submission, state):
                        return found
            raise AssertionError("the stream ended")

        submission = await held(reader)
        told = await asyncio.wait_for(event(submission, "held"), 60)
        assert told["type"] == "comment.held"
        assert set(told) == {"type", "id", "article", "state"}
        await desk.decides("reject", submission)
        await asyncio.wait_for(event(submission, "rejected"), 60)


async def test_evidence_is_marked_where_it_was_seen(reader: Reader, desk: Desk) -> None:
    # The listed word, and what is like it elsewhere.
    text = "Inbox cũ, i.n.b.ó.x ngay nhé, xem vi du . com, gọi 0912 345 678."
    submission = await reader.accepted(content=unicodedata.normalize("NFD", text))
    await reader.reaches(submission, "held")
    page = await desk.page(f"/submissions/{submission}")
    shown = re.findall("<mark [^>]*>(.*?)</mark>", page)
    assert {"i.n.b.ó.x ngay", "du . com", "0912 345 678"} <= set(shown)
    entry = await desk.find(submission)
    told = [r for finding in entry["findings"] for r in finding["reasons"] if r["span"]]
    assert [r["code"] for r in told if r["code"] == "word_suspect"] == ["word_suspect"]
    for evidence in (entry[r["field"]][slice(*r["span"])] for r in told):
        # Evidence within other evidence is one mark.
        assert any(evidence in mark for mark in (*shown, "Inbox")), evidence


async def test_a_disabled_account_is_out_at_once(site: Installation, desk: Desk) -> None:
    await site.account("tam")
    tam = await Desk.log_in(site, "tam")
    found = re.search(r'href="/accounts/([^"]+)"><bdi>tam<', await desk.page("/accounts"))
    assert found
    disabled = await send(desk, "/accounts/disable", {"csrf": desk.csrf, "account": found[1]})
    assert disabled[0] == 303
    assert (await tam.get("/v1/stats"))[0] == 401
    await tam.close()
    assert "tam" in await desk.page("/audit")


async def test_the_language_is_remembered(desk: Desk) -> None:
    assert "Waiting" in await desk.page("/", lang="en")
    assert "Waiting" in await desk.page("/")
    assert "Chờ duyệt" in await desk.page("/", lang="vi")


async def test_readiness_and_description(site: Installation, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{site.moderation}/readyz") as response:
        assert response.status == 200
        assert (await response.json())["parts"]["ledger"] == "ok"
    async with http.get(f"{site.moderation}/openapi.json") as response:
        assert "/v1/decisions" in (await response.json())["paths"]


async def test_stuck_work_is_shown_with_its_error_and_done_when_replayed(
    site: Installation, reader: Reader, desk: Desk
) -> None:
    submission = await held(reader, title="Mắc kẹt giữa đường")
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(
            submissions.update()
            .where(submissions.c.id == submission)
            .values(state="approved", work="publish", error="store <away>", stuck_at=now())
        )
    await ledger.close()
    page = await desk.page("/stuck")
    assert "Mắc kẹt giữa đường" in page
    assert "store &lt;away&gt;" in page
    form = {"csrf": desk.csrf, "submission": submission}
    status, _, headers = await send(desk, "/stuck/replay", form)
    assert (status, headers["Location"]) == (303, "/stuck?done=replay&count=1")
    await reader.reaches(submission, "published")
    assert "Mắc kẹt giữa đường" not in await desk.page("/stuck")


async def test_accounts_are_made_from_the_command_line(site: Installation, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("a password for hoa\n", "utf-8")
    account = ("services.moderation", "account", "--login", "hoa", "--role", "moderator")
    site.run(*account, "--password-file", str(password), "--if-none")
    with pytest.raises(AssertionError):
        await Desk.log_in(site, "hoa", "a password for hoa")
    # As an operator without a terminal: `cat password | … --password-file /dev/stdin`.
    subprocess.run(
        [sys.executable, "-m", "commentdesk", *account[1:], "--password-file", "/dev/stdin"],
        env=site.environ,
        cwd=ROOT,
        input=password.read_bytes(),
        check=True,
    )
    await (await Desk.log_in(site, "hoa", "a password for hoa")).close()
    with pytest.raises(subprocess.CalledProcessError):
        site.run(*account, "--password-file", str(password))


async def test_behind_https_cookies_are_secure_and_guessing_is_slowed_down(
    redis: Redis, tmp_path: Path
) -> None:
    extra = {"LIMITS": "on", "MODERATION_URL": "https://desk.example"}
    guarded = Installation(tmp_path, redis, sqlite_urls(tmp_path), **extra)
    guarded.migrate()
    await guarded.account("mai")
    try:
        await guarded.start("moderation")
        async with aiohttp.ClientSession() as http:
            statuses = [(await try_login(http, guarded, "mai", "wrong"))[0] for _ in range(11)]
            assert statuses == [403] * 10 + [429]
            status, headers = await try_login(http, guarded, "mai", PASSWORD)
            assert status == 429
            assert 0 < int(headers["Retry-After"]) <= 60
            await guarded.account("nam")
            status, headers = await try_login(http, guarded, "nam", PASSWORD)
        assert status == 303
        cookie = headers["Set-Cookie"]
        assert cookie.startswith("__Host-commentdesk_session=")
        assert "Secure" in cookie
    finally:
        guarded.stop()


async def try_login(
    http: aiohttp.ClientSession, site: Installation, login: str, password: str
) -> tuple[int, dict[str, str]]:
    """One attempt; its status and headers."""
    async with http.post(
        f"{site.moderation}/login",
        data={"login": login, "password": password},
        headers={"Origin": "https://desk.example"},
        allow_redirects=False,
    ) as response:
        return response.status, dict(response.headers)
