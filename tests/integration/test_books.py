"""The books: every submission is in exactly one place, and a difference is an alarm."""

import re

import aiohttp

from commentdesk.ledger.tables import events, submissions
from tests.installation import Installation, until
from tests.reader import DOUBTFUL, Desk, Reader


async def measured(site: Installation, http: aiohttp.ClientSession, name: str) -> float:
    async with http.get(f"{site.moderation}/metrics") as response:
        found = re.search(rf"^{re.escape(name)} (\S+)$", await response.text(), re.MULTILINE)
    return float(found[1]) if found else float("nan")


async def test_each_place_is_counted_once(
    site: Installation, reader: Reader, desk: Desk, http: aiohttp.ClientSession
) -> None:
    _, before = await desk.get("/v1/books")
    published = await reader.accepted()
    held, rejected = await reader.accepted(**DOUBTFUL), await reader.accepted(**DOUBTFUL)
    await reader.reaches(published, "published")
    await reader.reaches(held, "held")
    await reader.reaches(rejected, "held")
    await desk.decides("reject", rejected)
    _, after = await desk.get("/v1/books")
    grown = {place: after["places"][place] - before["places"][place] for place in after["places"]}
    assert {place: number for place, number in grown.items() if number} == {
        "published": 1,
        "on_the_desk": 1,
        "rejected": 1,
    }
    assert after["received"] == before["received"] + 3
    assert after["difference"] == 0
    assert await measured(site, http, "commentdesk_books_difference") == 0
    assert await measured(site, http, "commentdesk_received") == after["received"]
    page = await desk.text("/books", lang="en")
    assert "The books balance." in page


async def test_a_difference_is_an_alarm(fragile: Installation, http: aiohttp.ClientSession) -> None:
    """A row that vanished behind our back is seen in the console, the metrics and the log."""
    await fragile.account("mai", "admin")
    await fragile.start("articles", "intake", "moderation")
    reader = Reader(fragile, http)
    lost, kept = await reader.accepted(), await reader.accepted(content="Còn đây.")
    desk = await Desk.log_in(fragile, "mai")
    assert "do not balance" not in await desk.page("/", lang="en")
    ledger = fragile.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(submissions.delete().where(submissions.c.id == lost))
    _, books = await desk.get("/v1/books")
    assert books["difference"] == 1
    assert "differ by 1" in await desk.text("/", lang="en")
    assert await measured(fragile, http, "commentdesk_books_difference") == 1
    assert "books_do_not_balance" in fragile.log_of("moderation")

    # And the other way: a row that was never received.
    async with ledger.database.writing() as connection:
        await connection.execute(events.delete().where(events.c.submission.in_([lost, kept])))
    await ledger.close()

    async def seen() -> bool:
        return await measured(fragile, http, "commentdesk_books_difference") == -1

    await until(seen, "the bookkeeper looks by itself")
    await desk.close()


async def replay(desk: Desk, **form: str) -> None:
    """What the buttons of the page do: one, or all."""
    url = f"{desk.site.moderation}/stuck/replay"
    headers = {"Origin": desk.site.moderation}
    async with desk.http.post(url, data={"csrf": desk.csrf, **form}, headers=headers) as response:
        assert response.status == 200


async def test_stuck_work_is_counted_shown_and_replayed_one_by_one_or_all(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.account("mai", "admin")
    await fragile.start("articles", "intake", "moderation", "checks", "publish", "upkeep")
    reader = Reader(fragile, http)
    await reader.reaches(await reader.accepted(), "published")
    fragile.kill("articles")
    first, *others = [await reader.accepted(title=f"Kho nghỉ, bài {n}") for n in range(3)]
    desk = await Desk.log_in(fragile, "mai")

    async def stuck() -> int:
        _, books = await desk.get("/v1/books")
        assert books["difference"] == 0
        assert sum(books["places"].values()) == books["received"]
        return int(books["places"]["stuck"])

    async def all_stuck() -> bool:
        return await stuck() == 3

    await until(all_stuck, "the waits are used up")
    page = await desk.text("/stuck", lang="en")
    assert all(f"Kho nghỉ, bài {n}" in page for n in range(3))
    assert "article store" in page
    # Three waits, and so four attempts.
    attempts = re.findall(r"<td>(\d+)</td>", await desk.page("/stuck"))
    assert attempts == ["4"] * 3

    await fragile.start("articles")
    await replay(desk, submission=first)
    await reader.reaches(first, "published")
    assert await stuck() == 2
    await replay(desk)
    for submission in others:
        await reader.reaches(submission, "published")
    assert await stuck() == 0
    await desk.close()
