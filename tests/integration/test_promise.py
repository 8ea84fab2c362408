"""The promise: what got a 202 arrives once, whichever process is killed and if Redis is emptied."""

from collections import Counter
from datetime import UTC, datetime

import aiohttp
import pytest
import redis as redis_client
import sqlalchemy as sql

from commentdesk.domain.state import Work
from commentdesk.ledger.claim import claim
from commentdesk.ledger.tables import events, submissions
from tests.installation import Installation, until
from tests.reader import Reader

pytestmark = pytest.mark.slow


async def published_once(site: Installation, reader: Reader, accepted: list[str]) -> None:
    """All of them stand in the store, each once, and the ledger says so too."""

    async def all_there() -> bool:
        return set(accepted) <= {comment["id"] for comment in await reader.comments()}

    await until(all_there, f"{len(accepted)} accepted comments are published", 60)
    for submission in accepted:
        await reader.reaches(submission, "published")
    shown = Counter(comment["id"] for comment in await reader.comments())
    assert {shown[submission] for submission in accepted} == {1}
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        rows = await connection.execute(
            sql.select(events.c.submission, events.c.state).where(events.c.state == "published")
        )
        times = Counter(row.submission for row in rows)
    await ledger.close()
    assert {times[submission] for submission in accepted} == {1}


async def test_killing_the_worker_between_claim_and_record(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake")
    reader = Reader(fragile, http)
    submission = await reader.accepted()
    ledger = fragile.ledger()
    # A worker took the row and died: nothing else of it is left but the lease.
    assert len(await claim(ledger, Work.CHECK, [submission])) == 1
    assert await claim(ledger, Work.CHECK, [submission]) == [], "a leased row is nobody else's"
    await ledger.close()
    await fragile.start("checks", "publish", "upkeep")
    await published_once(fragile, reader, [submission])


async def test_killing_workers_while_they_work(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake", "checks", "publish", "upkeep")
    reader = Reader(fragile, http)
    accepted = []
    for number in range(30):
        accepted.append(await reader.accepted(content=f"Bình luận số {number} nhé."))
        if number % 10 == 5:
            fragile.kill("checks")
            fragile.kill("publish")
            await fragile.start("checks", "publish")
    await published_once(fragile, reader, accepted)


async def test_killing_intake_between_commit_and_hint(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    """Redis is frozen when the comment is committed, so no hint can leave before the kill."""
    await fragile.start("articles", "intake")
    reader = Reader(fragile, http)
    fragile.redis.stop()
    submission = await reader.accepted()
    fragile.kill("intake")
    fragile.redis.start()
    assert redis_client.Redis.from_url(fragile.redis.url).dbsize() == 0, "no hint is left"
    await fragile.start("intake", "checks", "publish", "upkeep")
    await published_once(fragile, reader, [submission])


async def test_emptying_redis_with_comments_in_flight(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake", "checks", "publish", "upkeep")
    reader = Reader(fragile, http)
    connection = redis_client.Redis.from_url(fragile.redis.url)
    accepted = []
    for number in range(30):
        accepted.append(await reader.accepted(content=f"Trước và sau khi dọn, số {number}."))
        if number % 7 == 3:
            connection.flushall()
    await published_once(fragile, reader, accepted)


async def test_a_store_that_is_down_is_waited_for(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    # A minute until it is stuck, however long the store takes to start.
    fragile.environment["COMMENTDESK_DELIVERY_BACKOFF_SECONDS"] = "0.5,0.5,1,2,4,8,16,32"
    await fragile.start("articles", "intake", "checks", "publish", "upkeep")
    reader = Reader(fragile, http)
    first = await reader.accepted()
    await reader.reaches(first, "published")
    fragile.kill("articles")
    second = await reader.accepted(content="Gửi lúc kho bài đang nghỉ.")

    async def was_tried() -> bool:
        return "delivery_failed" in fragile.log_of("publish")

    await until(was_tried, "the store that is down is tried")
    await fragile.start("articles")
    await published_once(fragile, reader, [first, second])


async def test_a_late_publish_never_undoes_a_removal(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles")
    token = {"Authorization": f"Bearer {fragile.token}"}
    item = {
        "id": "01900000-0000-7000-8000-000000000001",
        "version": 2,
        "article": "pho-di-bo-mua-thu",
        "parent_id": None,
        "name": "Hương",
        "title": "Muộn",
        "content": "Đến sau khi đã gỡ.",
        "language": "vi",
        "received_at": datetime.now(UTC).isoformat(),
    }
    url = f"{fragile.articles}/v1/comments"
    async with http.delete(f"{url}/{item['id']}?version=4", headers=token) as response:
        assert response.status == 200
    async with http.put(url, json={"items": [item]}, headers=token) as response:
        assert (await response.json())["results"][0]["result"] == "absorbed"
    assert await Reader(fragile, http).comments() == []


async def test_a_stopped_worker_finishes_and_a_late_one_changes_nothing(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake", "checks", "publish", "upkeep")
    reader = Reader(fragile, http)
    fragile.pause("checks")
    accepted = [await reader.accepted(content=f"Chờ một chút {number}.") for number in range(5)]
    fragile.resume("checks")
    await published_once(fragile, reader, accepted)
    for name in ("intake", "checks", "publish", "upkeep", "articles"):
        assert fragile.terminate(name) == 0, f"{name} stops in order"
    ledger = fragile.ledger()
    async with ledger.database.reading() as connection:
        left = sql.select(sql.func.count()).where(submissions.c.work.is_not(None))
        assert (await connection.execute(left)).scalar_one() == 0
    await ledger.close()
