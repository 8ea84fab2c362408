"""Campaigns of rewritten texts: one card for what a flood advertises, and for nothing else."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commentdesk.database import now
from commentdesk.domain.state import Action
from commentdesk.ledger import desk
from commentdesk.ledger.campaign_orders import list_orders, order_next
from commentdesk.ledger.entries import Entry
from commentdesk.ledger.erase import erase, erase_old
from commentdesk.ledger.filters import Wanted
from commentdesk.ledger.fingerprints import NEAR_BITS, NEAR_BITS_OF_ONE_PHONE
from commentdesk.ledger.likeness import goes_by
from commentdesk.ledger.tables import fingerprints, ways_out
from commentdesk.ledger.words import add_word
from tests.checking import ARTICLES, HONEST, SAID, Worker, codes
from tests.installation import Installation
from tests.integration.test_campaign_orders import call
from tests.reader import Desk
from workers.checks.fingerprint import fingerprint
from workers.checks.reading import read_submission

_TEXTS = Path(__file__).parents[2] / "training/texts/honest/vi"
_WORDS = sorted({word for file in _TEXTS.glob("*.txt") for word in file.read_text("utf-8").split()})
_CHECKED: dict[str, Any] = {"flood_copies": 9}
# One number, as its sender hopes it is not read.
_NUMBER = (
    "0912 345 678",
    "o9l2.345.678",
    "+84 912-345-678",
    "không chín một hai ba bốn năm sáu bảy tám",
    "0⁠9⁠1⁠2⁠3⁠4⁠5⁠6⁠7⁠8",
)


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    opened = Worker(fragile, **_CHECKED)
    yield opened
    opened.close()


def rewritten(count: int, *ends: str) -> list[str]:
    """So many texts that share no three words, each with one of these ends in turn."""
    dice = random.Random(repr(ends))
    return [
        f"{' '.join(dice.sample(_WORDS, 22))} {ends[at % len(ends)]}"
        if ends
        else " ".join(dice.sample(_WORDS, 22))
        for at in range(count)
    ]


def sent(worker: Worker, texts: Sequence[str], **fields: Any) -> list[str]:
    """From many people on two articles, checked twenty at a time; their ids."""
    ids = [
        worker.admit(
            content=text,
            name=f"Bạn {at}",
            article=ARTICLES[at % 2],
            address=f"198.51.100.{at}",
            **fields,
        )
        for at, text in enumerate(texts)
    ]
    for start in range(0, len(ids), 20):
        worker.check(*ids[start : start + 20])
    return ids


def cards(worker: Worker) -> list[Entry]:
    """What waits, folded as the desk shows it."""
    page = worker.process.run(desk.listing(worker.ledger, Wanted(view="waiting"), fold=True))
    return page.items


def test_a_flood_of_rewritten_texts_with_one_host_is_one_card(worker: Worker) -> None:
    ends = ("xem vay-nhanh-24h.com/a", "ở www.Vay-Nhanh-24h.com", "hxxp://m.vay-nhanh-24h . com")
    ids = sent(worker, rewritten(60, *ends))
    [card] = cards(worker)
    assert (card.id, card.campaign, card.campaign_waiting) == (ids[0], ids[0], 60)
    assert card.campaign_by == [{"tie": "link", "count": 60, "shown": "vay-nhanh-24h.com"}]
    # It is no copy of anything: folded, and judged as before.
    assert not {code for each in ids for code in codes(worker.entry(each)) if "flood" in code}
    told = repr([*worker.rows(ways_out), *worker.rows(fingerprints)])
    assert "vay-nhanh" not in told
    # A copy without the link belongs to them, too, and the card says both.
    copy = worker.admit(
        content=worker.entry(ids[0]).content.replace("vay", "vai"), title="a.vidu.vn"
    )
    worker.check(copy)
    [card] = cards(worker)
    assert [(part["tie"], part["count"]) for part in card.campaign_by] == [
        ("link", 60),
        ("text", 1),
    ]
    worker.process.run(erase(worker.ledger, ids[1], "mai"))
    assert ids[1] not in {row.submission for row in worker.rows(ways_out)}
    worker.move(ids, state="rejected")
    old = now() - timedelta(days=worker.ledger.settings.flood_days, minutes=1)
    worker.run(fingerprints.update().values(at=old))
    worker.process.run(erase_old(worker.ledger))
    assert {row.submission for row in worker.rows(ways_out)} == {copy}


def test_one_number_however_it_is_written_is_one_card(worker: Worker) -> None:
    ids = sent(worker, rewritten(10, *_NUMBER))
    [card] = cards(worker)
    assert (card.campaign_waiting, card.campaign) == (10, ids[0])
    assert card.campaign_by == [{"tie": "number", "count": 10, "shown": "091…678"}]
    told = repr(worker.rows(ways_out))
    assert "912345678" not in told
    assert "091…678" not in told


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        (
            ("t.me/VayNhanh", "telegram @vaynhanh", "tele: https://t.me/vaynhanh?start=1"),
            "vaynhanh",
        ),
        (("bit.ly/3AbCd", "https://bit.ly/3AbCd", "bit.ly/3AbCd!"), "bit.ly/3AbCd"),
        (
            ("vay@vidu-tien.com", "gửi VAY@vidu-tien.com", "mail vay@vidu-tien.com"),
            "vay@vidu-tien.com",
        ),
    ],
)
def test_a_name_behind_everybodys_host_is_somebodys(
    worker: Worker, ends: tuple[str, ...], shown: str
) -> None:
    sent(worker, rewritten(3, *ends))
    [card] = cards(worker)
    assert [part["shown"] for part in card.campaign_by] == [shown]


def test_what_everybody_links_to_makes_no_campaign(fragile: Installation) -> None:
    worker = Worker(fragile, **_CHECKED, sites=["https://bao.vidu.vn"])
    ended = [
        "youtube.com/watch?v=a",
        "facebook.com/trang",
        "https://youtu.be/b",
        "vi.wikipedia.org/c",
    ]
    ended += ["bao.vidu.vn/d", "chinhphu.gov.vn/e", "bit.ly/f", "hotline 1900 9095", "allowed.vn/g"]
    worker.process.run(add_word(worker.ledger, "allowed.vn", "allowed_host", "mai"))
    for end in ended:
        ids = sent(worker, [f"{text}{at}" for at, text in enumerate(rewritten(4, end))])
        assert {worker.entry(each).campaign for each in ids} == {None}, end
    # Two who know the same blog are two readers.
    ids = sent(worker, rewritten(2, "blog.vidu-ghichep.vn"))
    assert {worker.entry(each).campaign for each in ids} == {None}
    worker.close()


def test_a_regular_or_a_family_with_one_phone_is_no_campaign(fragile: Installation) -> None:
    worker = Worker(fragile, **_CHECKED, burst_phone=3)
    ids = sent(worker, rewritten(6), phone="0912345678")
    assert {worker.entry(each).campaign for each in ids} == {None}
    # Faster than anybody types it is one, and the card says why.
    ids += sent(worker, rewritten(8, "xem thu.vn")[6:], phone="0912 345 678")
    card = cards(worker)[0]
    assert {worker.entry(each).campaign for each in ids} == {ids[0]}
    assert card.campaign_by[0]["tie"] == "phone"
    assert card.campaign_by[0]["shown"] == "091…678"
    worker.close()


def test_what_one_phone_rewrites_by_hand_is_told_sooner(worker: Worker) -> None:
    one, other = (loosely_alike(seed) for seed in (1, 2))
    assert {worker.checked(content=text, name="An").campaign for text in one} == {None}
    first, second = (worker.checked(content=text, phone="0912345678") for text in other)
    assert second.campaign == first.id


def loosely_alike(seed: int) -> tuple[str, str]:
    """A text and what its writer made of it: near for one phone, and not for strangers."""
    dice = random.Random(seed)
    while True:
        words = dice.sample(_WORDS, 30)
        changed = [dice.choice(_WORDS) if dice.random() < 0.15 else word for word in words]
        one, other = (" ".join(each) for each in (words, changed))
        a, b = (fingerprint(read_submission(replace(HONEST, content=t))) for t in (one, other))
        if a and b and any(x == y for x, y in zip(a.least, b.least, strict=True)):
            bits = ((a.simhash ^ b.simhash) & (2**64 - 1)).bit_count()
            if NEAR_BITS < bits <= NEAR_BITS_OF_ONE_PHONE:
                return one, other


def test_an_order_on_what_is_advertised_catches_the_next(worker: Worker) -> None:
    texts = rewritten(6, "vay-nhanh-24h.com")
    until = now() + timedelta(hours=1)

    def ordered(submission: str, action: Action) -> None:
        worker.process.run(order_next(worker.ledger, submission, action, "mai", until))

    def common() -> list[tuple[str, str]]:
        orders = worker.process.run(list_orders(worker.ledger))
        found = worker.process.run(goes_by(worker.ledger, orders))
        return [(part.tie, part.shown) for order in orders for part in found[order.campaign]]

    # One waiting comment is enough, and one too short to be told by its text.
    first = worker.checked(content="vay-nhanh-24h.com")
    ordered(first.id, Action.REJECT)
    assert common() == [("link", "vay-nhanh-24h.com")]
    second = worker.checked(content=texts[0])
    assert (second.state, second.campaign) == ("rejected", first.id)
    assert "campaign_rejected" in codes(second)
    assert worker.checked(content=f"{SAID} khac-han.com").state == "held"
    third = worker.checked(content=texts[1], name="An")
    assert third.state == "rejected"
    # What single members say beside it is not what they have in common.
    also = worker.checked(content=f"{texts[2]} nguoi-khac.vn")
    assert also.state == "rejected"
    assert worker.checked(content=f"{SAID} nguoi-khac.vn").state == "held"
    assert common() == [("text", ""), ("link", "vay-nhanh-24h.com")]
    # Campaigns become one: the order made last goes on.
    others = sent(worker, rewritten(9, "sim-so-dep.vn")[6:])
    ordered(others[1], Action.HOLD)
    both = worker.checked(content=f"{texts[3]} sim-so-dep.vn")
    assert (both.state, both.campaign) == ("held", first.id)
    assert worker.checked(content=texts[4]).state == "held"
    assert ("link", "sim-so-dep.vn") in common()


async def test_at_the_desk_it_is_one_and_says_why(site: Installation, desk: Desk) -> None:
    worker = Worker(site, **_CHECKED)
    ids = sent(worker, rewritten(4, "vay-nhanh-24h.com"))
    page = await desk.text("/", lang="en")
    assert "4 like this: the same link vay-nhanh-24h.com. What you decide here" in page
    assert "cùng một liên kết vay-nhanh-24h.com." in await desk.text("/", lang="vi")
    # What differs is there when it is unfolded.
    apart = await desk.text("/", campaign=ids[0])
    assert all(worker.entry(each).content[:40] in apart for each in ids)
    body = {"campaign": ids[0], "action": "reject", "reason": "spam"}
    status, answer = await call(desk, "POST", "/v1/decisions", json=body)
    assert (status, len(answer["results"])) == (200, 4)
    status, undone = await call(desk, "POST", f"/v1/decisions/{answer['batch']}/undo", json={})
    assert {result["state"] for result in undone["results"]} == {"held"}
    order = {"action": "hold", "hours": 1}
    status, item = await call(desk, "POST", f"/v1/campaigns/{ids[0]}/order", json=order)
    assert item["by"][1] == {"tie": "link", "count": 4, "shown": "vay-nhanh-24h.com"}
    assert (await desk.get("/v1/campaigns/orders"))[1]["items"] == [item]
    assert "nearly the same text; the same link vay-nhanh-24h.com" in await desk.text(
        "/campaigns", lang="en"
    )
    worker.close()
