"""Rehearsals: what a rule would have done is told as it is, and harms no other work."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.text import fold
from commentdesk.ledger.decide import decide
from commentdesk.ledger.erase import erase
from commentdesk.ledger.rehearsals import (
    Rehearsal,
    ask_rehearsal,
    cancel_rehearsal,
    finish_rehearsal,
    forget_rehearsals,
    list_rehearsals,
    read_rehearsal,
    still_wanted,
    take_rehearsals,
)
from commentdesk.ledger.tables import rehearsals, submissions
from commentdesk.ledger.words import add_word
from tests.checking import Worker
from tests.installation import Installation
from workers.rehearse import rehearse_rules

FINE = "Sáng nay tôi đi bộ quanh hồ {}, gặp nhiều người quen cũ."


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    made = Worker(fragile)
    yield made
    made.close()


def words(kind: str, *texts: str, match: str = "word", about: str = "") -> dict[str, Any]:
    listed = [[kind, text, fold(text), match] for text in texts]
    return {"what": "words", "kind": kind, "match": match, "words": listed, "about": about}


def refuse(worker: Worker, submission: str, reason: str) -> None:
    entry = worker.entry(submission)
    action = "reject" if entry.state == "held" else "remove"
    if entry.state == "approved":
        worker.move([submission], state="published")
    items = [(submission, entry.version)]
    decided = decide(worker.ledger, items=items, action=action, actor="mai", reason=reason)
    [done] = worker.process.run(decided)
    assert done.result == "done"


def tried(worker: Worker, rule: dict[str, Any]) -> dict[str, Any]:
    asked = worker.process.run(ask_rehearsal(worker.ledger, rule, "bien"))
    worker.process.run(rehearse_rules(worker.process, [asked.id]))
    found = read(worker, asked.id)
    assert (found.state, found.seen, found.ended_at is None) == ("done", found.total, False)
    return found.result


def read(worker: Worker, rehearsal: str) -> Rehearsal:
    found = worker.process.run(read_rehearsal(worker.ledger, rehearsal))
    assert found
    return found


def figures(result: dict[str, Any]) -> dict[str, int]:
    names = ("caught", "wrong", "right", "waiting", "missed")
    return {name: result[name]["count"] for name in names}


def ids(result: dict[str, Any], name: str) -> set[str]:
    return {example["id"] for example in result[name]["examples"]}


def test_words_hosts_and_patterns_catch_miss_and_let_pass(worker: Worker) -> None:
    honest = worker.checked(content="Hàng cây dừa nước ở quê tôi.")
    refused = [worker.checked(content=f"Bán dừa  NƯỚC giá rẻ {n}").id for n in range(2)]
    missed = worker.checked(content="Bán d.ừ.a khô").id
    insult = worker.checked(content="Đồ dừa").id
    waiting = worker.checked(content="Dừa nước ở vidu-dua.com").id
    linked = worker.checked(content="Xem vidu-cam.com/a nhé").id
    for submission in (*refused, missed):
        refuse(worker, submission, "spam")
    refuse(worker, insult, "insult")
    old = worker.checked(content="dừa nước").id
    worker.move([old], received_at=now() - timedelta(days=31))
    gone = worker.checked(content="dừa nước").id
    worker.process.run(erase(worker.ledger, gone, "mai"))
    worker.admit(content="dừa nước chưa xem")

    result = tried(worker, words("banned", "dừa nước", about="spam"))
    assert result["looked_at"] == 7
    assert figures(result) == {"caught": 4, "wrong": 1, "right": 2, "waiting": 1, "missed": 1}
    assert (result["meant"], ids(result, "missed")) == (3, {missed})
    assert ids(result, "wrong") == {honest.id}
    assert ids(result, "waiting") == {waiting}
    [example] = result["wrong"]["examples"]
    assert example["marks"] == [{"code": "word_banned", "field": "content", "span": [9, 17]}]
    assert figures(tried(worker, words("banned", "dừa nước")))["missed"] == 2

    pattern = words("banned", r"b[aá]n\s+d", match="pattern", about="spam")
    assert figures(tried(worker, pattern))["right"] == 3
    assert ids(tried(worker, words("banned_host", "vidu-cam.com")), "waiting") == {linked}

    let_pass = tried(worker, words("allowed_host", "vidu-dua.com"))
    assert ids(let_pass, "waiting") == {waiting}
    worker.process.run(add_word(worker.ledger, "dừa nước", "suspect", "mai"))
    worker.process.lists._read_at = 0
    assert figures(tried(worker, words("allowed", "dừa nước ở quê")))["caught"] == 1
    assert figures(tried(worker, words("allowed", "quê tôi")))["caught"] == 0


def test_steps_and_bans_are_rehearsed_too(worker: Worker) -> None:
    advertised = "Giảm cân sau 7 ngày, zalo 0912 345 678, vidu-a.com"
    one = worker.checked(content=FINE.format(1), phone="0912345678", address="198.51.100.9")
    two = worker.checked(content=advertised, phone="0912345678", name="Người Khác")
    other = worker.checked(content=FINE.format(2), article="bai-hai")
    rule = {"what": "threshold", "part": "hold", "one_in": 1000, "article": "", "about": ""}
    assert ids(tried(worker, rule), "waiting") == {two.id}
    assert tried(worker, {**rule, "article": "bai-hai"})["looked_at"] == 1
    never = {**rule, "part": "reject", "one_in": 0}
    assert figures(tried(worker, never))["caught"] == 0
    ban = {"what": "ban", "submission": one.id, "about": ""}
    assert ids(tried(worker, {**ban, "kind": "phone"}), "caught") == {one.id, two.id}
    assert ids(tried(worker, {**ban, "kind": "name"}), "caught") == {one.id, other.id}
    assert ids(tried(worker, {**ban, "kind": "address"}), "caught") == {one.id}
    gone = {**ban, "submission": "0" * 36, "kind": "phone"}
    assert figures(tried(worker, gone))["caught"] == 0
    worker.run(submissions.update().values(phone_hash=None))
    assert figures(tried(worker, {**ban, "kind": "phone"}))["caught"] == 0, "nothing is no number"


def test_there_are_no_more_than_twenty_examples_and_they_are_the_newest(worker: Worker) -> None:
    made = [worker.admit(content=FINE.format(n)) for n in range(25)]
    worker.check(*made)
    result = tried(worker, words("suspect", "quanh hồ"))
    assert result["caught"]["count"] == 25
    assert [example["id"] for example in result["caught"]["examples"]] == sorted(made)[:4:-1]


def test_one_editor_has_one_and_it_can_be_cancelled(worker: Worker) -> None:
    run, ledger = worker.process.run, worker.ledger
    rule = words("banned", "dừa")

    async def at_once() -> Sequence[Rehearsal]:
        asking = (ask_rehearsal(ledger, rule, "bien") for _ in range(5))
        await asyncio.gather(*asking)
        return await list_rehearsals(ledger, "bien")

    found = run(at_once())
    assert sorted(each.state for each in found) == ["cancelled"] * 4 + ["waiting"]
    [waiting] = [each for each in found if each.state == "waiting"]
    theirs = run(ask_rehearsal(ledger, rule, "mai"))
    assert not run(cancel_rehearsal(ledger, waiting.id, "mai")), "it is another's"
    assert run(cancel_rehearsal(ledger, waiting.id, "bien"))
    assert not run(cancel_rehearsal(ledger, waiting.id, "bien"))
    run(rehearse_rules(worker.process, None))
    assert read(worker, waiting.id).state == "cancelled"
    assert read(worker, theirs.id).state == "done", "by the clock all that wait are run"


def test_what_was_cancelled_or_taken_over_is_not_finished(worker: Worker) -> None:
    run, ledger = worker.process.run, worker.ledger
    asked = run(ask_rehearsal(ledger, words("banned", "dừa"), "bien"))
    [taken] = run(take_rehearsals(ledger, [asked.id]))
    assert run(take_rehearsals(ledger, None)) == [], "somebody runs it"
    assert run(still_wanted(ledger, taken, 3, 9))
    assert (read(worker, asked.id).seen, read(worker, asked.id).total) == (3, 9)
    late = sql.update(rehearsals).values(lease_until=now() - timedelta(seconds=1))
    worker.run(late)
    [again] = run(take_rehearsals(ledger, None))
    assert not run(still_wanted(ledger, taken, 4, 9)), "it is another worker's by now"
    assert not run(finish_rehearsal(ledger, taken, {"looked_at": 1}))
    run(cancel_rehearsal(ledger, asked.id, "bien"))
    assert not run(finish_rehearsal(ledger, again, {"looked_at": 1}))
    assert read(worker, asked.id).state == "cancelled"
    deadly = run(ask_rehearsal(ledger, words("banned", "dừa"), "bien"))
    for _ in range(3):
        assert len(run(take_rehearsals(ledger, None))) == 1
        worker.run(late)
    assert run(take_rehearsals(ledger, None)) == []
    assert read(worker, deadly.id).state == "failed"
    worker.run(sql.update(rehearsals).values(at=now() - timedelta(hours=25)))
    run(forget_rehearsals(ledger))
    assert run(read_rehearsal(ledger, deadly.id)) is None
