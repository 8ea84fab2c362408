"""A receipt: what became of a comment by code, and changing it while it waits."""

import re
from typing import Any

import aiohttp
import pytest

from commentdesk.ledger.books import books
from tests.installation import Installation
from tests.reader import ARTICLE, CLEAN, DOUBTFUL, Desk, Reader
from tests.receipts import CORRECTED, Receipts


@pytest.fixture
def receipts(site: Installation, http: aiohttp.ClientSession) -> Receipts:
    return Receipts(site, http)


async def sent(reader: Reader, **fields: Any) -> tuple[str, str]:
    """The id and the receipt's code of a comment that was accepted."""
    status, answer = await reader.post(reader.form(**fields))
    assert status == 202, answer
    return answer["id"], answer["receipt"]["code"]


async def test_a_comment_is_followed_by_its_code(reader: Reader, receipts: Receipts) -> None:
    form = reader.form(phone="0912345678")
    status, answer = await reader.post(form)
    given = answer["receipt"]
    assert status == 202
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", given["code"])
    assert given["url"] == f"{reader.site.intake}/receipts/{given['code']}"
    assert (await reader.post(form))[1]["receipt"] == given, "the same form, the same receipt"

    typed = given["code"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = await receipts.reaches(typed, "published")
    article = f"{reader.site.articles}/articles/{ARTICLE}"
    assert found == {
        **{"code": given["code"], "id": answer["id"], "article": ARTICLE, "article_url": article},
        **{"status": "published", "reason": None, "parent_id": None, "editable_until": None},
        **{name: CLEAN[name] for name in ("name", "title", "content")},
        "received_at": found["received_at"],
        "permalink": f"{article}#comment-{answer['id']}",
    }
    assert (await receipts.correct(given["code"]))[1]["code"] == "not_editable"
    assert (await receipts.withdraw(given["code"]))[0] == 409
    assert f'id="comment-{answer["id"]}"' in await reader.page()


async def test_a_refusal_is_told_in_the_readers_words(
    reader: Reader, receipts: Receipts, desk: Desk
) -> None:
    submission, code = await sent(reader, **DOUBTFUL)
    waiting = await receipts.reaches(code, "waiting")
    assert (waiting["reason"], waiting["permalink"]) == (None, None)
    assert waiting["editable_until"] > waiting["received_at"]
    await desk.decides("reject", submission, reason="spam", note="kẻ phá rối quen mặt")
    found = await receipts.reaches(code, "refused")
    assert found["reason"] == "A moderator took it for advertising or spam."
    assert found["editable_until"] is None
    assert (await receipts.get(code, "vi"))["reason"] == (
        "Biên tập viên coi đây là quảng cáo hoặc tin rác."
    )
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    words = {"vi": "Rác", "en": "Junk"}
    reader_words = {"vi": "Chúng tôi không đăng quảng cáo."}
    told = {"words": words, "spam": True, "reader_words": reader_words}
    own = {"words": {"vi": "Kẻ phá rối", "en": "Troll"}}
    for reason, readers in (("spam", told), ("ke_pha_roi", own)):
        url = f"{desk.site.moderation}/v1/reasons/{reason}"
        async with desk.http.put(url, json=readers, headers=headers) as response:
            assert response.status == 200, await response.text()
    assert (await receipts.get(code, "vi"))["reason"] == reader_words["vi"]
    # The newsroom's own word for it is not for readers.
    second, other = await sent(reader, **DOUBTFUL)
    await receipts.reaches(other, "waiting")
    await desk.decides("reject", second, reason="ke_pha_roi")
    reason = (await receipts.reaches(other, "refused"))["reason"]
    assert reason == "A moderator decided not to publish this comment."
    assert "phá rối" not in str(await receipts.get(code, "vi"))


async def test_a_correction_is_checked_and_published_in_its_last_wording(
    reader: Reader, receipts: Receipts, desk: Desk
) -> None:
    submission, code = await sent(reader, **DOUBTFUL)
    before = await receipts.reaches(code, "waiting")
    seen = await desk.find(submission)
    status, answer = await receipts.correct(code)
    assert (status, answer["status"], answer["content"]) == (200, "received", CORRECTED["content"])
    assert answer["name"] == CLEAN["name"]
    assert answer["editable_until"] == before["editable_until"], "no correction lengthens it"
    # The moderator decides on what was seen before.
    status, refused = await desk.decide("approve", (submission, seen["version"]))
    assert (status, refused["code"]) == (409, "conflict")
    assert (refused["decision"]["actor"], refused["decision"]["action"]) == ("reader", "correct")
    await receipts.reaches(code, "published")
    [shown] = [each for each in await reader.comments() if each["id"] == submission]
    assert (shown["title"], shown["content"]) == (CORRECTED["title"], CORRECTED["content"])
    found = await desk.find(submission)
    [earlier] = found["revisions"]
    assert (earlier["version"], earlier["content"]) == (seen["version"], DOUBTFUL["content"])
    assert [(each["actor"], each["action"]) for each in found["history"]] == [("reader", "correct")]
    assert {each["outcome"] for each in found["findings"]} == {"clean"}
    page = await desk.text(f"/submissions/{submission}", lang="en")
    assert "Earlier wordings" in page
    assert "vidu-quangcao.com" in page
    assert "corrected by its reader" in page


async def test_harmless_first_and_a_link_then_is_held(
    reader: Reader, receipts: Receipts, desk: Desk
) -> None:
    """What was on the desk for one reason comes back for another, by its last words."""
    submission, code = await sent(reader, **{**DOUBTFUL, "content": "Gọi 0912 345 678 nhé."})
    await receipts.reaches(code, "waiting")
    status, _ = await receipts.correct(code, content="Xem vidu-quangcao.com nhé", name="Mai Lan")
    assert status == 200
    await receipts.reaches(code, "waiting")
    found = await desk.find(submission)
    assert found["name"] == "Mai Lan"
    codes = {r["code"] for finding in found["findings"] for r in finding["reasons"]}
    assert "link" in codes
    assert "contact_phone" not in codes, "nothing of the first wording's verdict is left"
    # What a moderator has had in hand, a moderator decides, however clean it is now.
    await desk.decides("hold", submission, held_for="nam")
    assert (await receipts.correct(code))[0] == 200
    await receipts.reaches(code, "waiting")
    assert (await desk.find(submission))["held_for"] == "nam"


async def test_what_is_withdrawn_is_nobodys_any_more(
    site: Installation, reader: Reader, receipts: Receipts, desk: Desk
) -> None:
    submission, code = await sent(reader, **DOUBTFUL)
    await receipts.reaches(code, "waiting")
    version = (await desk.find(submission))["version"]
    for _ in range(2):
        status, answer = await receipts.withdraw(code)
        assert (status, answer["status"], answer["editable_until"]) == (200, "withdrawn", None)
    assert (await receipts.correct(code))[1]["code"] == "not_editable"
    status, refused = await desk.decide("approve", (submission, version))
    assert (status, refused["decision"]["action"]) == (409, "withdraw")
    for action in ("approve", "reject", "restore"):
        assert (await desk.decide(action, (submission, version + 1)))[1]["code"] == "impossible"
    assert submission not in await desk.page("/")
    assert "Its reader withdrew it" in await desk.text(f"/submissions/{submission}", lang="en")
    status, found = await desk.get("/v1/submissions", state="withdrawn")
    assert submission in {each["id"] for each in found["items"]}
    assert submission in await desk.page("/", state="withdrawn")
    ledger = site.ledger()
    counted = await books(ledger)
    await ledger.close()
    assert counted.difference == 0
    assert counted.places["withdrawn"] >= 1


async def test_a_browser_without_script_gets_the_same(reader: Reader, receipts: Receipts) -> None:
    form = {**reader.form(**DOUBTFUL), "return_url": f"{reader.site.articles}/articles/{ARTICLE}"}
    url = f"{reader.site.intake}/v1/articles/{ARTICLE}/comments?lang=en"
    status, _, where = await receipts.page(url, form)
    assert status == 303
    status, page, _ = await receipts.page(where)
    code = where.split("?")[0].rsplit("/", 1)[1]
    assert status == 200
    assert "Thank you for your comment" in page
    assert code in page
    assert form["return_url"] in page
    await receipts.reaches(code, "waiting")
    path = f"/receipts/{code}?lang=en"
    # A mistake is told beside what was typed.
    wrong = {"name": "Hương", "title": "", "content": "Chữ <này> phải còn"}
    status, page, _ = await receipts.page(path, wrong)
    assert (status, "Please fill in this field." in page) == (422, True)
    assert "Chữ &lt;này&gt; phải còn" in page
    assert (await receipts.get(code))["content"] == DOUBTFUL["content"]
    status, _, where = await receipts.page(
        path, {**wrong, "title": "Hay", "content": "Xem vidu-quangcao.com, sửa."}
    )
    assert status == 303
    status, page, _ = await receipts.page(where)
    assert "We have received your correction." in page
    assert "sửa." in page
    status, _, where = await receipts.page(path, {"withdraw": "1"})
    assert status == 303
    status, page, _ = await receipts.page(where)
    assert "You have withdrawn this comment." in page
    assert "<form" not in page
    status, page, _ = await receipts.page(path, wrong)
    assert (status, "no longer be corrected" in page) == (409, True)


async def test_a_code_is_typed_from_paper(reader: Reader, receipts: Receipts) -> None:
    _, code = await sent(reader, **DOUBTFUL)
    status, page, _ = await receipts.page("/receipts?lang=en")
    assert (status, 'name="code"' in page) == (200, True)
    typed = code.lower().replace("-", "")
    status, _, where = await receipts.page("/receipts?lang=en", {"code": f" {typed} "})
    assert (status, where.split("?")[0]) == (303, f"/receipts/{code}")
    status, page, _ = await receipts.page("/receipts?lang=en", {"code": "mã của tôi"})
    assert (status, "This is not a receipt code." in page) == (422, True)
    status, page, _ = await receipts.page("/receipts/0000-0000-0000?lang=en")
    assert (status, "No comment has this code." in page) == (404, True)
