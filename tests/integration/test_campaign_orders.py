"""Orders on campaigns: the next ones like this are held or rejected, for a time, and no others."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.memory import Ordered
from commentdesk.domain.state import Action
from commentdesk.ledger.audit import recent
from commentdesk.ledger.campaign_orders import (
    NothingAlike,
    end_order,
    list_orders,
    order_next,
    orders_on,
)
from commentdesk.ledger.campaigns import join_campaigns
from commentdesk.ledger.erase import erase, erase_old
from commentdesk.ledger.fingerprints import alike, keep_prints
from commentdesk.ledger.tables import accounts, campaign_orders, fingerprints
from commentdesk.web.times import clock_of
from tests.checking import ARTICLES, SAID, Worker, codes
from tests.installation import Installation
from tests.integration.test_floods import made
from tests.reader import DOUBTFUL, Desk, Reader
from workers.check import check_submissions
from workers.process import JobFailed

OTHER = "Giá vé xe buýt tăng thì sinh viên như chúng em chịu nhiều nhất, mong xem lại sớm."
DISGUISED = SAID.upper().replace("HỒ", "H\u200bỒ") + " 8842"
WAITS = {"content": SAID, "title": "vidu-quangcao.com"}


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    opened = Worker(fragile)
    yield opened
    opened.close()


def order(worker: Worker, submission: str, action: Action, **more: Any) -> Any:
    until = more.pop("until", now() + timedelta(hours=1))
    return worker.process.run(order_next(worker.ledger, submission, action, "mai", until))


def test_the_next_ones_like_a_single_waiting_one_are_held_then_rejected(worker: Worker) -> None:
    first = worker.checked(**WAITS)
    assert (first.state, first.campaign) == ("held", None)
    before = worker.checked(content=SAID, name="An")
    assert before.state == "approved"
    order(worker, first.id, Action.HOLD)
    held = worker.checked(content=DISGUISED, name="Bình", article=ARTICLES[1])
    assert (held.state, held.campaign) == ("held", first.id)
    [reason] = next(f for f in held.findings if f["check"] == "flood")["reasons"]
    assert reason["code"] == "campaign_held"
    assert reason["text"].startswith("mai (")
    # Set anew, by another of them: one order, and the last word counts.
    order(worker, held.id, Action.REJECT)
    rejected = worker.checked(content=SAID, name="Chi")
    assert (rejected.state, codes(rejected)) == ("rejected", {"campaign_rejected"})
    assert len(worker.rows(campaign_orders)) == 1
    # Another text, and what everybody says, are none of its business.
    assert worker.checked(content=OTHER).state == "approved"
    assert worker.checked(content="hay quá", title="Hay").state == "approved"
    # What waited before it waits on, checked again or not.
    for waiting in (first.id, held.id):
        due = now() - timedelta(seconds=1)
        worker.move([waiting], work="check", due_at=due)
        worker.check(waiting)
        assert worker.entry(waiting).state == "held"
        assert "campaign_held" in codes(worker.entry(waiting))
    [standing] = worker.process.run(list_orders(worker.ledger))
    assert (standing.campaign, standing.caught) == (first.id, 1)
    ended = [worker.process.run(end_order(worker.ledger, held.id, "nam")) for _ in range(2)]
    assert ended == [True, False]
    assert worker.checked(content=SAID, name="Dung").state == "approved"
    deeds = [(d.actor, d.action) for d in worker.process.run(recent(worker.ledger, 3))]
    assert deeds == [
        ("nam", "end_campaign_order"),
        ("mai", "order_campaign"),
        ("mai", "order_campaign"),
    ]


@pytest.mark.parametrize("remark", ["hay quá", "ủng hộ", "Cảm ơn tác giả, bài viết rất hay!"])
def test_what_everybody_says_is_no_campaign(worker: Worker, remark: str) -> None:
    submission = worker.checked(content=remark, title="Hay")
    with pytest.raises(JobFailed, match=NothingAlike.__name__):
        order(worker, submission.id, Action.REJECT)
    assert order(worker, "0" * 36, Action.REJECT) is None
    # Nor is what has not been looked at yet.
    with pytest.raises(JobFailed, match=NothingAlike.__name__):
        order(worker, worker.admit(content=SAID), Action.REJECT)
    assert worker.rows(campaign_orders) == []


def test_it_is_a_persons_order_whatever_the_policy_and_whoever_writes(
    fragile: Installation,
) -> None:
    worker = Worker(fragile, trusted_after=1, reject_one_in=0)
    known = {"phone": "0912345678", "content": "Tôi thấy bài viết nói đúng vidu.com"}
    worker.decide("approve", worker.checked(**known).id)
    trusted = worker.checked(phone="0912345678", content=OTHER)
    assert (trusted.state, codes(trusted)) == ("approved", {"person_trusted"})
    first = worker.checked(content=SAID, address="198.51.100.1", browser="other")
    order(worker, first.id, Action.REJECT)
    again = worker.checked(phone="0912345678", content=SAID)
    assert again.state == "rejected"
    assert {"campaign_rejected", "person_trusted"} <= codes(again)
    worker.close()


def test_an_order_ends_by_itself_and_is_forgotten(worker: Worker) -> None:
    first = worker.checked(**WAITS)
    order(worker, first.id, Action.REJECT, until=now() - timedelta(seconds=1))
    assert worker.checked(content=SAID).state == "approved"
    assert worker.process.run(list_orders(worker.ledger)) == []
    assert len(worker.rows(campaign_orders)) == 1
    worker.process.run(erase_old(worker.ledger))
    assert worker.rows(campaign_orders) == []


def test_what_an_order_knows_the_next_ones_by_outlives_the_days_of_floods(worker: Worker) -> None:
    first = worker.checked(content=SAID, title="Không chờ ai")
    assert first.state == "approved"
    order(worker, first.id, Action.REJECT)
    old = now() - timedelta(days=worker.ledger.settings.flood_days, minutes=1)
    worker.run(fingerprints.update().values(at=old))
    worker.process.run(erase_old(worker.ledger))
    again = worker.checked(content=SAID, name="An")
    # Caught, and no copy of what came so long ago.
    assert (again.state, codes(again)) == ("rejected", {"campaign_rejected"})
    # With its first one erased, the campaign is known by the others.
    worker.process.run(erase(worker.ledger, first.id, "mai"))
    assert worker.checked(content=SAID, name="Bình").state == "rejected"
    order(worker, first.id, Action.HOLD)
    assert worker.checked(content=SAID, name="Chi").state == "held"
    worker.run(campaign_orders.update().values(until=old))
    worker.run(fingerprints.update().values(at=old))
    worker.run(sql.text("UPDATE submissions SET state = 'rejected' WHERE state = 'held'"))
    worker.process.run(erase_old(worker.ledger))
    assert worker.rows(fingerprints) == []


async def test_an_order_follows_when_campaigns_become_one(fragile: Installation) -> None:
    ledger, far = fragile.ledger(), 2**20 - 1
    prints = [
        *(made("b", 0, 1, 2, 3, 4), made("c", 1, 1, 12, 13, 14)),
        *(made("d", far, 5, 6, 7, 8), made("e", far - 1, 5, 16, 17, 18)),
        # Like both pairs.
        made("f", 2**10 - 1, 1, 6, 23, 24),
    ]
    soon, later = now() + timedelta(hours=1), now() + timedelta(hours=9)

    async def look(*some: int) -> None:
        looked = [prints[number] for number in some]
        await keep_prints(ledger, looked)
        async with ledger.database.reading() as connection:
            found = await alike(connection, looked, now() - timedelta(days=1))
        await join_campaigns(ledger, {name: each.ties for name, each in found.items()})

    async def orders() -> dict[str, Ordered]:
        async with ledger.database.reading() as connection:
            return await orders_on(connection, list("bcdef"), now())

    async def ordered(submission: str, action: Action, until: datetime) -> Ordered:
        await order_next(ledger, submission, action, "mai", until)
        return Ordered(action, until, "mai")

    # On one that stands alone it is moved to the campaign that one joins.
    await look(0)
    await look(3)
    kept = await ordered("e", Action.REJECT, soon)
    assert await orders() == {"e": kept}
    await look(1, 2)
    assert await orders() == dict.fromkeys("de", kept)
    # An older one, and one that has ended, give way to the last that stands.
    await ordered("c", Action.HOLD, now() - timedelta(seconds=1))
    await look(4)
    assert await orders() == dict.fromkeys("bcdef", kept)
    assert [each.campaign for each in await list_orders(ledger)] == ["b"]
    kept = await ordered("d", Action.HOLD, later)
    assert await orders() == dict.fromkeys("bcdef", kept)
    await ledger.close()


def test_copies_checked_at_once_are_all_caught(fragile: Installation) -> None:
    """By two workers, while a third person orders anew: none slips through, one order is left."""
    one, other = Worker(fragile), Worker(fragile)
    first = one.checked(**WAITS)
    order(one, first.id, Action.HOLD)
    for number in range(8):
        pair = [one.admit(content=SAID, name=f"{number}"), other.admit(content=f"{SAID} {number}")]
        jobs: list[Any] = [
            worker.process.start(check_submissions(worker.process, [submission]))
            for worker, submission in zip((one, other), pair, strict=True)
        ]
        until = now() + timedelta(hours=2)
        jobs.append(
            other.process.start(order_next(other.ledger, first.id, Action.REJECT, "nam", until))
        )
        for job in jobs:
            job.result(60)
        assert {one.entry(submission).state for submission in pair} <= {"held", "rejected"}
    last = one.checked(content=SAID)
    assert (last.state, last.campaign) == ("rejected", first.id)
    assert [row.campaign for row in one.rows(campaign_orders)] == [first.id]
    one.close()
    other.close()


def test_an_order_made_while_its_campaign_gets_its_name_is_not_lost(fragile: Installation) -> None:
    one, other = Worker(fragile, flood_copies=9), Worker(fragile)
    for number in range(6):
        text = f"{OTHER} Lần {number} {'x' * number}"
        # The older one is checked after the newer one, and so takes its campaign over.
        older, newer = one.admit(content=text), one.admit(content=text, name="An")
        one.check(newer)
        until = now() + timedelta(hours=1)

        async def ordered(submission: str = newer, until: datetime = until) -> Any:
            return await order_next(other.ledger, submission, Action.REJECT, "mai", until)

        jobs: list[Any] = [
            one.process.start(check_submissions(one.process, [older])),
            other.process.start(ordered()),
        ]
        for job in jobs:
            job.result(60)
        assert one.checked(content=text, name="Bình").state == "rejected"
    one.close()
    other.close()


async def call(desk: Desk, method: str, path: str, **sent: Any) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = desk.site.moderation + path
    async with desk.http.request(method, url, headers=headers, **sent) as response:
        return response.status, await response.json(content_type=None)


async def test_a_moderator_orders_by_the_desk(
    site: Installation, reader: Reader, desk: Desk
) -> None:
    content = f"{SAID} {DOUBTFUL['content']}"
    first = await reader.accepted(content=content)
    await reader.reaches(first, "held")
    nam = await Desk.log_in(site, "nam")
    path = f"/v1/campaigns/{first}/order"
    status, item = await call(nam, "POST", path, json={"action": "reject", "hours": 2})
    assert (status, item["campaign"], item["actor"]) == (200, first, "nam")
    assert (await nam.get("/v1/campaigns/orders"))[1] == {"items": [item], "next": None}
    second = await reader.accepted(content=content, name="An")
    await reader.reaches(second, "rejected")
    shown = await nam.text(f"/submissions/{second}", lang="vi")
    assert "bị từ chối theo lệnh của người duyệt" in shown
    # The check wrote it down in UTC.
    assert f"nam ({clock_of(item['until'], site.settings.zone)})" in shown
    page = await nam.page("/campaigns", lang="en")
    assert "<td>Reject</td>" in page
    assert "<td>1</td>" in page
    assert (await call(nam, "DELETE", path))[1] == {"id": first, "ended": True}
    assert (await call(nam, "DELETE", path))[0] == 200
    short = await reader.accepted(content="hay quá")
    refused: list[tuple[str, Any, int]] = [
        (first, {"action": "reject"}, 422),
        (first, {"action": "approve", "hours": 1}, 422),
        (first, {"action": "hold", "hours": 0}, 422),
        (first, {"action": "hold", "hours": 169}, 422),
        (first, {"action": "hold", "hours": "5"}, 422),
        (first, {"action": "hold", "hours": 1, "actor": "mai"}, 422),
        ("0" * 36, {"action": "hold", "hours": 1}, 404),
        (short, {"action": "hold", "hours": 1}, 422),
    ]
    await reader.reaches(short, "published")
    for submission, body, expected in refused:
        sent = await call(nam, "POST", f"/v1/campaigns/{submission}/order", json=body)
        assert sent[0] == expected, body
    assert (await nam.get("/v1/campaigns/orders"))[1]["items"] == []
    await by_form(nam, first, content, reader)
    await nobody_of_some_sections(site, nam, first)
    text = await desk.text("/audit", lang="vi")
    assert "đã ra lệnh cho các bình luận tiếp theo giống vậy" in text
    assert f"đến: {clock_of(item['until'], site.settings.zone)}" in text
    await nam.close()


async def by_form(nam: Desk, first: str, content: str, reader: Reader) -> None:
    headers = {"Origin": nam.site.moderation}

    async def post(path: str, **form: str) -> tuple[int, str]:
        form = {"csrf": nam.csrf, **form}
        url = nam.site.moderation + path
        async with nam.http.post(url, data=form, headers=headers) as response:
            return response.status, str(response.url.relative())

    path, back = f"/campaigns/{first}/order", "/?state=held"
    assert await post(path, action="hold", hours="24", back=back) == (
        200,
        "/?state=held&done=order_hold&count=24",
    )
    assert "24 giờ" in await nam.page("/", done="order_hold", count="24", lang="vi")
    third = await reader.accepted(content=content, name="Bình")
    await reader.reaches(third, "held")
    for wrong in ({"hours": "x"}, {"hours": "999"}, {"hours": "٣"}, {"action": "approve"}):
        assert (await post(path, **{"action": "hold", "hours": "1", **wrong}))[0] == 422
    assert (await post(path, action="hold", hours="1", back="//evil.example"))[1].startswith("/?")
    done = await post("/campaigns/order/remove", campaign=third, back="/campaigns")
    assert done == (200, "/campaigns?done=order_ended&count=1")
    assert (await nam.get("/v1/campaigns/orders"))[1]["items"] == []


async def nobody_of_some_sections(site: Installation, nam: Desk, first: str) -> None:
    """An order holds everywhere: who is there for sports alone gives none, and ends none."""
    ledger = site.ledger()

    async def there_for(*sections: str) -> None:
        async with ledger.database.writing() as connection:
            of_nam = accounts.update().where(accounts.c.login == "nam")
            await connection.execute(of_nam.values(sections=list(sections)))

    path = f"/v1/campaigns/{first}/order"
    await call(nam, "POST", path, json={"action": "hold", "hours": 1})
    await there_for("sports")
    for method in ("POST", "DELETE"):
        sent = {"json": {"action": "reject", "hours": 1}} if method == "POST" else {}
        status, answer = await call(nam, method, path, **sent)
        assert (status, answer["code"]) == (403, "sections_only")
    page = await nam.page("/campaigns", lang="en")
    assert "<td>Hold</td>" in page
    assert DOUBTFUL["title"] not in page
    await there_for()
    assert (await call(nam, "DELETE", path))[0] == 200
    await ledger.close()


def test_orders_by_two_at_once_are_one(worker: Worker) -> None:
    first = worker.checked(**WAITS)

    async def both() -> list[Any]:
        until = now() + timedelta(hours=1)
        return await asyncio.gather(
            *(order_next(worker.ledger, first.id, Action.HOLD, who, until) for who in ("a", "b"))
        )

    worker.process.run(both())
    assert len(worker.rows(campaign_orders)) == 1
