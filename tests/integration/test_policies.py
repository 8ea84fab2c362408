"""Policies of the site and of articles, from the API to what becomes of comments."""

from typing import Any

import aiohttp
import pytest

from commentdesk.domain.policy import NEVER, Override
from commentdesk.ledger import desk as desks
from commentdesk.ledger.audit import recent
from commentdesk.ledger.policies import (
    SITE,
    list_policies,
    overrides_of,
    remove_policy,
    scope_of,
    set_policy,
)
from commentdesk.ledger.tables import submissions, verdicts
from tests.installation import Installation, until
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk, Reader

OTHER = "library-of-things"
HOLDS = {"hold_one_in": 100, "reject_one_in": 1000, "publish_clean": True, "comments": None}
NOTHING = dict.fromkeys(HOLDS)


async def call(desk: Desk, method: str, scope: str, body: Any = None) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = f"{desk.site.moderation}/v1/policies/{scope}"
    async with desk.http.request(method, url, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_an_article_goes_over_the_site_and_the_site_over_the_settings(
    fragile: Installation,
) -> None:
    ledger = fragile.ledger()
    await set_policy(ledger, SITE, Override(hold_one_in=50, publish_clean=False), "mai")
    await set_policy(ledger, scope_of("a"), Override(reject_one_in=NEVER), "mai")
    await set_policy(ledger, scope_of("a"), Override(publish_clean=True), "nam")
    await set_policy(ledger, scope_of("b"), Override(hold_one_in=10), "nam")
    found = await overrides_of(ledger, [scope_of("a"), scope_of("none")])
    assert found == {
        SITE: Override(hold_one_in=50, publish_clean=False),
        scope_of("a"): Override(publish_clean=True),
    }
    assert [each.scope for each in await list_policies(ledger)] == ["article:a", "article:b", SITE]
    assert await remove_policy(ledger, SITE, "mai")
    assert not await remove_policy(ledger, SITE, "mai")
    assert SITE not in await overrides_of(ledger, [])
    for scope in ("", "a", "article:", "site:a"):
        with pytest.raises(ValueError, match="neither"):
            await set_policy(ledger, scope, Override(hold_one_in=50), "mai")
    deeds = [(row.actor, row.action, row.detail["scope"]) for row in await recent(ledger, 5)]
    assert deeds == [
        ("mai", "remove_policy", SITE),
        ("nam", "set_policy", "article:b"),
        ("nam", "set_policy", "article:a"),
        ("mai", "set_policy", "article:a"),
        ("mai", "set_policy", SITE),
    ]
    await ledger.close()


async def test_the_api_tells_what_holds_and_what_is_said(desk: Desk) -> None:
    article = f"article:{OTHER}"
    assert await call(desk, "GET", article) == (
        200,
        {"scope": article, "holds": HOLDS, "says": NOTHING, "tight_until": None},
    )
    status, answer = await call(desk, "PUT", article, {"hold_one_in": 20})
    assert (status, answer["holds"]) == (200, {**HOLDS, "hold_one_in": 20})
    status, listed = await desk.get("/v1/policies")
    assert (status, listed["site"]) == (200, HOLDS)
    [item] = [each for each in listed["items"] if each["scope"] == article]
    assert item["says"] == {**NOTHING, "hold_one_in": 20}
    assert item["actor"] == "mai"
    for _ in range(2):
        status, answer = await call(desk, "DELETE", article)
        assert (status, answer["says"]) == (200, NOTHING)
    assert (await call(desk, "PUT", SITE, {"reject_one_in": NEVER}))[0] == 200
    text = " ".join((await desk.text("/audit", lang="vi")).split())
    assert "đã đổi chính sách duyệt áp dụng cho: cả trang" in text
    assert "máy từ chối nhiều nhất 1 trong: không bao giờ" in text
    assert (await call(desk, "DELETE", SITE))[0] == 200
    assert "removed a policy of its own" in await desk.page("/audit", lang="en")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hold_one_in": None},
        {"hold_one_in": 99},
        {"hold_one_in": "100"},
        {"hold_one_in": 0},
        {"hold_one_in": True},
        {"reject_one_in": 10},
        {"reject_one_in": -1},
        {"reject_one_in": False},
        {"reject_one_in": 1000.0},
        {"publish_clean": 1},
        {"publish_clean": "no"},
        {"publish_clean": True, "actor": "nam"},
        {"hold_at": 0.4},
        {"comments": "ajar"},
        {"comments": True},
    ],
)
async def test_a_policy_is_read_strictly(desk: Desk, body: dict[str, Any]) -> None:
    status, answer = await call(desk, "PUT", f"article:{OTHER}", body)
    assert status == 422
    assert answer["errors"]
    assert (await call(desk, "GET", f"article:{OTHER}"))[1]["says"] == NOTHING


@pytest.mark.parametrize("scope", ["", "a", "article:", "article:a%2Fb", "sites", "article:'"])
async def test_what_is_neither_site_nor_article_is_not_found(desk: Desk, scope: str) -> None:
    assert (await call(desk, "PUT", scope, {"publish_clean": False}))[0] in {404, 405}


async def test_a_pre_moderated_article_holds_what_is_clean_and_is_sorted_by_risk(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    ledger = fragile.ledger()
    await set_policy(ledger, scope_of(ARTICLE), Override(publish_clean=False), "mai")
    await fragile.account("mai", "admin")
    await fragile.start("articles", "intake", "checks", "moderation")
    reader, desk = Reader(fragile, http), await Desk.log_in(fragile, "mai")
    clean = [await reader.accepted(**CLEAN) for _ in range(3)]
    doubtful = await reader.accepted(**DOUBTFUL)
    advertisement = "Giảm cân sau 7 ngày, zalo 0912 345 678, vidu-a.com"
    worse = await reader.accepted(**{**DOUBTFUL, "content": advertisement})
    for submission in (*clean, doubtful, worse):
        await reader.reaches(submission, "held")
    status, other = await reader.post(reader.form(OTHER, **CLEAN), OTHER)
    assert status == 202
    await reader.reaches(other["id"], "approved")

    seen: list[str] = []
    cursor = ""
    while True:
        query = {"state": "held", "sort": "riskiest", "limit": "2", "cursor": cursor}
        status, page = await desk.get("/v1/submissions", **query)
        assert status == 200, page
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next"] or ""):
            break
    assert seen == [worse, doubtful, *clean]
    text = await desk.page("/", sort="riskiest", lang="vi")
    assert text.index(worse) < text.index(doubtful) < text.index(clean[0])
    assert "Đáng ngờ trước" in text
    for wrong in (clean[0], f"7ff8000000000000~{clean[0]}", f"4000000000000000~{clean[0]}"):
        assert (await desk.get("/v1/submissions", sort="riskiest", cursor=wrong))[0] == 400
    page_cursor = f"3fe0000000000000~{clean[0]}"
    assert (await desk.get("/v1/submissions", sort="oldest", cursor=page_cursor))[0] == 400

    await remove_policy(ledger, scope_of(ARTICLE), "mai")

    async def published_at_once() -> bool:
        submission = await reader.accepted(**CLEAN)
        await until(lambda: decided(reader, submission), "it is checked")
        return await reader.state(submission) == "approved"

    await until(published_at_once, "the workers know the new policy")
    await desk.close()
    await ledger.close()


async def decided(reader: Reader, submission: str) -> bool:
    return await reader.state(submission) != "received"


async def test_rows_of_one_score_and_rows_unchecked_are_each_shown_once(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake")
    reader, ledger = Reader(fragile, http), fragile.ledger()
    made = [await reader.accepted(**CLEAN) for _ in range(7)]
    scores = [0.1 + 0.2, 0.3, 0.1 + 0.2, 1.0, 0.0]
    async with ledger.database.writing() as connection:
        for submission, score in zip(made, scores, strict=False):
            row = {"submission": submission, "score": score, "action": "hold", "findings": []}
            query = submissions.select().where(submissions.c.id == submission)
            received_at = (await connection.execute(query)).one().received_at
            await connection.execute(verdicts.insert(), {**row, "at": received_at})
            listed = submissions.update().where(submissions.c.id == submission)
            await connection.execute(listed.values(risk=score))
    expected = sorted(range(7), key=lambda n: (-(scores[n] if n < 5 else 0), made[n]))
    for limit in (1, 2, 3, 100):
        seen: list[str] = []
        cursor = None
        while True:
            page = await desks.listing(ledger, sort="riskiest", cursor=cursor, limit=limit)
            seen += [item.id for item in page.items]
            if not (cursor := page.next):
                break
        assert seen == [made[n] for n in expected]
    await ledger.close()
