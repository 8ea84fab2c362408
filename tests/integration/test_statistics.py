"""Statistics: right figures on both databases, charts that run nothing, an alarm in time."""

import secrets
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from commentdesk.database import now
from commentdesk.ledger import Ledger
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.statistics import figures, own_figures
from commentdesk.ledger.tables import articles, decisions, events, submissions, verdicts
from commentdesk.ledger.waiting import Waiting, quantiles
from services.moderation.oversight.figures import beginning, by_column, columns
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.integration.test_books import measured
from tests.reader import DOUBTFUL, Desk, Reader

MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def newsroom(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    folder = tmp_path_factory.mktemp("counted")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    installation = Installation(folder, redis, urls)
    installation.migrate()
    for login, role in (("mai", "admin"), ("bien", "editor"), ("nam", "moderator")):
        await installation.account(login, role)
    ledger = installation.ledger()
    await remember(ledger)
    await ledger.close()
    await installation.start("moderation")
    yield installation
    installation.stop()


class Past:
    """Writes what would have been written, at the times it says."""

    def __init__(self) -> None:
        self.rows: dict[Any, list[dict[str, Any]]] = {}

    def put(self, table: Any, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def submission(self, article: str, received: datetime, state: str, *path: Any) -> None:
        """One with its `path`: (state, minutes after, who or the machine's risk) of each step."""
        name, version = new_id(), 1
        self.event(name, article, "received", 1, received)
        for entered, minutes, by in path:
            version, at = version + 1, received + minutes * MINUTE
            self.event(name, article, entered, version, at)
            action = {"held": "hold", "approved": "approve", "rejected": "reject"}.get(entered)
            action = action or {"removed": "remove"}.get(entered)
            if isinstance(by, float):
                self.put(verdicts, submission=name, action=action, score=by, findings=[], at=at)
            elif by:
                deed = {"action": action, "actor": by, "reason": "", "note": ""}
                self.put(decisions, submission=name, version=version, at=at, **deed)
        shown = dict.fromkeys(("name", "title", "content", "folded"), "x")
        numbers = dict.fromkeys(("fence", "attempts", "hints"), 0)
        self.rows.setdefault(submissions, []).append(
            {"id": name, "article": article, "language": "vi", "consent": True, "client": {}}
            | {"received_at": received, "state": state, "version": version}
            | {"captcha_nonce": name.encode(), "form_hash": b"", **shown, **numbers}
        )

    def event(self, name: str, article: str, state: str, version: int, at: datetime) -> None:
        row = {"submission": name, "article": article, "state": state, "version": version}
        self.put(events, id=new_id(), at=at, **row)


async def remember(ledger: Ledger) -> None:
    past, ago = Past(), now() - timedelta(hours=2)
    machine = ("approved", 0, 0.1), ("published", 1, None)
    for _ in range(4):
        past.submission("a1", ago, "published", *machine)
    past.submission("a1", ago, "removed", *machine, ("removed", 30, "nam"))
    past.submission("a1", ago, "rejected", ("rejected", 0, 0.99))
    for minutes, who, risk in ((10, "mai", 0.1), (20, "mai", 0.3), (40, "nam", 0.9)):
        steps = ("held", 0, risk), ("approved", minutes, who), ("published", minutes + 1, None)
        past.submission("b1", ago, "published", *steps)
    for risk in (0.5, 0.95):
        past.submission("b1", ago, "rejected", ("held", 0, risk), ("rejected", 60, "mai"))
    past.submission("b2", ago - timedelta(hours=1), "held", ("held", 0, 0.4))
    long_ago = ago - timedelta(days=60)
    past.submission("a1", long_ago, "published", ("held", 0, 0.1), ("approved", 9, "mai"))
    for article, section in (("a1", "Thể thao"), ("b1", "Thời sự"), ("b2", "Thời sự")):
        row = {"id": article, "title": f"Bài {article}", "language": "vi", "url": ""}
        past.put(articles, comments="open", section=section, seen_at=ago, **row)
    async with ledger.database.writing() as connection:
        for table in (articles, submissions, events, verdicts, decisions):
            await connection.execute(table.insert(), past.rows[table])


def test_quantiles_are_values_that_occurred() -> None:
    assert quantiles([]) == Waiting(0, None, None)
    assert quantiles([3.0]) == Waiting(1, 3.0, 3.0)
    assert quantiles(float(n) for n in range(100, 0, -1)) == Waiting(100, 50.0, 95.0)


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Asia/Kathmandu", "America/St_Johns"])
def test_a_day_has_24_columns_and_a_month_30(zone: str) -> None:
    # Where clocks were changed this week, it has an hour more or less.
    for window, count in (("24h", 24), ("7d", range(144, 170)), ("30d", 30)):
        since, at = beginning(window, ZoneInfo(zone)), now()
        found = len(columns(window, since, at))
        assert found in (count if isinstance(count, range) else [count])
        hour = int(at.timestamp() // 3600)
        assert by_column(window, since, at, {hour: 2, hour - 24 * 40: 9}) == [0] * (found - 1) + [2]


def test_a_day_whose_clocks_are_changed_is_one_column_and_its_hours_are_23() -> None:
    since = datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Lisbon"))
    until = datetime(2026, 3, 30, 12, tzinfo=since.tzinfo)
    assert [f"{each:%d %H}" for each in columns("30d", since, until)] == ["28 00", "29 00", "30 00"]
    assert len(columns("7d", since, until)) == 24 + 23 + 13
    # Midnight of the 30th is 23:00 UTC on the 29th, where a day before it was 00:00.
    hours = {int(datetime(2026, 3, day, 23, tzinfo=UTC).timestamp() // 3600): 1 for day in (28, 29)}
    assert by_column("30d", since, until, hours) == [1, 0, 1]


async def test_the_figures_are_those_of_the_rows(newsroom: Installation) -> None:
    ledger = newsroom.ledger()
    found = await figures(ledger, now() - timedelta(hours=24))
    assert sum(found.arrived.values()) == 12
    assert sum(found.by_people.values()) == 6
    assert sum(found.by_machine.values()) == 6
    assert found.to_decision == Waiting(6, 30 * 60.0, 60 * 60.0)
    assert found.to_publication == Waiting(8, 60.0, 41 * 60.0)
    assert found.waiting == 1
    assert found.oldest is not None
    assert now() - found.oldest > timedelta(hours=3)
    made = found.agreement
    assert (made.published, made.published_removed) == (5, 1)
    assert (made.rejected, made.rejected_restored) == (1, 0)
    assert made.approved_by_band == [1, 1, 0, 0, 1]
    assert made.refused_by_band == [0, 0, 1, 0, 1]
    assert made.of_held == 3 / 4
    # Six by the machine; five of what it held by people.
    assert found.machine_share == 6 / 11
    assert found.hours_to_clear is None
    own = await own_figures(ledger, "mai", now() - timedelta(days=1))
    assert (own.decided, own.undone) == (4, 0)
    past = await own_figures(ledger, "mai", now() - timedelta(days=90))
    assert past.decided == 5
    await ledger.close()
    parts = found.coverage
    told = [(part.name, part.entered["received"], part.waiting) for part in parts.sections]
    assert told == [("Thể thao", 6, 0), ("Thời sự", 6, 1)]
    assert [part.title for part in parts.articles] == ["Bài a1", "Bài b1", "Bài b2"]
    assert parts.articles[1].to_decision == Waiting(5, 40 * 60.0, 60 * 60.0)
    assert parts.sections[0].to_decision == Waiting(1, 30 * 60.0, 30 * 60.0)


async def test_each_sees_what_is_for_them(
    newsroom: Installation, http: aiohttp.ClientSession
) -> None:
    seen = {}
    for login in ("mai", "bien", "nam"):
        desk = await Desk.log_in(newsroom, login)
        status, seen[login] = await desk.get("/v1/statistics", window="24h")
        assert status == 200
        page = await desk.text("/statistics", lang="en")
        assert ("Bài b1" in page) == (login != "nam")
        assert "Nobody else sees these figures." in page
        assert (await desk.get("/v1/statistics", window="1y"))[0] == 422
        await desk.close()
    assert [seen[login]["own"]["decided"] for login in ("mai", "bien", "nam")] == [4, 0, 2]
    assert "mai" not in str(seen["bien"]), "nobody else's figures"
    assert seen["nam"]["sections"] is None
    assert seen["nam"]["articles"] is None
    assert [part["name"] for part in seen["bien"]["sections"]] == ["Thể thao", "Thời sự"]
    assert seen["nam"]["machine"]["published_removed"] == 1
    assert sum(column["arrived"] for column in seen["nam"]["columns"]) == 12
    headers = {"Authorization": f"Bearer {newsroom.token}"}
    async with http.get(f"{newsroom.moderation}/v1/statistics", headers=headers) as response:
        answer = await response.json()
    assert answer["own"] is None
    assert answer["waiting"]["late"] is True


@pytest.mark.parametrize("chart", ["flow", "risk"])
async def test_a_chart_is_a_picture_and_nothing_else(newsroom: Installation, chart: str) -> None:
    desk = await Desk.log_in(newsroom, "nam")
    for window in ("24h", "7d", "30d"):
        url = f"{newsroom.moderation}/statistics/{chart}.svg?window={window}"
        async with desk.http.get(url) as response:
            assert response.status == 200
            assert response.content_type == "image/svg+xml"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            text = await response.text()
        drawn = ET.fromstring(text)
        names = {each.tag.rpartition("}")[2] for each in drawn.iter()}
        assert names <= {"svg", "defs", "style", "title", "g", "rect", "path", "circle", "text"}
        assert not [a for each in drawn.iter() for a in each.attrib if a.startswith("on")]
        assert "prefers-color-scheme:dark" in text
        assert not [each for each in drawn.iter() if "style" in each.attrib]
        for word in ("href", "url(", "@import", "<script"):
            assert word not in text
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    async with desk.http.get(f"{newsroom.moderation}/statistics/x.svg") as response:
        assert response.status == 404
    await desk.close()


async def test_a_table_stands_behind_each_chart(newsroom: Installation) -> None:
    desk = await Desk.log_in(newsroom, "nam")
    page = await desk.page("/statistics", lang="en")
    await desk.close()
    assert page.count("<details>") == page.count("<img ") == 2
    assert 'alt="Chart: 12 comments arrived; people decided 6, the machine 6.' in page
    assert "<script" not in page.replace('<script src="/static/', "")


async def test_one_that_waits_too_long_is_an_alarm_until_it_is_decided(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    fragile.environment["COMMENTDESK_WAITING_TARGET_MINUTES"] = "0.02"
    await fragile.account("mai", "admin")
    await fragile.start("articles", "intake", "checks", "moderation")
    reader, desk = Reader(fragile, http), await Desk.log_in(fragile, "mai")
    assert "has waited" not in await desk.text("/", lang="en")
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")

    async def late() -> bool:
        _, answer = await desk.get("/v1/statistics")
        return bool(answer["waiting"]["late"])

    await until(late, "it waits too long")
    page = await desk.text("/", lang="en")
    assert "The oldest comment has waited" in page
    assert "the target is 0.02 minutes" in page
    assert await measured(fragile, http, "commentdesk_oldest_waiting_seconds") > 1
    assert await late()
    await desk.decides("reject", submission)
    assert not await late()
    assert "has waited" not in await desk.text("/", lang="en")
    assert await measured(fragile, http, "commentdesk_oldest_waiting_seconds") == 0
    log = fragile.log_of("moderation")
    assert log.count("waiting_too_long") == 1
    assert log.count("waiting_in_time_again") == 1
    await desk.close()
