"""Second looks: which decisions come back, to whom, how blind, and what is made of the answers."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from commentdesk.database import now
from commentdesk.domain.agreement import Opinion
from commentdesk.domain.memory import BanKind
from commentdesk.domain.state import Action
from commentdesk.ledger.accounts import Account, list_accounts
from commentdesk.ledger.articles import KnownArticle, remember
from commentdesk.ledger.audit import of_submission
from commentdesk.ledger.bans import ban
from commentdesk.ledger.blind import Answered, answer_look, next_look, seen_look, skip_look
from commentdesk.ledger.campaign_orders import order_next
from commentdesk.ledger.erase import erase
from commentdesk.ledger.second_looks import LASTS, pick_second_looks
from commentdesk.ledger.tables import (
    accounts,
    articles,
    second_look_skips,
    second_looks,
    submissions,
)
from tests.checking import SAID, Worker
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import Desk

ALL = {"second_look_percent_machine": 100.0, "second_look_percent_people": 100.0}
LATER = timedelta(minutes=2)
WAITS = {"title": "vidu-quangcao.com"}


@pytest.fixture
def worker(fragile: Installation) -> Iterator[Worker]:
    opened = Worker(fragile, **ALL)
    yield opened
    opened.close()


def pick(worker: Worker, after: timedelta = LATER) -> int:
    return worker.process.run(pick_second_looks(worker.ledger, now() + after))


def someone(login: str, *sections: str) -> Account:
    return Account(f"id-{login}", login, "moderator", now(), None, frozenset(sections))


def published_by_machine(worker: Worker, **fields: Any) -> str:
    made = worker.checked(**fields)
    assert made.state == "approved"
    return made.id


def rejected_by_machine(worker: Worker) -> str:
    """All that there is to ban of one writer is banned."""
    writer = {"phone": "0912345678", "name": "Lê Văn Tám", "address": "198.51.100.77"}
    first = worker.checked(**writer).id
    for kind in BanKind:
        worker.process.run(ban(worker.ledger, first, kind, "mai"))
    made = worker.checked(**writer)
    assert made.state == "rejected"
    return made.id


def looks(worker: Worker) -> dict[str, Any]:
    return {row.submission: row for row in worker.rows(second_looks)}


def all_looks_for(worker: Worker, account: Account) -> set[str]:
    """The submissions that this moderator would be asked about, one after another."""
    found: set[str] = set()
    by_id = {row.id: row.submission for row in worker.rows(second_looks)}
    while True:
        look, left = worker.process.run(next_look(worker.ledger, account))
        assert bool(left) is bool(look)
        if look is None:
            return found
        found.add(by_id[look.id])
        worker.process.run(skip_look(worker.ledger, look.id, account))


def test_what_was_published_and_rejected_comes_back_once(worker: Worker) -> None:
    published, rejected = published_by_machine(worker), rejected_by_machine(worker)
    approved, refused, removed, restored, held = (worker.checked(**WAITS).id for _ in range(5))
    worker.decide("approve", approved)
    for submission in (refused, restored):
        worker.decide("reject", submission)
    worker.decide("restore", restored)
    worker.decide("approve", removed)
    worker.move([removed], state="published", work=None)
    worker.decide("remove", removed)
    # Too fresh: it may still be taken back.
    assert pick(worker, timedelta(0)) == 0
    assert pick(worker) > 0
    assert pick(worker) == 0
    found = looks(worker)
    assert held not in found
    told = {s: (found[s].decided_by, found[s].decided, found[s].actor) for s in found}
    assert told[published] == ("machine", "publish", None)
    assert told[rejected] == ("machine", "reject", None)
    assert "person" in found[rejected].checks
    assert told[approved] == ("person", "publish", "mai")
    assert told[refused] == ("person", "reject", "mai")
    assert told[removed] == ("person", "reject", "mai")
    assert told[restored] == ("person", "publish", "mai")
    assert len({row.id for row in worker.rows(second_looks)}) == len(worker.rows(second_looks))


def test_picking_is_the_same_for_one_secret_and_another_for_another(
    fragile: Installation,
) -> None:
    worker = Worker(fragile, second_look_percent_machine=50.0, second_look_percent_people=0.0)
    worker.check(*[worker.admit() for _ in range(60)])
    waiting = worker.checked(**WAITS).id
    worker.decide("approve", waiting)
    assert 10 < pick(worker) < 50
    first = {(row.submission, row.version) for row in worker.rows(second_looks)}
    assert waiting not in {submission for submission, _ in first}
    worker.run(second_looks.delete())
    pick(worker)
    assert {(row.submission, row.version) for row in worker.rows(second_looks)} == first
    worker.run(second_looks.delete())
    other = type(fragile.settings.secret)("x" * 40)
    stranger = Worker(fragile, second_look_percent_machine=50.0, secret=other)
    pick(stranger)
    assert {(row.submission, row.version) for row in worker.rows(second_looks)} != first
    worker.run(second_looks.delete())
    off = Worker(fragile, second_look_percent_machine=0.0, second_look_percent_people=0.0)
    assert pick(off) == 0
    for each in (worker, stranger, off):
        each.close()


def test_of_a_campaign_one_comes_back_and_an_order_is_no_machines_doubt(worker: Worker) -> None:
    first = worker.checked(content=SAID, **WAITS).id
    until = now() + timedelta(hours=1)
    worker.process.run(order_next(worker.ledger, first, Action.REJECT, "mai", until))
    copies = [worker.checked(content=SAID, name=f"Bạn {number}").id for number in range(5)]
    assert pick(worker) == 1
    [look] = worker.rows(second_looks)
    assert look.submission in copies
    assert look.decided_by == "order"
    assert pick(worker) == 0


def test_who_decided_is_never_asked_nor_who_may_not_see_it(worker: Worker) -> None:
    for article, section in (("bai-mot", "thể thao"), ("bai-hai", "kinh tế")):
        known = KnownArticle(article, article, "vi", "http://localhost", "open")
        worker.process.run(remember(worker.ledger, known))
        of_article = articles.update().where(articles.c.id == article)
        worker.run(of_article.values(section=section))
    by_machine = published_by_machine(worker)
    by_mai = worker.checked(article="bai-hai", **WAITS).id
    worker.decide("approve", by_mai)
    overturned = published_by_machine(worker)
    pick(worker)
    # Nor who decided on it later, though the look is at what the machine did.
    worker.move([overturned], state="published", work=None)
    worker.decide("remove", overturned)
    erased = published_by_machine(worker)
    pick(worker)
    worker.process.run(erase(worker.ledger, erased, "mai"))
    assert erased in looks(worker)
    assert all_looks_for(worker, someone("mai")) == {by_machine}
    assert all_looks_for(worker, someone("nam")) == {by_machine, by_mai, overturned}
    # What was skipped does not come again, and comes to others all the same.
    assert all_looks_for(worker, someone("nam")) == set()
    assert all_looks_for(worker, someone("an", "kinh tế")) == {by_mai}
    assert all_looks_for(worker, someone("bich", "thời sự")) == set()
    look = looks(worker)[by_mai]
    for account in (someone("mai"), someone("chi", "thể thao")):
        answered = answer_look(worker.ledger, look.id, account, Opinion.PUBLISH, "")
        assert worker.process.run(answered) is Answered.UNKNOWN
    # After a while nobody is asked any more, and it is forgotten; answered ones stay.
    done = answer_look(worker.ledger, look.id, someone("binh"), Opinion.REJECT, "spam")
    assert worker.process.run(done) is Answered.DONE
    old = now() - LASTS - timedelta(minutes=1)
    worker.run(second_looks.update().values(picked_at=old))
    assert all_looks_for(worker, someone("dung")) == set()
    worker.run(submissions.update().values(state="held"))
    assert pick(worker) == 0
    assert set(looks(worker)) == {by_mai}


def test_of_two_lookers_one_answers(fragile: Installation) -> None:
    one, other = Worker(fragile, **ALL), Worker(fragile, **ALL)
    submissions = [published_by_machine(one) for _ in range(8)]
    pick(one)
    found = looks(one)
    for submission in submissions:
        look = found[submission].id
        jobs = [
            worker.process.start(
                answer_look(worker.ledger, look, someone(login), Opinion.PUBLISH, "")
            )
            for worker, login in ((one, "nam"), (other, "mai"))
        ]
        assert sorted(job.result(60) for job in jobs) == [Answered.DONE, Answered.TAKEN]
        deeds = one.process.run(of_submission(one.ledger, submission))
        assert [deed.action for deed in deeds] == ["second_look"]
        row = looks(one)[submission]
        assert row.looker == deeds[0].actor
        loser = someone({"nam": "mai", "mai": "nam"}[row.looker])
        assert one.process.run(seen_look(one.ledger, look, loser)) is None
    one.close()
    other.close()


def test_two_pick_at_once_and_double_nothing(fragile: Installation) -> None:
    one, other = Worker(fragile, **ALL), Worker(fragile, **ALL)
    one.check(*[one.admit() for _ in range(40)])
    at = now() + LATER
    jobs = [each.process.start(pick_second_looks(each.ledger, at)) for each in (one, other)]
    for job in jobs:
        job.result(60)
    assert len(looks(one)) == len(one.rows(second_looks)) == 40
    one.close()
    other.close()


# The pages


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("looks")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.migrate()
    for login, role in (("mai", "admin"), ("bien", "editor"), ("nam", "moderator")):
        await installation.account(login, role)
    await installation.account("lan")
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture
def desk_worker(console: Installation) -> Iterator[Worker]:
    """Its looks are those of one test alone."""
    opened = Worker(console, **ALL)
    yield opened
    opened.run(second_look_skips.delete(), second_looks.delete())
    opened.run(submissions.update().values(state="held"))
    opened.close()


async def of(console: Installation, login: str) -> Account:
    ledger = console.ledger()
    [account] = [each for each in await list_accounts(ledger) if each.login == login]
    await ledger.close()
    return account


LOOK = re.compile(r'name="look" value="([0-9a-f-]{36})"')


async def post(desk: Desk, path: str, **form: str) -> tuple[int, str, str]:
    """Status, where it led, and what it says."""
    headers = {"Origin": desk.site.moderation}
    form = {"csrf": desk.csrf, **form}
    async with desk.http.post(desk.site.moderation + path, data=form, headers=headers) as response:
        return response.status, str(response.url.relative()), await response.text()


async def look_at(worker: Worker, desk: Desk, submission: str, language: str = "vi") -> str:
    """The page with the look at this submission alone left to answer."""
    others = second_looks.c.submission != submission
    worker.run(second_looks.delete().where(others, second_looks.c.answered_at.is_(None)))
    return await desk.page("/second-look", lang=language)


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_page_tells_nothing_of_the_decision(
    console: Installation, desk_worker: Worker, language: str
) -> None:
    """Byte for byte the same whether published or rejected, by the machine or by anybody."""
    nam, worker = await Desk.log_in(console, "nam"), desk_worker
    said = {"content": "Một ý <b>kiến</b> như nhau.", "title": "vidu-quangcao.com"}
    parent = published_by_machine(worker, title="Bình luận ở trên")
    made = [worker.checked(**said, parent=parent).id for _ in range(4)]
    approved, rejected, removed, machine = made
    for submission in (approved, removed):
        worker.decide("approve", submission)
    worker.decide("reject", rejected)
    worker.move([removed], state="published", work=None)
    worker.decide("remove", removed)
    pick(worker)
    [like] = [row for row in worker.rows(second_looks) if row.submission == approved]
    row = {**like._mapping, "id": f"{'1' * 35}2", "submission": machine, "actor": None}
    shown: list[str] = []
    for submission in made:
        if submission == machine:
            row |= {"decided_by": "machine", "checks": ["links"]}
            worker.run(second_looks.delete(), second_looks.insert().values(**row))
            worker.move([machine], state="published")
        else:
            worker.run(second_looks.delete())
            pick(worker)
        page = await look_at(worker, nam, submission, language)
        [look] = LOOK.findall(page)
        assert look in {each.id for each in worker.rows(second_looks)}
        hidden = (*made, parent, ">mai<", "links", "0.436")
        assert not [each for each in hidden if each in page]
        assert said["content"] not in page
        assert "Bình luận ở trên" in page
        shown.append(page.replace(look, "LOOK"))
    assert shown[0] == shown[1] == shown[2] == shown[3]
    assert "Một ý &lt;b&gt;kiến&lt;/b&gt; như nhau." in shown[0]
    await nam.close()


async def test_after_the_answer_the_decision_is_shown_and_can_be_made_again(
    console: Installation, desk_worker: Worker
) -> None:
    nam, worker = await Desk.log_in(console, "nam"), desk_worker
    submission = worker.checked(**WAITS).id
    worker.decide("reject", submission)
    pick(worker)
    [look] = LOOK.findall(await look_at(worker, nam, submission))
    status, where, page = await post(nam, "/second-look", look=look, answer="publish")
    assert (status, where) == (200, f"/second-look?answered={look}")
    # Which moderator it was, only editors are told.
    assert "Bạn sẽ quyết định khác" in page
    assert "đã từ chối" in page
    assert "<bdi>mai</bdi>" not in page
    item = re.search(r'name="(item\.[0-9a-f-]{36})" value="(\d+)"', page)
    assert item
    assert item[1] == f"item.{submission}"
    back = {"back": "/second-look", "action": "restore", item[1]: item[2]}
    status, where, page = await post(nam, "/decisions", **back)
    assert status == 200
    assert where.startswith("/second-look?done=restore&count=1&batch=")
    assert worker.entry(submission).state == "approved"
    # Answered once: not again, not by another, and nobody else sees what was said.
    assert (await post(nam, "/second-look", look=look, answer="reject"))[0] == 404
    lan = await Desk.log_in(console, "lan")
    taken = await post(lan, "/second-look", look=look, answer="reject")
    assert taken[1] == "/second-look?done=look_taken"
    assert "Người khác vừa trả lời" in taken[2]
    assert "Bạn sẽ quyết định khác" not in await lan.page("/second-look", answered=look)
    # Somebody who decided it otherwise meanwhile leaves nothing to do.
    page = await nam.page("/second-look", answered=look, lang="en")
    assert "nothing to decide on it now: it is approved" in " ".join(page.split())
    await nam.close()
    await lan.close()


async def test_who_agrees_goes_on_at_once_and_who_skips_is_not_asked_again(
    console: Installation, desk_worker: Worker
) -> None:
    worker, nam = desk_worker, await Desk.log_in(console, "nam")
    first, second = published_by_machine(worker, title="Một"), published_by_machine(worker)
    pick(worker)
    [look] = [row.id for row in worker.rows(second_looks) if row.submission == first]
    page = (await post(nam, "/second-look", look=look, answer="publish"))[2]
    assert "Bạn đồng ý." in page
    assert "đã đăng · máy" in page
    [following] = LOOK.findall(page)
    assert following == looks(worker)[second].id
    assert (await post(nam, "/second-look", look=following, answer="skip"))[1] == "/second-look"
    assert LOOK.findall(await nam.page("/second-look")) == []
    assert "Hiện không có gì" in await nam.page("/second-look", lang="vi")
    bien = await Desk.log_in(console, "bien")
    assert LOOK.findall(await bien.page("/second-look")) == [following]
    wrong = [
        ({"look": following, "answer": "delete"}, 422),
        ({"look": following}, 422),
        ({"look": "x" * 37, "answer": "publish"}, 422),
        ({"look": "0" * 36, "answer": "publish"}, 404),
        ({"answer": "publish"}, 404),
        ({"look": following, "answer": "reject", "reason": "x" * 101}, 422),
        ({"look": following, "answer": "reject", "reason": "Lê Văn Tám"}, 422),
    ]
    for form, status in wrong:
        assert (await post(bien, "/second-look", **form))[0] == status, form
    for answered in ("", "x", "0" * 36, first, "' OR 1=1 --", "\x00" * 36):
        assert "Bạn đồng ý" not in await bien.page("/second-look", answered=answered)
    await nam.close()
    await bien.close()


@pytest_asyncio.fixture
async def desks(console: Installation) -> AsyncIterator[dict[str, Desk]]:
    opened = {login: await Desk.log_in(console, login) for login in ("mai", "bien", "nam", "lan")}
    yield opened
    await asyncio.gather(*(desk.close() for desk in opened.values()))


async def five_answers(console: Installation, worker: Worker) -> list[str]:
    """Lan agrees with Mai; Nam would have rejected four that the machine published: these."""
    kept = worker.checked(**WAITS).id
    worker.decide("reject", kept)
    missed = [published_by_machine(worker, title=f"<i>Lọt {n}</i>") for n in range(4)]
    pick(worker)
    found, ledger = looks(worker), console.ledger()
    nam, lan = await of(console, "nam"), await of(console, "lan")
    for submission in missed:
        await answer_look(ledger, found[submission].id, nam, Opinion.REJECT, "spam")
    await answer_look(ledger, found[kept].id, lan, Opinion.REJECT, "")
    await ledger.close()
    return missed


async def test_agreement_is_everybodys_and_ones_own(
    console: Installation, desk_worker: Worker, desks: dict[str, Desk]
) -> None:
    await five_answers(console, desk_worker)
    answers = {}
    for login, desk in desks.items():
        status, answers[login] = await desk.get("/v1/second-look/agreement")
        assert status == 200
    told = answers["nam"]
    assert (told["overall"]["looked"], told["overall"]["agreed"]) == (5, 1)
    assert told["by"]["machine"]["published_overturned"] == 4
    assert told["by"]["person"]["percent"] == 100
    assert told["by"]["order"]["percent"] is None
    own = {
        login: (answer["own_decisions"]["looked"], answer["own_looks"]["looked"])
        for login, answer in answers.items()
    }
    assert own == {"mai": (1, 0), "bien": (0, 0), "nam": (0, 4), "lan": (0, 1)}
    assert told["details"] is None
    page = await desks["nam"].page("/second-look/agreement", lang="en")
    assert "Your own, seen by you alone" in page
    assert "Lọt" not in page
    text = await desks["mai"].text("/audit", lang="vi")
    assert "đã xem lại" in text
    assert "sẽ: từ chối" in text


async def test_editors_see_where_machine_and_people_part_and_what_to_do(
    console: Installation, desk_worker: Worker, desks: dict[str, Desk]
) -> None:
    missed = await five_answers(console, desk_worker)
    bien = desks["bien"]
    details = (await bien.get("/v1/second-look/agreement"))[1]["details"]
    assert details["reasons"][""]["agreed"] == 1
    assert {each["submission"] for each in details["conflicts"]} == set(missed)
    [proposal] = details["proposals"]
    assert (proposal["decided"], proposal["overturned"], proposal["step"]) == ("publish", 4, 50)
    page = await bien.page("/second-look/agreement", lang="vi")
    assert "&lt;i&gt;Lọt 0&lt;/i&gt;" in page
    assert "Nên cân nhắc giữ lại nhiều hơn: nhiều nhất 1 trong 50" in page
    assert "<bdi>nam</bdi>" in page
    # An editor of some sections sees the conflicts of those.
    of_bien = accounts.update().where(accounts.c.login == "bien")
    desk_worker.run(of_bien.values(sections=["thể thao"]))
    assert "Lọt" not in await bien.page("/second-look/agreement")
    desk_worker.run(of_bien.values(sections=[]))
