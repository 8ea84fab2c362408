"""The audit in the console: searched, read by programs, downloaded; it tells when it is cut."""

import csv
import io
import json
import re
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger import audit as audits
from commentdesk.ledger.tables import audit, audit_head
from commentdesk.ledger.verification import Walk
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.integration.test_books import measured
from tests.operator import refuses, succeeds
from tests.reader import CLEAN, DOUBTFUL, Desk, Reader

# Where it is another day than in most newsrooms.
ZONE = ZoneInfo("Pacific/Pago_Pago")
_TIME = re.compile(r'<time[^>]* datetime="([^"]+)"[^>]*>([^<]+)</time>')
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1+1", "\x00=1")


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def newsroom(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console with a past that was written down."""
    folder = tmp_path_factory.mktemp("audited")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    installation = Installation(folder, redis, urls, TIME_ZONE=str(ZONE))
    installation.migrate()
    await installation.account("mai", "admin")
    await installation.account("nam")
    ledger = installation.ledger()
    async with ledger.database.writing() as connection:
        for number in range(120):
            await audits.record(connection, "lan", "approve", f"s-{number}", {"note": ""})
        await audits.record(connection, "nam", "reject", "s-7", {"note": "Gọi điện Đà Nẵng"})
        await audits.record(connection, "nam", "reveal", "s-7", {})
        for formula in FORMULAS[:-1]:
            await audits.record(connection, formula, formula, formula, {"note": formula})
    await ledger.close()
    await installation.start("articles", "intake", "checks", "moderation")
    yield installation
    installation.stop()


@pytest.fixture
async def mai(newsroom: Installation) -> AsyncIterator[Desk]:
    opened = await Desk.log_in(newsroom, "mai")
    yield opened
    await opened.close()


async def found(desk: Desk, **query: str) -> list[dict[str, Any]]:
    status, answer = await desk.get("/v1/audit", **query)
    assert status == 200, answer
    return list(answer["items"])


async def test_it_is_searched_by_everything_it_says(mai: Desk) -> None:
    [rejected] = await found(mai, actor="nam", action="reject")
    assert rejected["detail"] == {"note": "Gọi điện Đà Nẵng"}
    assert await found(mai, q="da nang") == [rejected]
    assert await found(mai, q="DIEN  Đà") == [rejected]
    assert await found(mai, q="da nang", actor="lan") == []
    assert await found(mai, q="%") == []
    assert {row["action"] for row in await found(mai, submission="s-7")} == {
        "approve",
        "reject",
        "reveal",
    }
    [seen] = await found(mai, action="personal_data")
    assert (seen["actor"], seen["action"]) == ("nam", "reveal")
    today = rejected["at"][:10]
    assert await found(mai, q="da nang", after="2000-01-01", before="2999-12-31") == [rejected]
    assert await found(mai, q="da nang", before="2000-01-01") == []
    assert await found(mai, q="da nang", after="2999-01-01") == []
    page = await mai.text("/audit", actor="nam", action="reject", lang="en")
    assert "Gọi điện Đà Nẵng" in page
    assert today[:4] in page
    assert "/audit?action=personal_data" in await mai.page("/audit")


async def test_days_and_times_are_those_of_the_sites_clocks(
    mai: Desk, newsroom: Installation, http: aiohttp.ClientSession
) -> None:
    reader = Reader(newsroom, http)
    _, sent = await reader.post(reader.form(**DOUBTFUL))
    async with http.get(f"{newsroom.intake}/receipts/{sent['receipt']['code']}") as response:
        receipt = await response.text()
    for page in (await mai.page("/audit", actor="nam"), receipt, await reader.page()):
        shown = _TIME.findall(page)
        assert shown
        for stamped, said in shown:
            local = datetime.fromisoformat(stamped).astimezone(ZONE)
            assert said == local.strftime("%H:%M %d/%m/%Y")
    [rejected] = await found(mai, q="da nang")
    day = datetime.fromisoformat(rejected["at"]).astimezone(ZONE).date()
    for change, after, before in ((-1, 1, 0), (0, 1, 1), (1, 0, 1)):
        other = str(day + timedelta(days=change))
        assert len(await found(mai, q="da nang", after=other)) == after
        assert len(await found(mai, q="da nang", before=other)) == before


async def test_every_row_is_on_one_page(mai: Desk) -> None:
    numbers: list[int] = []
    query: dict[str, str] = {"limit": "50"}
    while True:
        _, answer = await mai.get("/v1/audit", **query)
        numbers += [row["number"] for row in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert numbers == list(range(numbers[0], 0, -1))
    page = await mai.page("/audit", actor="lan")
    following = re.search(r'href="(/audit\?[^"]*cursor=\d+)" rel="next"', page)
    assert following
    assert "actor=lan" in following[1]
    older = await mai.text(following[1].replace("&amp;", "&"))
    assert "s-" not in older or "lan" in older


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"after": "2026-02-30"}, 422, "not_a_date"),
        ({"before": "9999-12-31"}, 422, "not_a_date"),
        ({"q": "x" * 201}, 422, "too_long"),
        ({"actor": "\x01"}, 422, "control_character"),
        ({"limit": "0"}, 422, "out_of_range"),
        ({"cursor": "-1"}, 400, "invalid_cursor"),
        ({"cursor": "٣"}, 400, "invalid_cursor"),
    ],
)
async def test_what_cannot_be_answered_is_told(
    mai: Desk, query: dict[str, str], status: int, code: str
) -> None:
    got, answer = await mai.get("/v1/audit", **query)
    assert got == status
    assert code in {answer["code"], *(error["code"] for error in answer["errors"])}
    if "limit" not in query:
        page = await mai.page("/audit", **query)
        assert "Traceback" not in page
    if "after" in query:
        assert "Ngày không đúng" in page
        assert 'value="2026-02-30"' in page


async def test_no_cell_of_the_download_is_a_formula(mai: Desk) -> None:
    url = f"{mai.site.moderation}/audit.csv"
    async with mai.http.get(url) as response:
        assert response.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
        assert response.headers["Cache-Control"] == "no-store"
        written = (await response.read()).decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(written, newline="")))
    assert head[:5] == ["number", "at", "actor", "action", "submission"]
    assert [int(row[0]) for row in rows] == list(range(len(rows), 0, -1))
    for row in rows:
        for cell in row:
            assert not re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n\x00]", cell), row
    assert {row[2] for row in rows} >= {f"'{formula}" for formula in FORMULAS[:-1]}
    assert any("Gọi điện Đà Nẵng" in row[5] for row in rows)
    async with mai.http.get(url, params={"actor": "nam"}) as response:
        assert len((await response.text()).splitlines()) == 3


async def test_a_chain_that_holds_says_so_and_names_its_head(
    newsroom: Installation, mai: Desk, http: aiohttp.ClientSession
) -> None:
    async def whole() -> bool:
        _, answer = await mai.get("/v1/audit", limit="1")
        same = answer["chain"]["mac"] == answer["items"][0]["mac"]
        return bool(answer["chain"]["holds"] and same)

    await until(whole, "the chain was walked along to its end")
    _, answer = await mai.get("/v1/audit", limit="1")
    head = f"{answer['chain']['number']}:{answer['chain']['mac']}"
    page = await mai.text("/audit", lang="en")
    assert head in page
    assert "The chain holds" in page
    assert await measured(newsroom, http, "commentdesk_audit_faults") == 0
    assert await measured(newsroom, http, "commentdesk_audit_head_number") >= 130
    told = int(await measured(newsroom, http, "commentdesk_audit_head_mac"))
    assert f"{told:012x}" == answer["chain"]["mac"][:12]
    assert '"event": "audit_head"' in newsroom.log_of("moderation")
    said = succeeds("audit", "verify", "--head", head[:40], settings=newsroom.environment)
    assert "The audit's chain is whole." in said
    number, _, mac = head.partition(":")
    other = f"{number}:{'0' * 12}"
    assert "is not in this chain" in refuses(
        "audit", "verify", "--head", other, settings=newsroom.environment
    )
    assert "NUMBER:MAC" in refuses("audit", "verify", "--head", mac, settings=newsroom.environment)


async def test_an_erased_note_is_seen_as_erased_and_the_chain_holds(
    newsroom: Installation, mai: Desk, http: aiohttp.ClientSession
) -> None:
    reader = Reader(newsroom, http)
    submission = await reader.accepted(**{**DOUBTFUL, "name": CLEAN["name"]})
    await reader.reaches(submission, "held")
    await mai.decides("reject", submission, note="Ông Tám ở Cần Thơ", reason="spam")
    assert await mai.erase(submission) == 200
    erased, rejected = await found(mai, submission=submission)
    assert (erased["action"], erased["note_erased"]) == ("erase", False)
    assert rejected["note_erased"]
    assert rejected["detail"] == {"reason": "spam", "note": "", "state": "rejected"}
    assert await found(mai, q="can tho") == []
    assert "its note was erased on request" in await mai.text(
        "/audit", submission=submission, lang="en"
    )
    ledger = newsroom.ledger()
    walk = Walk(ledger)
    await walk.to_the_end()
    async with ledger.database.reading() as connection:
        query = sql.select(audit).where(audit.c.submission == submission)
        rows = (await connection.execute(query)).all()
    await ledger.close()
    assert walk.faults == {}
    assert "Cần Thơ" not in json.dumps([str(row) for row in rows], ensure_ascii=False)
    assert all(row.note_salt is None for row in rows)


async def test_only_admins_see_any_of_it(newsroom: Installation) -> None:
    nam = await Desk.log_in(newsroom, "nam")
    for path in ("/audit", "/audit.csv", "/v1/audit"):
        async with nam.http.get(newsroom.moderation + path) as response:
            assert response.status == 403
    await nam.close()


async def test_a_cut_is_an_alarm_on_every_page(
    newsroom: Installation, mai: Desk, http: aiohttp.ClientSession
) -> None:
    """Last in this file: what is cut stays cut, until an operator has it signed anew."""
    assert "was changed or cut" not in await mai.text("/", lang="en")
    ledger = newsroom.ledger()
    async with ledger.database.writing() as connection:
        await connection.execute(audit.delete().where(audit.c.number == 60))
        head = (await connection.execute(sql.select(audit_head.c.number))).scalar_one()

    async def seen() -> bool:
        return await measured(newsroom, http, "commentdesk_audit_faults") == 1

    await until(seen, "the chain is walked along again")
    nam = await Desk.log_in(newsroom, "nam")
    page = await nam.page("/", lang="en")
    assert "The audit was changed or cut." in page
    assert 'href="/audit"' not in page
    await nam.close()
    assert "Rows 60 to 60 are missing." in await mai.text("/audit", lang="en")
    _, answer = await mai.get("/v1/audit")
    assert answer["chain"]["faults"] == [{"kind": "missing", "number": 60, "last": 60}]
    assert answer["chain"]["holds"] is False
    log = newsroom.log_of("moderation")
    assert log.count("audit_chain_broken") == 1
    said = refuses("audit", "verify", settings=newsroom.environment)
    assert "chain is broken" in said
    assert "nothing was signed" in refuses("audit", "reseal", settings=newsroom.environment)
    succeeds("audit", "reseal", "--broken", settings=newsroom.environment)
    assert "is whole" in succeeds("audit", "verify", settings=newsroom.environment)
    [last] = await audits.recent(ledger, 1)
    await ledger.close()
    assert last.action == "reseal_audit"
    assert last.detail["faults"] == 1
    assert int(last.detail["head"].partition(":")[0]) >= head


async def test_after_a_change_of_the_secret_the_old_one_vouches_for_the_chain(
    newsroom: Installation, tmp_path: Any
) -> None:
    old = tmp_path / "old"
    old.write_text(newsroom.environment["COMMENTDESK_SECRET"])
    changed = {**newsroom.environment, "COMMENTDESK_SECRET": secrets.token_hex(24)}
    assert "nothing was signed" in refuses("audit", "reseal", settings=changed)
    succeeds("audit", "reseal", "--old-secret-file", old, settings=changed)
    assert "is whole" in succeeds("audit", "verify", settings=changed)
