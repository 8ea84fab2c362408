"""A ledger that was in use before the desk had views finds itself listed by them."""

import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from commentdesk.database import Database, migrate_within, now
from commentdesk.ledger.backup import MIGRATIONS
from commentdesk.ledger.tables import submissions
from tests.conftest import sqlite_urls
from tests.installation import Postgres

FINDINGS = [
    {"check": "links", "outcome": "suspect", "score": 0.5, "reasons": [{"code": "link"}]},
    {"check": "words", "outcome": "clean", "score": 0.0, "reasons": []},
]
LISTED = ("id", "folded_name", "risk", "doubts", "decided_by", "decided_reason", "may_stand")
WORK = {"held": None, "approved": "publish", "published": None, "removed": "retract"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def older(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A ledger as it was."""
    url = sqlite_urls(tmp_path)[0]
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = await server.create(secrets.token_hex(6))
    database = Database(url)
    async with database.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "0007")
    yield database
    await database.close()


async def test_what_was_known_before_is_where_lists_look_for_it(
    older: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = int(now().timestamp() * 1_000_000)
    async with older.writing() as connection:
        for state, work in WORK.items():
            row = {
                **{"id": state, "article": "a", "name": "Đỗ Thị Hương", "title": "", "content": ""},
                **{"language": "vi", "consent": True, "client": "{}", "received_at": moment},
                **{"captcha_nonce": state.encode(), "form_hash": b"", "folded": "", "state": state},
                **{"version": 3, "work": work, "fence": 0, "attempts": 0, "hints": 0},
            }
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            await connection.execute(
                sql.text(f"INSERT INTO submissions ({names}) VALUES ({values})"), row
            )
        await connection.execute(
            sql.text("INSERT INTO verdicts VALUES ('held', 'hold', 0.5, :found, :at, '', 0)"),
            {"found": json.dumps(FINDINGS), "at": moment},
        )
        for version, actor in ((2, "mai"), (3, "nam")):
            await connection.execute(
                sql.text(
                    "INSERT INTO decisions (submission, version, action, actor, reason, note, at) "
                    "VALUES ('removed', :version, 'remove', :actor, 'spam', '', :at)"
                ),
                {"version": version, "actor": actor, "at": moment},
            )
        await connection.run_sync(migrate_within, MIGRATIONS, "0008")
        # By name: what came later is not there yet.
        listed = sql.select(*(submissions.c[name] for name in LISTED))
        rows = {row.id: row for row in await connection.execute(listed)}
    assert {row.folded_name for row in rows.values()} == {"do thi huong"}
    assert (rows["held"].risk, rows["held"].doubts) == (0.5, " links links:link ")
    assert (rows["removed"].risk, rows["removed"].doubts) == (0, "")
    assert (rows["removed"].decided_by, rows["removed"].decided_reason) == ("nam", "spam")
    assert rows["held"].decided_by is None
    stands = {name for name, row in rows.items() if row.may_stand}
    assert stands == {"approved", "published", "removed"}
    # The audit is signed on its way, with this installation's secret.
    for name in ("LEDGER_URL", "ARTICLES_DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(f"COMMENTDESK_{name}", "redis://unused")
    for name in ("SECRET", "SERVICE_TOKEN"):
        monkeypatch.setenv(f"COMMENTDESK_{name}", "s" * 48)
    # Nobody was given a receipt then, or asked for consent; whatever came since is there.
    async with older.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "head")
        since = (await connection.execute(sql.select(submissions))).all()
    assert {(row.receipt_hash, row.consent_version) for row in since} == {(None, None)}
