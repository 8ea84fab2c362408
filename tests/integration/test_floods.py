"""Floods, bursts and campaigns, through the check job on both databases."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.ledger.campaigns import join_campaigns
from commentdesk.ledger.claim import overdue
from commentdesk.ledger.erase import erase, erase_old
from commentdesk.ledger.fingerprints import Print, alike, keep_prints
from commentdesk.ledger.policies import scope_of
from commentdesk.ledger.tables import fingerprints, submissions
from commentdesk.ledger.tightenings import tighten
from tests.checking import ARTICLES, SAID, Worker, codes
from tests.installation import Installation
from workers.check import check_submissions
from workers.process import JobFailed

_OTHER = "Giá vé xe buýt tăng thì sinh viên như chúng em chịu nhiều nhất, mong xem lại sớm."

# All quote one sentence of the article, and say something else about it.
_QUOTED = (
    "“Thành phố sẽ thí điểm thu phí phương tiện vào trung tâm trong giờ cao điểm từ đầu năm sau”"
)
_ABOUT_IT = (
    "Đọc câu này mà tôi giật mình, vì nhà tôi ở ngay trong phố cổ, mỗi ngày chở hai con đi học bốn "
    "lượt thì tiền đâu mà đóng cho xuể, mong thành phố tính lại cho dân.",
    "Tôi ủng hộ hai tay. Ở Singapore người ta làm từ lâu rồi, đường thông thoáng, xe buýt chạy "
    "đúng giờ, có điều phải làm tàu điện cho xong trước đã thì bà con mới có cái mà đi.",
    "Xin hỏi tác giả là xe giao hàng, xe chở bệnh nhân với xe của người khuyết tật có được miễn "
    "hay không, bài viết chưa thấy nhắc tới, nếu không miễn thì hàng hóa sẽ lên giá hết.",
    "Chưa làm bãi đỗ vệ tinh đã đòi thu thì khác nào đánh đố. Cứ nhìn cầu vượt Ngã Tư Sở chiều thứ "
    "sáu là biết, ai không tin mời ra đứng thử nửa tiếng cho vui.",
)


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    made = Worker(fragile, flood_copies=2)
    yield made
    made.close()


def test_on_a_breaking_story_half_as_many_copies_are_a_flood(worker: Worker) -> None:
    until = now() + timedelta(hours=1)
    worker.process.run(tighten(worker.ledger, scope_of(ARTICLES[1]), until, "mai"))
    calm = [worker.checked(content=SAID, address=f"198.51.100.{n}") for n in range(2)]
    assert [entry.state for entry in calm] == ["approved", "approved"]
    assert worker.checked(content=_OTHER, article=ARTICLES[1]).state == "approved"
    copied = worker.checked(content=_OTHER, article=ARTICLES[1], address="198.51.100.9")
    assert (copied.state, codes(copied)) == ("held", {"flood_same_text"})


def test_a_text_that_comes_again_is_held_whoever_sends_it_wherever(worker: Worker) -> None:
    first = worker.checked(content=SAID)
    second = worker.checked(content=SAID, article=ARTICLES[1], name="An", address="198.51.100.1")
    assert (first.state, second.state) == ("approved", "approved")
    # The same to a reader: no accents, other case, hidden characters, broken words.
    disguised = SAID.upper().replace("HỒ", "H\u200bỒ")
    third = worker.checked(content=disguised, name="Bình", address="198.51.100.2")
    assert third.state == "held"
    assert "flood_same_text" in codes(third)
    [reason] = next(f for f in third.findings if f["check"] == "flood")["reasons"]
    assert reason["text"].startswith("3 × (")
    # All of them, the published ones too, are one campaign, named for its first.
    assert {worker.entry(e.id).campaign for e in (first, second, third)} == {first.id}
    assert worker.checked(content=_OTHER).state == "approved"


def test_a_text_changed_a_little_is_told_from_another(worker: Worker) -> None:
    texts = [SAID, SAID.replace("Sáng nay", "Hôm qua"), f"{SAID} 8842", f"Alo! {SAID}"]
    found = [worker.checked(content=text) for text in texts]
    assert [entry.state for entry in found[:2]] == ["approved", "approved"]
    assert all("flood_near_text" in codes(entry) for entry in found[2:])
    assert {worker.entry(entry.id).campaign for entry in found} == {found[0].id}
    apart = worker.checked(content=_OTHER)
    assert (apart.state, apart.campaign) == ("approved", None)


def test_readers_who_quote_the_same_sentence_are_no_flood(worker: Worker) -> None:
    for number, said in enumerate(_ABOUT_IT):
        entry = worker.checked(content=f"{_QUOTED} {said}", name=f"Bạn {number}")
        assert "flood" not in {f["check"] for f in entry.findings if f["outcome"] != "clean"}
        assert entry.campaign is None


def test_many_copies_are_bad(worker: Worker) -> None:
    ids = [worker.admit(content=SAID, name=f"Bạn {number}") for number in range(9)]
    worker.check(*ids)
    # All of one batch see each other.
    for submission in ids:
        [flood] = [f for f in worker.entry(submission).findings if f["check"] == "flood"]
        assert flood["outcome"] == "bad"


@pytest.mark.parametrize("remark", ["hay quá", "ủng hộ", "Cảm ơn tác giả, bài viết rất hay!"])
def test_what_everybody_says_is_no_flood(worker: Worker, remark: str) -> None:
    for number in range(6):
        entry = worker.checked(content=remark, title="Hay", name=f"Bạn {number}")
        assert entry.state == "approved"
        assert entry.campaign is None


def test_bursts_of_an_address_a_phone_an_article(fragile: Installation) -> None:
    worker = Worker(fragile, burst_address=3, burst_phone=3, burst_article=8)
    for number in range(3):
        worker.checked(phone="0912345678", address=f"203.0.113.{number}")
    entry = worker.checked(phone="+84 (0)912 345 678", address="203.0.113.99")
    assert (entry.state, codes(entry)) == ("held", {"burst_phone"})
    # One /64 is one sender.
    for number in range(3):
        worker.checked(address=f"2001:db8:1:2::{number}")
    entry = worker.checked(address="2001:db8:1:2:ffff::9")
    assert (entry.state, codes(entry)) == ("held", {"burst_address"})
    # A busy article is told, and holds nobody by itself.
    entry = worker.checked(address="192.0.2.200")
    assert (entry.state, codes(entry)) == ("approved", {"burst_article"})
    # What came long before is no burst.
    rows = [row.submission for row in worker.rows(fingerprints)]
    earlier = fingerprints.update().values(at=now() - timedelta(hours=1))
    worker.run(earlier.where(fingerprints.c.submission.in_(rows)))
    assert codes(worker.checked(phone="0912345678", address="2001:db8:1:2::1")) == set()
    worker.close()


def test_one_phone_with_many_names_and_one_address_with_many_phones(
    fragile: Installation,
) -> None:
    worker = Worker(fragile, names_per_phone=2, phones_per_address=3)
    for name in ("An", "Bình"):
        assert codes(worker.checked(phone="0912345678", name=name)) == set()
    # The same name in another spelling is no other name.
    assert codes(worker.checked(phone="0912345678", name="BINH")) == set()
    assert codes(worker.checked(phone="0912345678", name="Chi")) == {"phone_many_names"}
    for number in ("0912345679", "0912345680"):
        worker.checked(phone=number)
    assert codes(worker.checked(phone="0912345681")) == {"address_many_phones"}
    assert codes(worker.checked(phone="0912345682", address="192.0.2.9")) == set()
    worker.close()


def test_of_two_workers_with_two_copies_one_sees_the_other(fragile: Installation) -> None:
    """Both at once, again and again: never are both waved through."""
    one, other = (Worker(fragile, flood_copies=1) for _ in range(2))
    for number in range(8):
        text = f"{SAID} {_OTHER} Lần {number} {'x' * number}"
        pair = [one.admit(content=text), one.admit(content=text, name="Bình")]
        jobs = [
            worker.process.start(check_submissions(worker.process, [submission]))
            for worker, submission in zip((one, other), pair, strict=True)
        ]
        for job in jobs:
            job.result(60)
        found = [one.entry(submission) for submission in pair]
        assert any(entry.state == "held" for entry in found)
        assert len({entry.campaign for entry in found}) == 1
        assert found[0].campaign is not None
    one.close()
    other.close()


def made(submission: str, simhash: int, *least: int) -> Print:
    text = f"{submission} {simhash}".encode()
    return Print(submission, now(), "a", None, None, None, text, simhash, least)


async def test_a_new_member_joins_campaigns_into_one(fragile: Installation) -> None:
    """Whoever comes first names it, and joining twice, or both at once, changes nothing."""
    ledger = fragile.ledger()
    far = 2**20 - 1
    prints = [
        *(made("b", 0, 1, 2, 3, 4), made("c", 1, 1, 12, 13, 14)),
        *(made("d", far, 5, 6, 7, 8), made("e", far - 1, 5, 16, 17, 18)),
        # Ten bits from either pair, and from signed numbers too.
        made("f", 2**10 - 1, 1, 6, 23, 24),
        *(made("g", -(2**63), 31, 32, 33, 34), made("h", -(2**63) + 1, 31, 42, 43, 44)),
    ]

    async def campaigns() -> dict[str, str | None]:
        async with ledger.database.reading() as connection:
            rows = await connection.execute(sql.select(fingerprints))
            return {row.submission: row.campaign for row in rows}

    async def look(some: list[Print]) -> None:
        await keep_prints(ledger, some)
        async with ledger.database.reading() as connection:
            found = await alike(connection, some, now() - timedelta(days=1))
        await join_campaigns(ledger, {name: each.ties for name, each in found.items()})

    await look(prints[:4])
    assert await campaigns() == {"b": "b", "c": "b", "d": "d", "e": "d"}
    await asyncio.gather(look(prints[4:5]), look(prints[5:]), look(prints[:2]))
    expected = dict.fromkeys("bcdef", "b") | dict.fromkeys("gh", "g")
    assert await campaigns() == expected
    await look(prints)
    assert await campaigns() == expected
    await ledger.close()


def test_fingerprints_are_forgotten_but_for_what_waits(worker: Worker) -> None:
    published = worker.checked(content=SAID)
    waiting = worker.checked(content=SAID, title="vidu-quangcao.com")
    assert waiting.state == "held"
    assert waiting.campaign == published.id
    old = now() - timedelta(days=worker.ledger.settings.flood_days, minutes=1)
    worker.run(fingerprints.update().values(at=old))
    # Too old to be compared with, and not yet forgotten.
    fresh = worker.checked(content=SAID)
    assert (fresh.state, fresh.campaign) == ("approved", None)
    worker.process.run(erase_old(worker.ledger))
    left = {row.submission for row in worker.rows(fingerprints)}
    assert left == {waiting.id, fresh.id}
    assert worker.entry(waiting.id).campaign == published.id
    # Erased on request: at once.
    worker.process.run(erase(worker.ledger, waiting.id, "mai"))
    assert {row.submission for row in worker.rows(fingerprints)} == {fresh.id}


def test_a_fingerprint_tells_no_text_no_number_and_no_name(worker: Worker) -> None:
    worker.checked(content=SAID, phone="0912345678", name="Lê Văn Tám")
    told = repr(worker.rows(fingerprints)).encode()
    for word in (SAID[:8], "0912345678", "912345678", "203.0.113.7", "Tám"):
        assert word.encode() not in told


def test_without_memory_nothing_is_waved_through(worker: Worker) -> None:
    """The database refuses the question: the job fails, and the reconciler tries again."""
    submission = worker.admit(content=SAID)
    worker.run(sql.text("ALTER TABLE fingerprints RENAME TO mislaid"))
    with pytest.raises(JobFailed):
        worker.check(submission)
    assert [row.state for row in worker.rows(submissions)] == ["received"]
    worker.run(sql.text("ALTER TABLE mislaid RENAME TO fingerprints"))
    over = now() - timedelta(seconds=1)
    worker.move([submission], lease_until=over, due_at=over)
    assert [row.id for row in worker.process.run(overdue(worker.ledger))] == [submission]
    worker.check(submission)
    assert worker.entry(submission).state == "approved"
