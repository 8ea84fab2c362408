"""A backup made while everything runs, restored elsewhere: nothing accepted is missing."""

import asyncio
import base64
import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import Work
from commentdesk.ledger.audit import AuditEntry, recent
from commentdesk.ledger.claim import claim
from commentdesk.ledger.tables import events
from commentdesk.ledger.verification import Walk
from commentdesk.ledger.words import Word, add_word, list_words
from commentdesk.manifest import Share, describe, write_manifest
from tests.conftest import ALL, sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.operator import SECRET, commentdesk, contents, succeeds, two_databases, work_left
from tests.reader import ARTICLE, DOUBTFUL, Desk, Reader

pytestmark = pytest.mark.slow

PHONE = "0912345678"
# What a restore changes on purpose: nobody holds a row any more.
HELD_BY = {"work", "due_at", "lease_until", "attempts", "hints"}
SEVERAL = [
    "sqlite-sqlite",
    pytest.param("sqlite-postgresql", marks=pytest.mark.postgres),
    pytest.param("postgresql-postgresql", marks=pytest.mark.postgres),
]


@dataclass
class Old:
    """An installation that was backed up under load and is gone now."""

    site: Installation
    file: Path
    accepted: list[str] = field(default_factory=list)
    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    session: str = ""
    words: Sequence[Word] = ()
    audit: Sequence[AuditEntry] = ()

    @property
    def skewed(self) -> Path:
        """A backup in whose middle a comment was published and another removed."""
        return self.file.with_name("skewed.zip")


@dataclass(frozen=True)
class Restored:
    """What came out of the backup, running and with nothing left to do."""

    site: Installation
    old: Old


OldOnes = Callable[[str], Awaitable[Old]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def old_ones(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OldOnes]:
    made: dict[str, Old] = {}
    redis = Redis(tmp_path_factory.mktemp("redis"))

    async def old_one(kind: str) -> Old:
        if kind not in made:
            folder = tmp_path_factory.mktemp("old")
            urls = await two_databases(kind, folder, server_of(request, kind))
            # A lease that outlives the test: only a restore can end it.
            site = Installation(folder, redis, urls, SECRET=SECRET, LEASE_SECONDS="3600")
            try:
                made[kind] = await lived_and_backed_up(site)
            finally:
                site.stop()
        return made[kind]

    yield old_one
    redis.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SEVERAL)
async def restored(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    old_ones: OldOnes,
) -> AsyncIterator[Restored]:
    source, target = request.param.split("-")
    old = await old_ones(source)
    folder = tmp_path_factory.mktemp("new")
    redis = Redis(folder)
    urls = await two_databases(target, folder / "data", server_of(request, target))
    site = Installation(folder, redis, urls, SECRET=SECRET)
    if target == "sqlite":
        secret_file = folder / "secret"
        secret_file.write_text(SECRET)
        to = ("--data", folder / "data", "--secret-file", secret_file)
        succeeds("restore", old.file, *to)
    else:
        succeeds("restore", old.file, settings=site.environment)
    try:
        await site.start(*ALL)
        await until(lambda: nothing_left(site), "all that was under way is finished", 60)
        yield Restored(site, old)
    finally:
        site.stop()
        redis.stop()


def server_of(request: pytest.FixtureRequest, kind: str) -> Postgres | None:
    return request.getfixturevalue("postgres") if kind == "postgresql" else None


async def nothing_left(site: Installation) -> bool:
    return await work_left(site) == 0


async def lived_and_backed_up(site: Installation) -> Old:
    """Comments in every state, some in a dead worker's hands, and a backup while more come in."""
    site.migrate()
    await site.account("mai", "admin")
    await site.start(*ALL)
    old = Old(site, site.folder / "backup.zip")
    desk = await Desk.log_in(site, "mai")
    async with aiohttp.ClientSession() as http:
        reader = Reader(site, http)
        await live(old, reader, desk)
        await leave_under_way(old, reader)
        for name in ("parent", "reply", "held", "rejected", "removed", "personal"):
            old.settled[name] = await desk.find(old.named[name])
        stream = asyncio.create_task(keep_posting(old, reader))
        await until(lambda: more_than(old, 12), "comments stream in")
        before = list(old.accepted)
        said = await asyncio.to_thread(succeeds, "backup", old.file, settings=site.environment)
        assert "The secret is not in it" in said
        assert len(old.accepted) > len(before), "comments came in while it was made"
        stream.cancel()
        with suppress(asyncio.CancelledError):
            await stream
        old.accepted = before
        ledger = site.ledger()
        old.words, old.audit = await list_words(ledger), await recent(ledger, 1000)
        await ledger.close()
        if site.settings.ledger_url.startswith("sqlite"):
            await back_up_with_changes_in_the_middle(old, reader, desk)
    old.session = next(
        cookie.value for cookie in desk.http.cookie_jar if cookie.key == "commentdesk_session"
    )
    await desk.close()
    return old


async def back_up_with_changes_in_the_middle(old: Old, reader: Reader, desk: Desk) -> None:
    """The article store is read, a comment goes and one comes, then the ledger is read."""
    removed, published = old.named["late removed"], old.named["late published"]
    shares = {"articles": dumped("services.articles", old)}
    await desk.decides("remove", removed, reason="insult")
    erased = old.named["late erased"]
    assert await desk.erase(erased) == 200
    await desk.decides("approve", published)
    await reader.reaches(published, "published")
    await until(lambda: retracted(desk, removed), "the store knows of the removal")
    await until(lambda: retracted(desk, erased), "the store knows of the erasure")
    ledger = old.site.ledger()
    async with ledger.database.writing() as connection:
        # As if the store had been away since yesterday, and was told only now.
        gone = events.c.submission.in_([removed, erased])
        yesterday = now() - timedelta(days=1)
        await connection.execute(events.update().where(gone).values(at=yesterday))
    await ledger.close()
    shares["ledger"] = dumped("commentdesk.ledger", old)
    write_manifest(old.skewed, describe(now(), "0", shares))


def dumped(module: str, old: Old) -> Share:
    settings = old.site.environment
    done = commentdesk("dump", old.skewed, settings=settings, module=module)
    assert done.returncode == 0, done.stderr
    return Share.model_validate_json(done.stdout)


async def live(old: Old, reader: Reader, desk: Desk) -> None:
    """Readers write, a moderator decides."""
    parent = await reader.accepted(content="Bài này hay quá!\u2028Dòng sau, \\ \" ' 👩‍👧 \u202e.")
    await reader.reaches(parent, "published")
    reply = await reader.accepted(content="Tôi cũng nghĩ vậy.", parent_id=parent)
    old.form = reader.form(content="Gọi cho tôi nhé.", phone=PHONE)
    status, answer = await reader.post(old.form)
    assert status == 202
    held = [await reader.accepted(**DOUBTFUL) for _ in range(3)]
    removed, later, erased = [await reader.accepted(content="Sẽ bị gỡ.") for _ in range(3)]
    for submission in (reply, answer["id"], removed, later, erased):
        await reader.reaches(submission, "published")
    await desk.decides("remove", removed, reason="insult")
    await until(lambda: retracted(desk, removed), "the removed comment is out of the store")
    for submission in held:
        await reader.reaches(submission, "held")
    await desk.decides("reject", held[1], reason="spam", note="quảng cáo")
    ledger = old.site.ledger()
    await add_word(ledger, "cụm từ riêng", "suspect", "mai", "anywhere")
    await add_word(ledger, "https://vidu.com.vn/", "allowed_host", "mai")
    await ledger.close()
    old.named = {
        **{"parent": parent, "reply": reply, "personal": answer["id"], "held": held[0]},
        **{"rejected": held[1], "removed": removed},
        **{"late published": held[2], "late removed": later, "late erased": erased},
    }
    old.accepted += old.named.values()


async def leave_under_way(old: Old, reader: Reader) -> None:
    """One received, one approved, each held by a worker that will never finish it."""
    ledger = old.site.ledger()
    for name, state, work in (
        ("checks", "received", Work.CHECK),
        ("publish", "approved", Work.PUBLISH),
    ):
        old.site.pause(name)
        submission = await reader.accepted(content=f"Đang dở: {state}.")
        await reader.reaches(submission, state)
        assert await claim(ledger, work, [submission])
        old.site.resume(name)
        old.named[state] = submission
        old.accepted.append(submission)
    await ledger.close()


async def keep_posting(old: Old, reader: Reader) -> None:
    number = 0
    while True:
        number += 1
        old.accepted.append(await reader.accepted(content=f"Bình luận thứ {number} trong ngày."))


async def more_than(old: Old, count: int) -> bool:
    return len(old.accepted) > count


async def retracted(desk: Desk, submission: str) -> bool:
    return (await desk.find(submission))["work"] is None


@pytest.fixture
async def mai(restored: Restored) -> AsyncIterator[Desk]:
    """Mai, logged in with the password she always had."""
    desk = await Desk.log_in(restored.site, "mai")
    yield desk
    await desk.close()


async def test_every_comment_accepted_before_is_published_once_or_where_it_was(
    restored: Restored, http: aiohttp.ClientSession
) -> None:
    reader, old = Reader(restored.site, http), restored.old
    elsewhere = {old.named[name]: name for name in ("held", "rejected", "removed")}
    elsewhere[old.named["late published"]] = "held"
    for submission in old.accepted:
        assert await reader.state(submission) == elsewhere.get(submission, "published")
    shown = Counter(
        comment["id"]
        for top in await reader.comments()
        for comment in (top, *top["replies"])
        if not comment["removed"]
    )
    assert {shown[submission] for submission in old.accepted if submission not in elsewhere} == {1}
    assert not shown.keys() & elsewhere.keys()


async def test_being_delivered_again_writes_no_second_history(restored: Restored) -> None:
    ledger = restored.site.ledger()
    query = sql.select(events.c.submission, events.c.state)
    async with ledger.database.reading() as connection:
        times = Counter(tuple(row) for row in await connection.execute(query))
    await ledger.close()
    assert set(times.values()) == {1}


async def test_what_was_settled_is_as_it_was_word_for_word(restored: Restored, mai: Desk) -> None:
    for name, found in restored.old.settled.items():
        assert await mai.find(restored.old.named[name]) == found, name


async def test_a_reply_stands_in_its_thread(
    restored: Restored, http: aiohttp.ClientSession
) -> None:
    named = restored.old.named
    threads = {
        top["id"]: [reply["id"] for reply in top["replies"]]
        for top in await Reader(restored.site, http).comments()
    }
    assert threads[named["parent"]] == [named["reply"]]


async def test_words_and_audit_are_the_same(restored: Restored) -> None:
    ledger = restored.site.ledger()
    assert await list_words(ledger) == restored.old.words
    audit = await recent(ledger, 1000)
    assert [entry for entry in restored.old.audit if entry not in audit] == []
    assert "restore_ledger" in {entry.action for entry in audit}
    walk = Walk(ledger)
    await walk.to_the_end()
    assert walk.faults == {}, "the chain goes on where it was"
    await ledger.close()


async def test_an_old_session_opens_nothing(restored: Restored) -> None:
    cookies = {"commentdesk_session": restored.old.session}
    async with (
        aiohttp.ClientSession(cookies=cookies) as http,
        http.get(f"{restored.site.moderation}/v1/stats") as response,
    ):
        assert response.status == 401


async def test_a_phone_is_shown_in_full_with_the_old_secret(restored: Restored, mai: Desk) -> None:
    url = f"{restored.site.moderation}/v1/submissions/{restored.old.named['personal']}/reveal"
    headers = {"X-CSRF-Token": mai.csrf, "Origin": restored.site.moderation}
    async with mai.http.post(url, json={}, headers=headers) as response:
        assert (await response.json())["phone"] == PHONE


async def test_a_captcha_spent_before_stays_spent(
    restored: Restored, http: aiohttp.ClientSession
) -> None:
    reader, form = Reader(restored.site, http), restored.old.form
    status, answer = await reader.post(form)
    assert (status, answer["id"]) == (202, restored.old.named["personal"])
    status, answer = await reader.post({**form, "content": "Một bình luận khác."})
    assert status == 422
    assert answer["errors"][0]["code"] == "captcha_spent"


async def test_what_happened_between_reading_store_and_ledger_is_made_good(
    old_ones: OldOnes, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    old = await old_ones("sqlite")
    (tmp_path / "secret").write_text(SECRET)
    data = tmp_path / "data"
    succeeds("restore", old.skewed, "--data", data, "--secret-file", tmp_path / "secret")
    redis = Redis(tmp_path)
    site = Installation(tmp_path, redis, sqlite_urls(data), SECRET=SECRET)
    try:
        await site.start("articles")
        before = {comment["id"] for comment in await Reader(site, http).comments()}
        assert {old.named["late removed"], old.named["late erased"]} <= before
        assert old.named["late published"] not in before
        await site.start("publish", "upkeep", "checks")
        await until(lambda: nothing_left(site), "all that was missed is delivered", 60)
        after = Counter(comment["id"] for comment in await Reader(site, http).comments())
    finally:
        site.stop()
        redis.stop()
    assert not {old.named["late removed"], old.named["late erased"]} & after.keys()
    assert after[old.named["late published"]] == 1


@pytest.mark.postgres
@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
async def test_what_was_restored_into_the_other_database_gives_the_same_backup(
    old_ones: OldOnes, postgres: Postgres, tmp_path: Path, source: str, target: str
) -> None:
    old, again = await old_ones(source), tmp_path / "again.zip"
    site = Installation(tmp_path, old.site.redis, await two_databases(target, tmp_path, postgres))
    settings = {**site.environment, "COMMENTDESK_SECRET": SECRET}
    succeeds("restore", old.file, settings=settings)
    succeeds("backup", again, settings=settings)
    assert lasting(again) == lasting(old.file)


async def test_an_export_tells_all_that_became_of_a_comment(restored: Restored) -> None:
    file = restored.site.folder / "export.jsonl"
    succeeds("export", file, settings=restored.site.environment)
    assert file.stat().st_mode & 0o777 == 0o600
    told: dict[str, list[dict[str, Any]]] = {}
    for line in file.read_text("utf-8").splitlines():
        document = json.loads(line)
        told.setdefault(document["type"], []).append(document)
    assert told.keys() == {"article", "word", "reason", "account", "audit", "submission"}
    assert [account["login"] for account in told["account"]] == ["mai"]
    named = restored.old.named
    found = {document["id"]: document for document in told["submission"]}
    rejected = found[named["rejected"]]
    assert [event["state"] for event in rejected["events"]] == ["received", "held", "rejected"]
    assert rejected["verdict"]["action"] == "hold"
    assert "link" in str(rejected["findings"])
    assert [(made["actor"], made["note"]) for made in rejected["decisions"]] == [
        ("mai", "quảng cáo")
    ]
    assert datetime.fromisoformat(rejected["received_at"]).tzinfo
    assert rejected["received_at"].endswith("Z")
    assert found[named["reply"]]["parent"] == named["parent"]
    assert found[named["personal"]]["phone"] == "091…678"


async def test_a_backup_tells_no_phone_and_no_session(restored: Restored) -> None:
    members, form = contents(restored.old.file), restored.old.form
    assert not {"ledger/sessions.jsonl", "ledger/fingerprints.jsonl"} & members.keys()
    told = str({name: rows for name, rows in members.items() if name != "articles/articles.jsonl"})
    assert PHONE[1:] not in told
    assert SECRET not in told
    # Nor a hash by which the phone could be tried out, with all the rest of the form at hand.
    guess = [ARTICLE, None, form["name"], PHONE, form["title"], form["content"], False]
    plain_hash = hashlib.sha256(json.dumps(guess).encode()).digest()
    assert base64.b64encode(plain_hash).decode() not in told


async def test_the_ledger_is_read_after_the_article_store(restored: Restored) -> None:
    with zipfile.ZipFile(restored.old.file) as archive:
        parts = [name.split("/")[0] for name in archive.namelist()]
    assert list(dict.fromkeys(parts)) == ["articles", "ledger", "manifest.json"]


def lasting(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of a backup, without who works on what and what a restore says of itself."""
    return {
        name: [
            {column: value for column, value in row.items() if column not in HELD_BY}
            for row in rows
            if row.get("action") != "restore_ledger"
        ]
        for name, rows in contents(file).items()
        if name != "ledger/audit_head.jsonl"
    }
