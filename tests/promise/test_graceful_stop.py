"""SIGTERM: what is under way is brought to its end, nothing new is begun, the exit code is 0."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import redis as redis_client
import yaml
from rq import Queue, Worker
from yarl import URL

from commentdesk.database import Database
from commentdesk.domain.finding import clean
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import Action, Work
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import admit
from commentdesk.ledger.claim import claim
from commentdesk.ledger.desk import entry
from commentdesk.ledger.record import record_verdicts
from commentdesk.processes import LASTING, SERVICES, Process
from commentdesk.queues import JOBS, JobKind, enqueue, open_queue
from commentdesk.web.app import ANSWER_SECONDS
from services.articles.shelf import counts
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Postgres, Redis, until
from tests.promise.deeds import admission
from tests.promise.in_flight import InFlight, SlowRoad, stopping, write_lock
from tests.reader import ARTICLE, Desk, Reader

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def prepared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """An installation with nothing started; its databases are made once for all tests."""
    folder = tmp_path_factory.mktemp("stop")
    own_redis = Redis(folder)
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (await server.create(f"{folder.name}-l"), await server.create(f"{folder.name}-a"))
    site = Installation(folder, own_redis, urls)
    site.migrate()
    await site.account("mai")
    yield site
    own_redis.stop()


@pytest.fixture
async def site(prepared: Installation) -> AsyncIterator[Installation]:
    connection(prepared).flushall()
    yield prepared
    prepared.stop()


@pytest.fixture
async def ledger(site: Installation) -> AsyncIterator[Ledger]:
    opened = site.ledger()
    yield opened
    await opened.close()


@pytest.fixture
async def articles(site: Installation) -> AsyncIterator[Database]:
    opened = site.articles_database()
    yield opened
    await opened.close()


def connection(site: Installation) -> redis_client.Redis:
    return redis_client.Redis.from_url(site.redis.url)


def queue(site: Installation, name: str) -> Queue:
    return open_queue(name, connection(site))


def hinted(site: Installation, name: str) -> list[str]:
    """The ids in the jobs that wait in a queue."""
    return [submission for job in queue(site, name).jobs for submission in job.args[0]]


async def test_intake_answers_what_is_in_flight_and_leaves_its_hints(
    site: Installation, ledger: Ledger, http: aiohttp.ClientSession
) -> None:
    await site.start("articles", "intake")
    reader = Reader(site, http)
    # From here on intake knows the article, and asks nobody before it commits.
    first = await reader.accepted()
    url = f"{site.intake}/v1/articles/{ARTICLE}/comments"
    asked = commits_begun(site)
    async with write_lock(ledger.database, "submissions"):
        # One waits within its commit, the others wait for the next.
        waiting = [await InFlight.send("POST", url, reader.form())]
        await until(begun_after(site, asked), "the commit is under way")
        waiting += [await InFlight.send("POST", url, reader.form()) for _ in range(2)]
        ending = await stopping(site, "intake")
        assert not ending.done()
    answers = [await each.answer() for each in waiting]
    assert await ending == 0
    assert [status for status, _ in answers] == [202, 202, 202]
    ids = [first, *(answer["id"] for _, answer in answers)]
    assert sorted(hinted(site, "checks")) == sorted(ids)
    for submission in ids:
        assert await entry(ledger, submission)


def commits_begun(site: Installation) -> int:
    """How often it was asked for burnt captchas: the last thing before a commit."""
    seen: Any = connection(site).info("commandstats")
    return int(seen.get("cmdstat_mget", {"calls": 0})["calls"])


def begun_after(site: Installation, before: int) -> Any:
    async def begun() -> bool:
        return commits_begun(site) > before

    return begun


async def test_moderation_answers_what_is_in_flight_and_ends_its_streams(
    site: Installation, ledger: Ledger
) -> None:
    await site.start("moderation")
    submission = await held(ledger)
    desk = await Desk.log_in(site, "mai")
    cookies = desk.http.cookie_jar.filter_cookies(URL(site.moderation))
    headers = {
        "Cookie": "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies.values()),
        "X-CSRF-Token": desk.csrf,
        "Origin": site.moderation,
    }
    url = f"{site.moderation}/v1/decisions"
    body = {"items": [{"id": submission, "seen_version": 2}], "action": "approve"}
    async with desk.http.get(f"{site.moderation}/v1/events") as stream:
        assert await stream.content.readline()
        async with write_lock(ledger.database, "submissions"):
            waiting = await InFlight.send("POST", url, body, **headers)
            ending = await stopping(site, "moderation")
            await stream.content.read()
            assert not ending.done()
        status, answer = await waiting.answer()
    assert await ending == 0
    await desk.close()
    assert (status, answer["results"][0]["result"]) == (200, "done")
    assert hinted(site, "publish") == [submission]


async def held(ledger: Ledger) -> str:
    """A submission that waits for a moderator."""
    form = admission(ARTICLE)
    await admit(ledger, [form])
    [taken] = await claim(ledger, Work.CHECK, [form.submission.id])
    await record_verdicts(ledger, [(taken, Verdict(Action.HOLD, 0.5, (clean("phone"),)))])
    return form.submission.id


async def test_the_article_store_answers_what_is_in_flight_and_ends_its_streams(
    site: Installation, articles: Database, http: aiohttp.ClientSession
) -> None:
    await site.start("articles")
    before = (await counts(articles, [ARTICLE]))[ARTICLE]
    item = {
        "id": "in-flight",
        "version": 2,
        "article": ARTICLE,
        "name": "Hương",
        "title": "Đang gửi",
        "content": "Gửi lúc kho bài đang dừng.",
        "language": "vi",
        "received_at": datetime.now(UTC).isoformat(),
    }
    url = f"{site.articles}/v1/comments"
    async with http.get(f"{site.articles}/v1/articles/{ARTICLE}/comments/events") as stream:
        assert await stream.content.readline()
        async with write_lock(articles, "comments"):
            token = {"Authorization": f"Bearer {site.token}"}
            waiting = await InFlight.send("PUT", url, {"items": [item]}, **token)
            ending = await stopping(site, "articles")
            await stream.content.read()
            assert not ending.done()
        status, answer = await waiting.answer()
    assert await ending == 0
    assert (status, answer["results"]) == (200, [{"id": "in-flight", "result": "applied"}])
    assert (await counts(articles, [ARTICLE]))[ARTICLE] == before + 1


@pytest.mark.parametrize("job", ["check", "retain"])
async def test_a_worker_finishes_its_job_and_takes_no_new_one(
    site: Installation, ledger: Ledger, job: str
) -> None:
    ids = [admission(ARTICLE) for _ in range(2)]
    await admit(ledger, ids)
    kind = JOBS[job]
    work = queue(site, kind.queue)
    await site.start(work.name)

    async def is_there() -> bool:
        return bool(Worker.all(queue=work))

    await until(is_there, "the worker is there")
    # Not before: on SQLite whoever wants to write waits twenty seconds at most.
    async with write_lock(ledger.database, "submissions"):
        for each in ids:
            enqueue(work, kind, [each.submission.id] if job == "check" else [])
        ending = await stopping_worker(site, work, kind)
        assert not ending.done()
    assert await ending == 0
    finished_one_left_one(work, kind)
    if job == "check":
        states = [await state(ledger, each.submission.id) for each in ids]
        assert states == ["approved", "received"]
        assert hinted(site, "publish") == [ids[0].submission.id]


async def test_publish_finishes_its_call_to_the_store_and_takes_no_new_job(
    site: Installation, ledger: Ledger, http: aiohttp.ClientSession
) -> None:
    await site.start("articles")
    ids = [await approved(ledger) for _ in range(2)]
    work = queue(site, "publish")
    for submission in ids:
        enqueue(work, JOBS["publish"], [submission])
    road = SlowRoad(site.articles)
    async with road.built() as address:
        site.environment["COMMENTDESK_ARTICLE_STORE_URL"] = address
        await site.start("publish")
        del site.environment["COMMENTDESK_ARTICLE_STORE_URL"]

        async def called() -> bool:
            return bool(road.arrived)

        await until(called, "the worker calls the store")
        ending = await stopping_worker(site, work, JOBS["publish"])
        assert not ending.done()
        road.open.set()
        assert await ending == 0
    finished_one_left_one(work, JOBS["publish"])
    assert road.arrived == ["PUT /v1/comments"]
    assert [await state(ledger, each) for each in ids] == ["published", "approved"]
    shown = {comment["id"] for comment in await Reader(site, http).comments()}
    assert shown & set(ids) == {ids[0]}


async def approved(ledger: Ledger) -> str:
    """A submission that waits to be published."""
    form = admission(ARTICLE)
    await admit(ledger, [form])
    [taken] = await claim(ledger, Work.CHECK, [form.submission.id])
    await record_verdicts(ledger, [(taken, Verdict(Action.APPROVE, 0.0, (clean("phone"),)))])
    return form.submission.id


async def stopping_worker(site: Installation, work: Queue, kind: JobKind) -> "asyncio.Task[int]":
    """SIGTERM while it works; the worker has heard it, and the task ends with its exit code."""

    async def is_at_it() -> bool:
        states = [worker.get_state() for worker in Worker.all(queue=work)]
        return states == ["busy"] and left_of(work, kind) == 1

    await until(is_at_it, "the worker is at work")
    [worker] = Worker.all(queue=work)
    ending = asyncio.create_task(asyncio.to_thread(site.terminate, work.name))

    async def has_heard() -> bool:
        return worker.shutdown_requested_date is not None

    await until(has_heard, "the worker knows that it is to stop")
    return ending


def left_of(work: Queue, kind: JobKind) -> int:
    """How many wait; what comes by the clock may have come besides."""
    return [job.func_name for job in work.jobs].count(kind.wire_name)


def finished_one_left_one(work: Queue, kind: JobKind) -> None:
    assert left_of(work, kind) == 1
    assert work.failed_job_registry.count == 0
    assert work.started_job_registry.count == 0


async def state(ledger: Ledger, submission: str) -> str:
    found = await entry(ledger, submission)
    assert found
    return found.state


@pytest.mark.parametrize("process", SERVICES, ids=lambda process: process.name)
def test_a_service_may_answer_what_is_in_flight_before_it_is_killed(process: Process) -> None:
    # aiohttp waits twice that long: for the answers, then for bodies that are still read.
    assert 2 * ANSWER_SECONDS < process.stop_seconds <= grace(process)


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.wire_name)
def test_a_worker_may_finish_its_job_before_it_is_killed(job: Any) -> None:
    [process] = [each for each in LASTING if each.name == job.queue]
    if job.queue != "upkeep":
        # What upkeep does may be broken off: it is done again by the clock.
        assert job.timeout < process.stop_seconds
    assert process.stop_seconds <= grace(process)


def grace(process: Process) -> float:
    period: str = COMPOSE["services"][process.name]["stop_grace_period"]
    return float(period.removesuffix("s"))
