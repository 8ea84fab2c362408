"""Codes guessed; reader, moderator and worker at one comment at once; on both databases."""

import asyncio
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql
from sqlalchemy.engine import make_url

from commentdesk.database import now
from commentdesk.domain.finding import clean
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import Action, State, Work
from commentdesk.ledger import Ledger
from commentdesk.ledger.audit import of_submission
from commentdesk.ledger.books import books
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.decide import decide
from commentdesk.ledger.desk import entry
from commentdesk.ledger.erase import erase, erase_old
from commentdesk.ledger.receipts import MOST_CORRECTIONS, receipt_code
from commentdesk.ledger.record import record_verdicts
from commentdesk.ledger.tables import events, fingerprints, revisions, submissions, ways_out
from tests.attacks.limited import MOST, from_elsewhere, limited_site
from tests.attacks.redis_contents import contents
from tests.checking import SAID
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis
from tests.reader import Reader
from tests.receipts import CORRECTED, Receipts
from tests.waiting import wait_for_moderators
from workers.checks.context import SiteFacts
from workers.checks.reading import read_submission
from workers.surroundings import look_around

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLEAN = Verdict(Action.APPROVE, 0.0, (clean("links"),))


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def intake(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """No worker runs: what they do, the tests do."""
    folder = tmp_path_factory.mktemp("receipts")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (await server.create(secrets.token_hex(6)), urls[1])
    redis = Redis(folder)
    installation = Installation(folder, redis, urls)
    installation.migrate()
    await installation.start("articles", "intake")
    yield installation
    installation.stop()
    redis.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def ledger(intake: Installation) -> AsyncIterator[Ledger]:
    opened = intake.ledger()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def receipts(intake: Installation) -> AsyncIterator[Receipts]:
    async with aiohttp.ClientSession() as session:
        yield Receipts(intake, session)


async def held(ledger: Ledger) -> tuple[str, str]:
    """The id and code of one that waits for a moderator."""
    [submission] = await wait_for_moderators(ledger)
    return submission, receipt_code(ledger, submission)


async def chain(ledger: Ledger, submission: str) -> list[tuple[int, str]]:
    query = sql.select(events.c.version, events.c.state).where(events.c.submission == submission)
    async with ledger.database.reading() as connection:
        found = await connection.execute(query.order_by(events.c.version))
        return [(row.version, row.state) for row in found]


async def row_of(ledger: Ledger, submission: str) -> Any:
    async with ledger.database.reading() as connection:
        query = sql.select(submissions).where(submissions.c.id == submission)
        return (await connection.execute(query)).one()


async def age(ledger: Ledger, submission: str, by: timedelta) -> None:
    """As if it had been received so long ago."""
    of = submissions.c.id == submission
    async with ledger.database.writing() as connection:
        await connection.execute(submissions.update().where(of).values(received_at=now() - by))


async def test_unknown_foreign_and_malformed_codes_are_answered_alike(
    intake: Installation, ledger: Ledger, receipts: Receipts
) -> None:
    submission, code = await held(ledger)
    other = Installation(intake.folder, intake.redis, sqlite_urls(intake.folder)).ledger()
    foreign = receipt_code(other, submission)
    await other.close()
    last = "0" if code[-1] != "0" else "1"
    guesses = ["0000-0000-0000", foreign, code[:-1] + last, submission, submission[:14], "x", "%00"]
    answers = [
        await receipts.call(method, guess, json)
        for guess in guesses
        for method, json in (("GET", None), ("PUT", CORRECTED), ("DELETE", None))
    ]
    assert {status for status, _ in answers} == {404}
    assert len({str(found) for _, found in answers}) == 1
    assert foreign != code
    assert (await row_of(ledger, submission)).version == 2


async def test_the_code_is_kept_nowhere(
    intake: Installation, ledger: Ledger, receipts: Receipts
) -> None:
    async with aiohttp.ClientSession() as http:
        reader = Reader(intake, http)
        _, answer = await reader.post(reader.form(phone="0987 654 321"))
    code = answer["receipt"]["code"]
    found = await receipts.get(code)
    await receipts.correct(code)
    await receipts.page(f"/receipts/{code}")
    await receipts.page("/receipts", {"code": code.lower()})
    await receipts.call("PUT", code, {"title": 1, "content": "\x00"})
    await receipts.withdraw(code)
    assert not re.search(r"987 ?654|0987", str(found)), "nor the phone"
    traces = [form for c in (code, code.lower()) for form in (c, c.replace("-", ""))]
    log = intake.log_of("intake")
    assert "submission_corrected" in log
    assert not [trace for trace in traces if trace in log]
    redis = b"\n".join(contents(intake.redis.url))
    assert not [trace for trace in traces if trace.encode() in redis]
    if ledger.database.dialect == "sqlite":
        with sqlite3.connect(make_url(intake.settings.ledger_url).database or "") as connection:
            dumped = "\n".join(connection.iterdump())
        assert answer["id"] in dumped
        assert not [trace for trace in traces if trace in dumped]


async def test_everybody_at_once_at_one_comment_leaves_one_story(
    ledger: Ledger, receipts: Receipts
) -> None:
    for _ in range(4):
        submission, code = await held(ledger)
        item = [(submission, 2)]
        corrections = (receipts.correct(code, content=f"Lần {n}") for n in range(4))
        decisions = (
            decide(ledger, items=item, action=action, actor="mai")
            for action in ("approve", "reject")
        )
        withdrawals = (receipts.withdraw(code) for _ in range(3))
        results = await asyncio.gather(*corrections, *decisions, *withdrawals)
        corrected, decided, withdrawn = results[:4], results[4:6], results[6:]
        story = await chain(ledger, submission)
        assert [version for version, _ in story] == list(range(1, len(story) + 1))
        states = [state for _, state in story]
        done = [each.result for (each,) in decided].count("done")
        changed = [status for status, _ in corrected].count(200)
        assert done <= 1
        assert states.count("corrected") == changed
        assert states.count("withdrawn") == (200 in {status for status, _ in withdrawn})
        assert len(story) == 2 + changed + done + states.count("withdrawn")
        # A decision on what was seen and a change of it: never both, in whichever order.
        assert not (done and (changed or "withdrawn" in states))
        assert len(await of_submission(ledger, submission)) == len(story) - 2
        row = await row_of(ledger, submission)
        assert (row.version, row.state) == (
            len(story),
            "received" if states[-1] == "corrected" else states[-1],
        )
        async with ledger.database.reading() as connection:
            kept = sql.select(sql.func.count()).where(revisions.c.submission == submission)
            assert (await connection.execute(kept)).scalar_one() == changed
    assert (await books(ledger)).difference == 0


@pytest.mark.parametrize("when", ["before it is claimed anew", "after it is claimed anew"])
async def test_a_check_under_way_publishes_nothing_it_has_not_read(
    intake: Installation, ledger: Ledger, receipts: Receipts, when: str
) -> None:
    """isso#1038: harmless first, then the link; the worker with the harmless wording is late."""
    async with aiohttp.ClientSession() as http:
        submission = await Reader(intake, http).accepted()
    code = receipt_code(ledger, submission)
    slow = await claim(ledger, Work.CHECK, [submission])
    assert (await receipts.correct(code, content="Vay tiền ở vidu-quangcao.com"))[0] == 200
    quick = await claim(ledger, Work.CHECK, [submission]) if when.startswith("after") else []
    late = await record_verdicts(ledger, [(taken, CLEAN) for taken in slow])
    assert (late.by_state, late.announcements) == ({State.APPROVED: []}, [])
    assert (await row_of(ledger, submission)).state == "received"
    # Nobody has to be told: it has work, and whoever comes next reads the last wording.
    [newer] = quick or await claim(ledger, Work.CHECK, [submission])
    assert newer.submission.content == "Vay tiền ở vidu-quangcao.com"
    assert (await receipts.withdraw(code))[0] == 200
    late = await record_verdicts(ledger, [(newer, CLEAN)])
    assert late.by_state == {State.APPROVED: []}
    assert (await row_of(ledger, submission)).state == "withdrawn"


async def test_the_time_is_over_when_it_is_over(ledger: Ledger, receipts: Receipts) -> None:
    submission, code = await held(ledger)
    until = (await receipts.get(code))["editable_until"]
    assert (await receipts.correct(code))[1]["editable_until"] == until
    received = (await row_of(ledger, submission)).received_at
    assert datetime.fromisoformat(until) == received + timedelta(seconds=300)
    await age(ledger, submission, timedelta(seconds=240))
    assert (await receipts.correct(code, content="Vừa kịp"))[0] == 200
    await age(ledger, submission, timedelta(seconds=301))
    assert (await receipts.get(code))["editable_until"] is None
    assert (await receipts.correct(code, content="Muộn rồi"))[1]["code"] == "not_editable"
    assert (await receipts.withdraw(code))[0] == 409
    assert (await receipts.correct(code, content="Vừa kịp"))[0] == 200, "it says so already"
    assert (await row_of(ledger, submission)).content == "Vừa kịp"


async def test_what_may_stand_under_the_article_is_not_merely_waiting(
    ledger: Ledger, receipts: Receipts
) -> None:
    """Undone while a worker has it in hand: it has to be taken down first."""
    submission, code = await held(ledger)
    async with ledger.database.writing() as connection:
        of = submissions.c.id == submission
        await connection.execute(submissions.update().where(of).values(may_stand=True))
    assert (await receipts.get(code))["editable_until"] is None
    assert (await receipts.correct(code))[0] == 409


async def test_corrections_have_an_end(ledger: Ledger, receipts: Receipts) -> None:
    """Each costs a check, and tells a little of what checks let pass."""
    submission, code = await held(ledger)
    answers = [await receipts.correct(code, content=f"Lần {n}") for n in range(12)]
    statuses = [status for status, _ in answers]
    assert statuses == [200] * MOST_CORRECTIONS + [409] * 2
    assert answers[MOST_CORRECTIONS - 1][1]["editable_until"] is None
    assert len((await entry(ledger, submission)).revisions) == MOST_CORRECTIONS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"content": ""}, "content", "required"),
        ({"content": "\u200b \u2060"}, "content", "required"),
        ({"content": "x" * 5_001}, "content", "too_long"),
        ({"content": "a\x00b"}, "content", "control_character"),
        ({"content": ["x"]}, "content", "wrong_type"),
        ({"title": "\x1b[2J"}, "title", "control_character"),
        ({"title": None}, "title", "required"),
        ({"name": ""}, "name", "required"),
        ({"name": "x" * 81}, "name", "too_long"),
    ],
)
async def test_hostile_words_are_refused_the_second_time_too(
    ledger: Ledger, receipts: Receipts, fields: dict[str, Any], field: str, code: str
) -> None:
    submission, receipt = await held(ledger)
    status, answer = await receipts.correct(receipt, **fields)
    assert (status, [(e["field"], e["code"]) for e in answer["errors"]]) == (422, [(field, code)])
    assert (await row_of(ledger, submission)).version == 2


async def test_nothing_but_the_words_can_be_corrected(ledger: Ledger, receipts: Receipts) -> None:
    submission, code = await held(ledger)
    before = await row_of(ledger, submission)
    more: dict[str, Any] = {
        "phone": "0987654321",
        "article": "khac",
        "state": "published",
        "id": "x",
    }
    more |= {"received_at": "2030-01-01T00:00:00Z", "parent_id": submission, "version": 9}
    assert (await receipts.correct(code, **more))[0] == 200
    after = await row_of(ledger, submission)
    same = ("article", "parent", "phone_hash", "phone_sealed", "received_at", "form_hash")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert (after.state, after.version) == ("received", 3)


async def test_a_corrected_text_leaves_its_campaign(ledger: Ledger, receipts: Receipts) -> None:
    ids = await wait_for_moderators(ledger, 3, alike=True)
    assert (await receipts.correct(receipt_code(ledger, ids[1])))[0] == 200
    claims = await claim(ledger, Work.CHECK, [ids[1]])
    read = [(taken, read_submission(taken.submission)) for taken in claims]
    await look_around(ledger, read, SiteFacts("VN"), {})
    async with ledger.database.reading() as connection:
        query = sql.select(fingerprints.c.submission, fingerprints.c.campaign)
        found = {row.submission: row.campaign for row in await connection.execute(query)}
    assert [found[each] for each in ids] == [ids[0], None, ids[0]]


async def test_who_stalls_over_the_first_wording_overwrites_nothing_of_the_last(
    intake: Installation, ledger: Ledger, receipts: Receipts
) -> None:
    """Neither the fingerprint nor what it advertises, nor is it joined to what it was like."""
    watchful = Ledger(intake.settings.model_copy(update={"flood_copies": 2}))
    first = f"{SAID} Vay nhanh ở vidu-quangcao.com"
    async with aiohttp.ClientSession() as http:
        copy, submission = [await Reader(intake, http).accepted(content=first) for _ in range(2)]

    async def look(claims: Sequence[Claim]) -> list[tuple[Any, ...]]:
        read = [(taken, read_submission(taken.submission)) for taken in claims]
        await look_around(watchful, read, SiteFacts("VN"), {})
        found: list[tuple[Any, ...]] = []
        async with ledger.database.reading() as connection:
            for table in (fingerprints, ways_out):
                query = sql.select(table).where(table.c.submission == submission)
                found += map(tuple, await connection.execute(query))
        return found

    await look(await claim(ledger, Work.CHECK, [copy]))
    stalled = await claim(ledger, Work.CHECK, [submission])
    last = "Tôi xin rút lại ý vừa rồi, bài viết nói đúng những gì bà con khu phố tôi đang lo."
    assert (await receipts.correct(receipt_code(ledger, submission), content=last))[0] == 200
    claims = await claim(ledger, Work.CHECK, [submission])
    stands = await look(claims)
    assert len(stands) == 1, "its fingerprint, and nothing is advertised"
    assert await look(stalled) == stands
    assert await look(claims) == stands, "whoever reads the last wording may look again"
    await watchful.close()


async def test_earlier_wordings_are_forgotten_with_the_rest(
    ledger: Ledger, receipts: Receipts
) -> None:
    erased, first = await held(ledger)
    withdrawn, second = await held(ledger)
    for code in (first, second):
        assert (await receipts.correct(code, content="Bản sửa quên được"))[0] == 200
    assert (await receipts.withdraw(second))[0] == 200
    await erase(ledger, erased, "mai")
    assert (await receipts.call("GET", first))[0] == 404
    old = timedelta(days=ledger.settings.retention_days + 1)
    await age(ledger, withdrawn, old)
    async with ledger.database.writing() as connection:
        of = revisions.c.submission == withdrawn
        await connection.execute(revisions.update().where(of).values(at=now() - old))
    await erase_old(ledger)
    row = await row_of(ledger, withdrawn)
    assert (row.state, row.name, row.content, row.folded, row.phone_sealed) == (
        *("withdrawn", "", "", ""),
        None,
    )
    found = await receipts.get(second)
    assert (found["status"], found["content"]) == ("withdrawn", "")
    async with ledger.database.reading() as connection:
        left = await connection.execute(
            sql.select(revisions).where(revisions.c.submission.in_([erased, withdrawn]))
        )
        assert left.all() == []


async def test_looking_and_correcting_are_limited(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> None:
    folder = tmp_path_factory.mktemp("limited")
    async with (
        limited_site(folder, redis, "articles", "intake") as site,
        aiohttp.ClientSession() as http,
    ):
        receipts, ledger = Receipts(site, http), site.ledger()
        submission, code = await held(ledger)
        guesser, corrector = from_elsewhere(), from_elsewhere()
        statuses = [(await receipts.call("GET", "0" * 12, **guesser))[0] for _ in range(62)]
        assert statuses == [404] * 60 + [429] * 2
        assert (await receipts.call("GET", code, **guesser))[0] == 429, "a right one is not told"
        assert (await receipts.call("GET", code, **corrector))[0] == 200
        for n in range(MOST):
            words = {**CORRECTED, "content": f"Lần {n}"}
            assert (await receipts.call("PUT", code, words, **corrector))[0] == 200
        assert (await receipts.call("PUT", code, CORRECTED, **corrector))[0] == 429
        assert (await receipts.call("DELETE", code, **corrector))[0] == 429
        assert (await row_of(ledger, submission)).version == 2 + MOST
        await ledger.close()
