"""The main job: a reader posts, and it appears; or a moderator decides."""

import asyncio

import pytest

from tests.installation import Installation, until
from tests.reader import CLEAN, DOUBTFUL, Desk, Reader


async def appears(reader: Reader, submission: str) -> bool:
    return submission in {comment["id"] for comment in await reader.comments()}


async def test_a_clean_comment_appears_on_the_article_page(reader: Reader) -> None:
    submission = await reader.accepted(content="Một bình luận sạch sẽ & <b>bình thường</b>.")
    await until(lambda: appears(reader, submission), "the comment appears")
    page = await reader.page()
    assert "Một bình luận sạch sẽ &amp; &lt;b&gt;bình thường&lt;/b&gt;." in page
    await reader.reaches(submission, "published")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (DOUBTFUL, "link"),
        ({"phone": "0123 456 789"}, "phone_invalid"),
        ({"phone": "1900 1560"}, "phone_costly"),
        ({"content": "Ai cần V A Y tiền nhanh thì vay tiền nhanh ở đây"}, "word_banned"),
    ],
)
async def test_a_doubtful_comment_is_held_with_its_reasons(
    reader: Reader, desk: Desk, fields: dict[str, str], code: str
) -> None:
    submission = await reader.accepted(**fields)
    await reader.reaches(submission, "held")
    entry = await desk.find(submission)
    reasons = {reason["code"] for finding in entry["findings"] for reason in finding["reasons"]}
    assert code in reasons
    assert not await appears(reader, submission)
    assert fields.get("content", CLEAN["content"]) in await desk.text(state="held", sort="newest")


async def test_a_held_comment_appears_once_approved(reader: Reader, desk: Desk) -> None:
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")
    await desk.decides("approve", submission)
    await until(lambda: appears(reader, submission), "the approved comment appears")


async def test_a_rejected_comment_never_appears_but_can_be_restored(
    reader: Reader, desk: Desk
) -> None:
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")
    await desk.decides("reject", submission, reason="advertising")
    assert await reader.state(submission) == "rejected"
    # What comes after it has been through: the rejected one had every chance to appear.
    later = await reader.accepted()
    await until(lambda: appears(reader, later), "a later comment appears")
    assert not await appears(reader, submission)
    await desk.decides("restore", submission)
    await until(lambda: appears(reader, submission), "the restored comment appears")


async def test_a_published_comment_can_be_removed_and_restored(reader: Reader, desk: Desk) -> None:
    submission = await reader.accepted()
    await reader.reaches(submission, "published")
    await desk.decides("remove", submission)

    async def gone() -> bool:
        return not await appears(reader, submission)

    await until(gone, "the removed comment is gone")
    await desk.decides("restore", submission)
    await until(lambda: appears(reader, submission), "the restored comment appears")


async def test_a_reply_stands_under_its_comment(reader: Reader) -> None:
    parent = await reader.accepted()
    await reader.reaches(parent, "published")
    reply = await reader.accepted(parent_id=parent, content="Tôi cũng nghĩ vậy.")

    async def under() -> bool:
        for comment in await reader.comments():
            if comment["id"] == parent:
                return [reply] == [answer["id"] for answer in comment["replies"]]
        return False

    await until(under, "the reply stands under its comment")


async def test_two_moderators_one_decision(site: Installation, reader: Reader) -> None:
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")
    mai, nam = await Desk.log_in(site, "mai"), await Desk.log_in(site, "nam")
    version = (await mai.find(submission))["version"]
    first, second = await asyncio.gather(
        mai.decide("approve", (submission, version)), nam.decide("reject", (submission, version))
    )
    assert sorted([first[0], second[0]]) == [200, 409]
    lost = first if first[0] == 409 else second
    assert lost[1]["results"][0]["result"] == "conflict"
    assert lost[1]["results"][0]["decision"]["actor"] in {"mai", "nam"}
    decided = [
        entry
        for entry in (await mai.find(submission))["history"]
        if entry["action"] in {"approve", "reject"}
    ]
    assert len(decided) == 1
    await mai.close()
    await nam.close()


async def test_decisions_in_bulk_answer_for_each(reader: Reader, desk: Desk) -> None:
    held = [await reader.accepted(**DOUBTFUL) for _ in range(3)]
    for submission in held:
        await reader.reaches(submission, "held")
    items = [(submission, (await desk.find(submission))["version"]) for submission in held]
    items[1] = (items[1][0], 99)
    nobody = "01900000-0000-7000-8000-00000000dead"
    status, answer = await desk.decide("reject", *items, (nobody, 1))
    assert status == 200
    assert [item["result"] for item in answer["results"]] == [
        "done",
        "conflict",
        "done",
        "unknown",
    ]


async def test_live_pages_hear_of_a_new_comment(site: Installation, reader: Reader) -> None:
    url = f"{site.articles}/v1/articles/pho-di-bo-mua-thu/comments/events"
    async with reader.http.get(url) as stream:
        assert stream.status == 200
        submission = await reader.accepted()
        async with asyncio.timeout(60):
            while submission.encode() not in await stream.content.readline():
                pass
