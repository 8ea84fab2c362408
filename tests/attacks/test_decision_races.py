"""Two moderators on the same comments at the same moment, on both databases."""

import asyncio
import json
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger.books import books
from commentdesk.ledger.tables import audit, decisions, events
from tests.conftest import ALL, sqlite_urls
from tests.installation import Installation, Postgres, Redis
from tests.reader import DOUBTFUL, Desk, Reader
from tests.waiting import wait_for_moderators

pytestmark = pytest.mark.slow
AFTER = {"approve": "published", "reject": "rejected"}


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def newsroom(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """All that a decision passes through, on each database."""
    folder = tmp_path_factory.mktemp("newsroom")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    redis = Redis(folder)
    installation = Installation(folder, redis, urls)
    installation.migrate()
    await installation.account("mai")
    await installation.account("nam")
    await installation.start(*ALL)
    yield installation
    installation.stop()
    redis.stop()


@pytest.fixture
def poster(newsroom: Installation, http: aiohttp.ClientSession) -> Reader:
    return Reader(newsroom, http)


@pytest.fixture
async def desks(newsroom: Installation) -> AsyncIterator[tuple[Desk, Desk]]:
    """Mai and Nam, each at a console."""
    mai, nam = await Desk.log_in(newsroom, "mai"), await Desk.log_in(newsroom, "nam")
    yield mai, nam
    await mai.close()
    await nam.close()


async def held(reader: Reader, count: int) -> list[str]:
    """So many comments that wait for a moderator, by id."""
    form = {**DOUBTFUL, "title": "Chờ duyệt"}
    made = [await reader.accepted(**form) for _ in range(count)]
    for submission in made:
        await reader.reaches(submission, "held")
    return sorted(made)


async def written(site: Installation, submission: str) -> dict[str, list[Any]]:
    """What the ledger has of a submission: decisions, audit rows, states it entered."""
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        found = {
            "decisions": (decisions.c.actor, decisions.c.action),
            "audit": (audit.c.actor, audit.c.action),
        }
        rows: dict[str, list[Any]] = {
            name: [
                tuple(row)
                for row in await connection.execute(
                    sql.select(*columns).where(columns[0].table.c.submission == submission)
                )
            ]
            for name, columns in found.items()
        }
        entered = sql.select(events.c.state).where(events.c.submission == submission)
        rows["states"] = list((await connection.execute(entered)).scalars())
    await ledger.close()
    return rows


def deliveries(site: Installation, submission: str) -> list[str]:
    """What came of every delivery of the submission to the article store."""
    lines = [json.loads(line) for line in site.log_of("publish").splitlines() if line[0] == "{"]
    told = [line for line in lines if line["event"] == "comment_delivered"]
    return [line["result"] for line in told if line["submission"] == submission]


@pytest.mark.parametrize(
    "actions", [("approve", "reject"), ("reject", "approve"), ("approve", "approve")]
)
async def test_of_fifty_decisions_at_once_exactly_one_is_made(
    newsroom: Installation,
    poster: Reader,
    desks: tuple[Desk, Desk],
    actions: tuple[str, str],
) -> None:
    (submission,) = await held(poster, 1)
    version = (await desks[0].find(submission))["version"]
    answers = await asyncio.gather(
        *(desks[n % 2].decide(actions[n % 2], (submission, version)) for n in range(50))
    )
    assert Counter(status for status, _ in answers) == {200: 1, 409: 49}
    winner = next(n for n, (status, _) in enumerate(answers) if status == 200)
    made = (("mai", "nam")[winner % 2], actions[winner % 2])
    for _, answer in [answers[n] for n in range(50) if n != winner]:
        assert answer["code"] == "conflict"
        assert (answer["decision"]["actor"], answer["decision"]["action"]) == made
    await poster.reaches(submission, AFTER[made[1]])
    # A comment decided later has gone all the way: nothing of the race is under way any more.
    (after,) = await held(poster, 1)
    await desks[0].decides("approve", after)
    await poster.reaches(after, "published")
    found = await written(newsroom, submission)
    assert found["decisions"] == [made]
    assert found["audit"] == [made]
    passed = ["approved", "published"] if made[1] == "approve" else ["rejected"]
    assert sorted(found["states"]) == sorted(["received", "held", *passed])
    assert deliveries(newsroom, submission) == ["applied"] * (made[1] == "approve")
    shown = [comment["id"] for comment in await poster.comments()]
    assert shown.count(submission) == (made[1] == "approve")


async def test_a_decision_on_what_is_no_longer_there_is_a_conflict(
    newsroom: Installation, poster: Reader, desks: tuple[Desk, Desk]
) -> None:
    mai, nam = desks
    (submission,) = await held(poster, 1)
    seen = {"held": (await mai.find(submission))["version"]}
    await nam.decides("approve", submission)
    await poster.reaches(submission, "published")
    seen["published"] = (await mai.find(submission))["version"]
    await nam.decides("remove", submission)
    await nam.decides("restore", submission)
    await poster.reaches(submission, "published")
    now = await mai.find(submission)
    for action, version in (
        ("approve", seen["held"]),
        ("reject", seen["held"]),
        # The state is the one that was seen; the comment went away and came back between.
        ("remove", seen["published"]),
        ("remove", now["version"] + 1),
    ):
        status, answer = await mai.decide(action, (submission, version))
        assert (status, answer["code"]) == (409, "conflict"), (action, version)
        assert answer["decision"]["actor"] == "nam"
        assert answer["decision"]["action"] == "restore"
    assert await mai.find(submission) == now


async def test_bulk_decisions_in_opposite_orders_all_end(
    newsroom: Installation, poster: Reader, desks: tuple[Desk, Desk]
) -> None:
    for _ in range(2):
        waiting = await held(poster, 20)
        seen = [(submission, 2) for submission in waiting]
        orders = [seen, seen[::-1], seen[5:] + seen[:5], seen[::-2] + seen[::2]] * 3
        answers = await asyncio.gather(
            *(
                desks[n % 2].decide(("reject", "approve")[n % 2], *order)
                for n, order in enumerate(orders)
            )
        )
        assert {status for status, _ in answers} == {200}
        results = [
            (result["id"], result["result"])
            for _, answer in answers
            for result in answer["results"]
        ]
        assert Counter(results) == Counter(
            [(submission, "done") for submission in waiting]
            + [(submission, "conflict") for submission in waiting] * (len(orders) - 1)
        )
        for submission in waiting:
            assert len((await written(newsroom, submission))["decisions"]) == 1


async def test_a_decision_is_signed_by_the_session_not_by_the_body(
    newsroom: Installation, poster: Reader, desks: tuple[Desk, Desk]
) -> None:
    (submission,) = await held(poster, 1)
    forged = {"actor": "nam", "at": "2000-01-01T00:00:00Z", "state": "published", "version": "99"}
    await desks[0].decides("reject", submission, **forged)
    assert (await written(newsroom, submission))["decisions"] == [("mai", "reject")]
    found = await desks[0].find(submission)
    assert (found["state"], found["version"]) == ("rejected", 3)
    assert not found["decision"]["at"].startswith("2000")


RACED, FOUGHT_OVER, AT_ONCE = 1_000, 120, 16
MOVES = ("approve", "reject", "hold", "remove", "restore", "undo", "undo")


class Race:
    """Two moderators who decide, singly and in bulk, what both of them see, and take it back."""

    def __init__(self, desks: tuple[Desk, Desk], submissions: list[str]) -> None:
        self.desks, self.submissions = desks, submissions
        self.chance = random.Random(20261125)
        # What each was told: (submission, version, who, action), and the losers' answers.
        self.won: list[tuple[str, int, str, str]] = []
        self.lost: list[dict[str, Any]] = []
        self.batches: dict[str, list[str]] = {"mai": [], "nam": []}
        self.versions = dict.fromkeys(submissions, 2)

    async def run(self, decisions: int) -> None:
        """So many decisions, AT_ONCE requests at a time."""
        while len(self.won) + len(self.lost) < decisions:
            sizes = [self.chance.choice((1, 1, 5, 12)) for _ in range(AT_ONCE)]
            await asyncio.gather(*(self._one(n % 2, size) for n, size in enumerate(sizes)))

    async def _one(self, who: int, size: int) -> None:
        login, action = ("mai", "nam")[who], self.chance.choice(MOVES)
        if action == "undo" and self.batches[login]:
            batch = self.batches[login].pop(self.chance.randrange(len(self.batches[login])))
            path, body = f"/v1/decisions/{batch}/undo", {}
        else:
            action = "reject" if action == "undo" else action
            items = self.chance.sample(self.submissions, size)
            seen = [{"id": each, "seen_version": self.versions[each]} for each in items]
            path, body = "/v1/decisions", {"items": seen, "action": action}
        self._heard(login, action, *await self._post(who, path, body))

    async def _post(self, who: int, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        desk = self.desks[who]
        headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
        async with desk.http.post(desk.site.moderation + path, json=body, headers=headers) as told:
            return told.status, await told.json(content_type=None)

    def _heard(self, login: str, action: str, status: int, answer: dict[str, Any]) -> None:
        assert status in {200, 409}, answer
        done = [result for result in answer["results"] if result["result"] == "done"]
        assert bool(done) or len(answer["results"]) > 1 or status == 409
        if done and action != "undo":
            self.batches[login].append(answer["batch"])
        for result in answer["results"]:
            self.versions[result["id"]] = result["version"]
            if result["result"] == "done":
                self.won.append((result["id"], result["version"], login, action))
            else:
                self.lost.append(result)


async def test_a_thousand_decisions_of_two_are_each_made_once_and_written_once(
    newsroom: Installation, desks: tuple[Desk, Desk]
) -> None:
    ledger = newsroom.ledger()
    submissions = await wait_for_moderators(ledger, FOUGHT_OVER)
    race = Race(desks, submissions)
    await race.run(RACED)
    async with ledger.database.reading() as connection:
        made = (
            await connection.execute(
                sql.select(decisions).where(decisions.c.submission.in_(submissions))
            )
        ).all()
        query = sql.select(audit.c.submission, audit.c.actor, audit.c.action)
        written_down = (
            await connection.execute(query.where(audit.c.submission.in_(submissions)))
        ).all()
        entered = (
            await connection.execute(
                sql.select(events.c.submission, events.c.version).where(
                    events.c.submission.in_(submissions)
                )
            )
        ).all()
    # What was told is what is written, each once, and nothing else is.
    told = [(row.submission, row.version, row.actor, row.action) for row in made]
    assert sorted(told) == sorted(race.won)
    assert len(race.won) + len(race.lost) >= RACED
    assert {action for *_, action in race.won} == set(MOVES)
    assert Counter(tuple(row) for row in written_down) == Counter(
        (submission, actor, action) for submission, _, actor, action in race.won
    )
    versions: defaultdict[str, list[int]] = defaultdict(list)
    for row in entered:
        versions[row.submission].append(row.version)
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in versions.values())
    # Every loser of a conflict was told a decision that was made.
    by_place = {(row.submission, row.version): row for row in made}
    conflicts = [each for each in race.lost if each["result"] == "conflict"]
    assert len(conflicts) > RACED / 10
    assert {each["result"] for each in race.lost} <= {"conflict", "impossible"}
    for each in conflicts:
        if each["decision"] is not None:
            row = by_place[each["id"], each["decision"]["version"]]
            assert (row.actor, row.action) == (
                each["decision"]["actor"],
                each["decision"]["action"],
            )
    assert sum(each["decision"] is None for each in conflicts) == 0
    assert (await books(ledger)).difference == 0
    await ledger.close()
