"""Bans: set by submission, matched by keyed hash, with an end, and all of it written down."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.ledger.audit import recent
from commentdesk.ledger.bans import Ban, NothingToBan, ban, lift_ban, list_bans
from commentdesk.ledger.erase import erase, erase_old
from commentdesk.ledger.tables import bans
from tests.checking import Worker, codes
from tests.installation import Installation
from tests.reader import Desk, Reader
from workers.process import JobFailed

PHONE = "0912345678"


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    made = Worker(fragile)
    yield made
    made.close()


def set_ban(worker: Worker, submission: str, kind: BanKind, **more: Any) -> Ban:
    made = worker.process.run(ban(worker.ledger, submission, kind, "mai", **more))
    assert made
    return made


def test_what_is_banned_is_known_in_every_writing(worker: Worker) -> None:
    banned = worker.checked(phone=PHONE, name="Lê Văn Tám", address="2001:db8:1:2::1")
    for kind in BanKind:
        set_ban(worker, banned.id, kind)
    same: list[tuple[dict[str, str], str]] = [
        ({"phone": "+84 (0)912.345.678"}, "banned_phone"),
        ({"name": "LE VAN TAM"}, "banned_name"),
        ({"address": "2001:db8:1:2:ffff::2"}, "banned_address"),
    ]
    for fields, code in same:
        entry = worker.checked(**fields)
        assert (entry.state, codes(entry)) == ("held", {code})
    others = {"phone": "0912345679", "name": "Lê Văn Tàm Hai", "address": "2001:db8:1:3::1"}
    assert worker.checked(**others).state == "approved"
    # All kinds at once are surely bad.
    everything = worker.checked(phone=PHONE, name="Lê Văn Tám", address="2001:db8:1:2::1")
    assert everything.state == "rejected"
    told = repr(worker.rows(bans))
    assert PHONE not in told
    assert "2001:" not in told
    assert "Tám" not in told


def test_a_ban_ends_and_is_lifted_and_set_anew(worker: Worker) -> None:
    submission = worker.checked(phone=PHONE).id
    made = set_ban(worker, submission, BanKind.PHONE, until=now() + timedelta(days=1), note="cũ")
    assert worker.checked(phone=PHONE).state == "held"
    worker.run(bans.update().values(until=now() - timedelta(seconds=1)))
    assert worker.checked(phone=PHONE).state == "approved"
    # Set anew it is the same ban, now without an end.
    again = set_ban(worker, submission, BanKind.PHONE)
    assert (again.id, again.until, again.note) == (made.id, None, "")
    assert worker.checked(phone=PHONE).state == "held"
    lift = [worker.process.run(lift_ban(worker.ledger, made.id, "nam")) for _ in range(2)]
    assert lift == [True, False]
    assert worker.checked(phone=PHONE).state == "approved"
    deeds = worker.process.run(recent(worker.ledger))
    assert [(d.actor, d.action, d.submission) for d in deeds[:3]] == [
        ("nam", "lift_ban", submission),
        ("mai", "ban", submission),
        ("mai", "ban", submission),
    ]
    set_ban(worker, submission, BanKind.PHONE, until=now() - timedelta(seconds=1))
    worker.process.run(erase_old(worker.ledger))
    assert worker.process.run(list_bans(worker.ledger)) == []


def test_a_ban_outlives_what_it_was_taken_from_but_its_note_does_not(worker: Worker) -> None:
    submission = worker.checked(phone=PHONE, name="Lê Văn Tám").id
    set_ban(worker, submission, BanKind.PHONE, note="Lê Văn Tám, đã gọi 0912345678")
    worker.process.run(erase(worker.ledger, submission, "mai"))
    [left] = worker.process.run(list_bans(worker.ledger))
    assert left.note == ""
    assert "Tám" not in repr(worker.process.run(recent(worker.ledger)))
    assert codes(worker.checked(phone=PHONE)) == {"banned_phone"}
    with pytest.raises(JobFailed, match=NothingToBan.__name__):
        set_ban(worker, submission, BanKind.PHONE)


def test_two_moderators_ban_one_phone_at_once(worker: Worker) -> None:
    submission = worker.checked(phone=PHONE).id

    async def both() -> list[Ban | None]:
        return await asyncio.gather(
            *(ban(worker.ledger, submission, BanKind.PHONE, who) for who in ("mai", "nam"))
        )

    made = worker.process.run(both())
    assert len({each.id for each in made if each}) == 1


async def test_a_moderator_bans_by_the_desk(site: Installation, reader: Reader) -> None:
    first = await reader.accepted(phone="0987000111", content="Tôi không đồng ý.")
    nam = await Desk.log_in(site, "nam")
    headers = {"X-CSRF-Token": nam.csrf, "Origin": site.moderation}
    url = f"{site.moderation}/v1/bans"

    async def post(**body: Any) -> tuple[int, dict[str, Any]]:
        async with nam.http.post(url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    status, made = await post(submission=first, kind="phone", days=7, note="quấy rối")
    assert (status, made["kind"], made["actor"]) == (200, "phone", "nam")
    assert made["until"].endswith("Z")
    second = await reader.accepted(phone="+84 987 000 111", content="Lần nữa.")
    await reader.reaches(second, "held")
    assert "số điện thoại đã bị cấm" in await nam.text(f"/submissions/{second}", lang="vi")
    listed = (await nam.get("/v1/bans"))[1]
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert "0987000" not in str(listed)
    async with nam.http.delete(f"{url}/{made['id']}", headers=headers) as response:
        assert response.status == 200
    assert (await nam.get("/v1/bans"))[1]["items"] == []
    third = await reader.accepted(phone="0987000111", content="Lần thứ ba.")
    await reader.reaches(third, "published")
    without = await reader.accepted(content="Không có số.")
    refused: list[tuple[dict[str, Any], int]] = [
        ({"submission": without, "kind": "phone"}, 422),
        ({"submission": "0" * 36, "kind": "phone"}, 404),
        ({"submission": first, "kind": "browser"}, 422),
        ({"submission": first, "kind": "phone", "days": 0}, 422),
        ({"submission": first, "kind": "phone", "value": "0912345678"}, 422),
    ]
    for body, expected in refused:
        assert (await post(**body))[0] == expected
    await nam.close()
