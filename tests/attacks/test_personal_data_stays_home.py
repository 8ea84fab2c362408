"""A whole site is run with one reader's data, in good and in bad; then everything is searched."""

import json
import re
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from commentdesk.database import now
from commentdesk.domain.submission import Submission
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import form_hash
from commentdesk.ledger.erase import erase_old
from commentdesk.ledger.tables import submissions
from tests.attacks.one_reader import (
    ADDRESS,
    ADDRESSES,
    ARABIC,
    PHONE,
    PHONES,
    Told,
    Visitor,
    execute,
    failed_jobs,
    live_through,
    read_public,
)
from tests.attacks.redis_contents import Eavesdropper
from tests.conftest import ALL, sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.reader import Desk

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """The site after all of it: accepted, held, rejected, published, removed, failed."""
    folder = tmp_path_factory.mktemp("home")
    redis = Redis(folder)
    site = Installation(
        folder,
        redis,
        sqlite_urls(folder),
        TRUSTED_PROXIES="127.0.0.0/8",
        LIMITS="on",
        SUBMISSIONS_LIMIT="1000/day",
        LOG_LEVEL="DEBUG",
    )
    site.migrate()
    await site.account("mai", "admin")
    await site.start(*ALL)
    eavesdropper = Eavesdropper(redis.url)
    told = Told(site, f"dau{secrets.token_hex(8)}")
    desk = await Desk.log_in(site, "mai")
    async with aiohttp.ClientSession() as http:
        await live_through(told, Visitor(told, http), desk)
        await read_public(told, http)
    await desk.close()
    eavesdropper.stop()
    told.heard = eavesdropper.heard
    yield told
    site.stop()
    redis.stop()


def found(pattern: re.Pattern[bytes], places: list[bytes]) -> list[bytes]:
    """Every find with what stands around it."""
    return [
        place[max(0, match.start() - 60) : match.end() + 60]
        for place in places
        for match in pattern.finditer(place)
    ]


@pytest.mark.parametrize("place", ["logs", "redis", "errors", "metrics"])
def test_neither_number_address_name_nor_text_is_where_it_has_no_business(
    told: Told, place: str
) -> None:
    searched: list[bytes] = getattr(told, place)
    assert searched
    for pattern in (PHONE, ARABIC, ADDRESS, told.typed):
        assert found(pattern, searched) == []


@pytest.mark.parametrize("place", ["public", "desk"])
def test_neither_number_nor_address_is_shown_unasked(told: Told, place: str) -> None:
    searched: list[bytes] = getattr(told, place)
    for pattern in (PHONE, ARABIC, ADDRESS):
        assert found(pattern, searched) == []
    assert found(told.typed, searched), "but the comment itself is shown"


def test_what_is_published_of_a_comment_is_this_and_no_more(told: Told) -> None:
    comments = json.loads(told.public[0])["items"]
    own = next(comment for comment in comments if comment["id"] == told.published)
    assert set(own) == {
        *("id", "parent_id", "name", "title", "content", "language", "received_at"),
        *("removed", "replies", "reply_count", "replies_previous", "replies_next"),
    }
    assert json.loads(told.public[8]) == {"id": told.published, "state": "published"}


@pytest.mark.parametrize("database", ["ledger", "articles"])
def test_on_the_disk_number_and_address_are_sealed_or_absent(told: Told, database: str) -> None:
    files = list(told.site.folder.glob(f"{database}.db*"))
    assert len(files) >= 2, "the database and what is written ahead of it"
    raw = [path.read_bytes() for path in files]
    for pattern in (PHONE, ARABIC, ADDRESS):
        assert found(pattern, raw) == []
    assert found(told.typed, raw), "but the comment itself is there"
    if database == "articles":
        assert found(re.compile(re.escape("098…123".encode())), raw) == []


def test_no_other_file_of_the_site_holds_what_the_reader_typed(told: Told) -> None:
    others = [
        path
        for path in told.site.folder.rglob("*")
        if path.is_file() and not re.match(r"(ledger|articles)\.db", path.name)
    ]
    assert others
    for path in others:
        for pattern in (PHONE, ARABIC, ADDRESS, told.typed):
            assert found(pattern, [path.read_bytes()]) == []


def test_the_search_would_have_found_it(told: Told) -> None:
    """What was searched holds what it should, and the patterns find what they are for."""
    for phone in PHONES[:4]:
        assert PHONE.search(phone.encode())
        assert PHONE.search(json.dumps({"phone": phone}).encode())
    assert ARABIC.search(PHONES[4].encode())
    assert ARABIC.search(json.dumps(PHONES[4]).encode())
    assert all(ADDRESS.search(address.encode()) for address in ADDRESSES)
    for revealed in told.revealed:
        assert found(PHONE, [revealed]) or found(ARABIC, [revealed])
        assert found(ADDRESS, [revealed])
    assert any(told.published.encode() in log for log in told.logs)
    assert any(told.published.encode() in said for said in told.heard)
    assert any(b"workers.jobs.check" in said for said in told.redis), "a failed job is there"
    assert any(b"IntegrityError" in said for said in told.redis), "and its words were unpacked"
    assert any(b"request_failed" in log or b"commit_failed" in log for log in told.logs)
    assert any(b"delivery_failed" in log for log in told.logs)


def test_numbers_cannot_be_tried_out_on_what_the_ledger_keeps(told: Told) -> None:
    """Whoever has the database and not the key learns no number by hashing all there are."""
    sent = Submission("x", "a", "N", "T", "C", "vi", datetime.now(UTC), PHONES[0], ADDRESSES[0])
    settings = told.site.settings
    other = settings.model_copy(update={"secret": SecretStr(secrets.token_hex(24))})
    ours, theirs = Ledger(settings), Ledger(other)
    assert form_hash(ours, sent) == form_hash(ours, sent) != form_hash(theirs, sent)
    assert ours.hashed(PHONES[0]) != theirs.hashed(PHONES[0])


async def test_after_its_time_nothing_of_number_and_address_is_left(told: Told) -> None:
    """The retention job erases what is sealed, hashed and masked; the comment stays."""
    old = now() - timedelta(days=told.site.settings.retention_days + 1)
    ledger = told.site.ledger()
    row = submissions.c.id == told.rejected
    async with ledger.database.writing() as connection:
        await connection.execute(submissions.update().where(row).values(received_at=old))
    assert await erase_old(ledger) == 1
    async with ledger.database.reading() as connection:
        found = (await connection.execute(sql.select(submissions).where(row))).one()._mapping
    await ledger.close()
    kinds = ("phone", "address", "network", "browser")
    personal = [name for name in found if name.startswith(kinds)]
    assert len(personal) == 9
    kept = {name: found[name] for name in [*personal, "form_hash", "client"]}
    assert {value for value in kept.values() if value} == set()
    assert {name for name, value in kept.items() if value is not None} == {
        *("phone_proven", "form_hash", "client")
    }
    assert told.word in found["content"]


async def test_a_statement_that_fails_quotes_no_parameter(told: Told) -> None:
    ledger = told.site.ledger()
    row = {"id": told.published, "name": told.word}
    with pytest.raises(DBAPIError) as refused:
        async with ledger.database.writing() as connection:
            await connection.execute(submissions.insert(), row)
    await ledger.close()
    assert told.word not in str(refused.value)


@pytest.mark.postgres
async def test_a_job_that_fails_quotes_no_row(
    postgres: Postgres, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """PostgreSQL tells the whole row it refuses, and RQ writes a job's failure to Redis."""
    redis = Redis(tmp_path)
    urls = (await postgres.create(secrets.token_hex(6)), sqlite_urls(tmp_path)[1])
    site = Installation(tmp_path, redis, urls)
    try:
        site.migrate()
        await execute(site, "ALTER TABLE submissions ADD CHECK (state <> 'held') NOT VALID")
        await site.start("articles", "intake", "checks")
        told = Told(site, f"dau{secrets.token_hex(8)}")
        submission = await Visitor(told, http).accepted("", content=told.doubtful)

        async def failed() -> bool:
            return failed_jobs(site) > 0

        await until(failed, "the job has failed")
        assert submission.encode() in b"".join(told.logs)
        for pattern in (PHONE, ARABIC, ADDRESS, told.typed):
            assert found(pattern, [*told.logs, *told.redis]) == []
    finally:
        site.stop()
        redis.stop()
