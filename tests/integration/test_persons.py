"""What a phone's and a browser's past does for a comment, through the check job."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from commentdesk.database import now
from commentdesk.domain.memory import BanKind
from commentdesk.ledger.bans import ban
from commentdesk.ledger.tables import submissions
from tests.checking import Worker, codes
from tests.installation import Installation

PHONE, BROWSER = "0912345678", "203.0.113.0/24\nFirefox\nvi"
DOUBTFUL = "Tôi đọc thấy điều này ở trang vidu-tintuc.com hôm qua."
BAD = "Ai cần vay tiền nhanh thì vay tiền nhanh ở đây"


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    made = Worker(fragile, trusted_after=3)
    yield made
    made.close()


def decided(worker: Worker, action: str, number: int, **fields: str) -> None:
    """So many doubtful comments, decided by a moderator."""
    for _ in range(number):
        entry = worker.checked(**{"content": DOUBTFUL, **fields})
        assert entry.state == "held"
        worker.decide(action, entry.id)


def test_whom_moderators_know_is_waved_through_when_doubtful_never_when_bad(
    worker: Worker,
) -> None:
    known = {"phone": PHONE, "browser": BROWSER}
    decided(worker, "approve", 3, **known)
    waved = worker.checked(content=DOUBTFUL, **known)
    assert waved.state == "approved"
    assert {"link", "person_trusted"} <= codes(waved)
    # What is bad, and what a check could not answer, waits as anybody's.
    assert worker.checked(content=BAD, **known).state != "approved"
    # Neither the number alone nor the browser alone is the person.
    for half in ({"phone": PHONE, "browser": "elsewhere"}, {"phone": "", "browser": BROWSER}):
        entry = worker.checked(content=DOUBTFUL, **half)
        assert entry.state == "held"
        assert "person_trusted" not in codes(entry)
    # One rejection ends it.
    decided(worker, "reject", 1, phone=PHONE, browser="elsewhere")
    assert worker.checked(content=DOUBTFUL, **known).state == "held"


def test_nobody_is_known_and_banned_at_once(worker: Worker) -> None:
    known = {"phone": PHONE, "browser": BROWSER}
    decided(worker, "approve", 3, **known)
    waved = worker.checked(content=DOUBTFUL, **known)
    worker.process.run(ban(worker.ledger, waved.id, BanKind.PHONE, "mai"))
    entry = worker.checked(content=DOUBTFUL, **known)
    assert entry.state != "approved"
    assert "banned_phone" in codes(entry)
    assert "person_trusted" not in codes(entry)


def test_the_machines_approvals_make_nobody_known(worker: Worker) -> None:
    for _ in range(5):
        assert worker.checked(phone=PHONE).state == "approved"
    assert worker.checked(phone=PHONE, content=DOUBTFUL).state == "held"


def test_a_browser_that_is_often_rejected_is_held(worker: Worker) -> None:
    decided(worker, "reject", 3, phone=PHONE)
    entry = worker.checked(phone="0988888888")
    assert (entry.state, codes(entry)) == ("held", {"person_browser_rejected"})
    # Somebody else who gives that phone is told of, and goes on.
    entry = worker.checked(phone="+84 912 345 678", browser="elsewhere")
    assert (entry.state, codes(entry)) == ("approved", {"person_phone_rejected"})
    # Long ago is long ago.
    days = worker.ledger.settings.person_days + 1
    ids = [row.id for row in worker.rows(submissions)]
    worker.move(ids, received_at=now() - timedelta(days=days))
    assert codes(worker.checked(phone=PHONE)) == set()


def test_newcomers_wait_until_enough_of_theirs_were_approved(fragile: Installation) -> None:
    worker = Worker(fragile, newcomers_held=2)
    for number in range(2):
        entry = worker.checked(phone=PHONE)
        assert (entry.state, codes(entry)) == ("held", {"person_newcomer"})
        [person] = [f for f in entry.findings if f["check"] == "person"]
        assert person["reasons"][0]["text"] == f"{number}/2"
        worker.decide("approve", entry.id)
    assert worker.checked(phone=PHONE).state == "approved"
    # From another browser by the phone, and with no phone by the browser.
    assert worker.checked(phone=PHONE, browser="elsewhere").state == "approved"
    assert worker.checked(phone="").state == "approved"
    assert worker.checked(phone="", browser="elsewhere again").state == "held"
    worker.close()
