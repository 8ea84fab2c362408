"""Erasing a submission: forgotten in ledger and article store, its place in the books kept."""

import aiohttp
import sqlalchemy as sql

from commentdesk.ledger.tables import submissions
from tests.installation import PASSWORD, Installation, until
from tests.reader import DOUBTFUL, Desk, Reader

NAME = "Lê Văn Quên-Tôi"
CONTENT = "Điều này sau sẽ bị quên, vidu-quangcao.com nhé."


async def test_an_erased_comment_is_forgotten_everywhere(reader: Reader, desk: Desk) -> None:
    submission = await reader.accepted(**{**DOUBTFUL, "name": NAME, "content": CONTENT})
    await reader.reaches(submission, "held")
    await desk.decides("approve", submission, note=f"{NAME} đã gọi điện")
    await reader.reaches(submission, "published")
    assert NAME in await reader.page()

    assert await desk.erase(submission) == 200
    assert await reader.state(submission) == "erased"

    async def gone() -> bool:
        return NAME not in await reader.page()

    await until(gone, "the article page has forgotten it")
    found = await desk.find(submission)
    assert (found["name"], found["title"], found["content"], found["findings"]) == ("", "", "", [])
    assert "quên" not in str(found).lower()
    assert "gọi điện" not in str(found)
    assert await desk.erase(submission) == 200, "erasing twice changes nothing"
    assert (await desk.find(submission))["version"] == found["version"]


async def test_the_captcha_of_an_erased_comment_stays_spent(reader: Reader, desk: Desk) -> None:
    form = reader.form(**{**DOUBTFUL, "name": NAME})
    status, answer = await reader.post(form)
    assert status == 202
    await reader.reaches(answer["id"], "held")
    assert await desk.erase(answer["id"]) == 200
    status, answer = await reader.post(form)
    assert (status, answer["errors"][0]["code"]) == (422, "captcha_spent")


async def test_only_an_admin_erases(site: Installation, reader: Reader) -> None:
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")
    nam = await Desk.log_in(site, "nam", PASSWORD)
    assert await nam.erase(submission) == 403
    assert "/erase" not in await nam.page(f"/submissions/{submission}")
    await nam.close()
    assert await reader.state(submission) == "held"


async def test_nothing_late_brings_an_erased_comment_back(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    """Erased while a worker has it: the worker's writes and its publish come too late."""
    await fragile.account("mai", "admin")
    await fragile.start("articles", "intake", "moderation", "checks", "upkeep")
    reader = Reader(fragile, http)
    submission = await reader.accepted(name=NAME)
    await reader.reaches(submission, "approved")
    desk = await Desk.log_in(fragile, "mai")
    assert await desk.erase(submission) == 200
    await fragile.start("publish")
    ledger = fragile.ledger()

    async def settled() -> bool:
        query = sql.select(submissions.c.work).where(submissions.c.id == submission)
        async with ledger.database.reading() as connection:
            return (await connection.execute(query)).scalar_one() is None

    await until(settled, "the article store was told")
    assert await reader.state(submission) == "erased"
    assert await reader.comments() == []
    await desk.close()
    await ledger.close()
