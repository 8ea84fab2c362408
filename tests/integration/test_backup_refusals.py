"""What `backup` and `restore` refuse, in plain words, and what they then leave untouched."""

import fcntl
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sql
import uuid_utils

from commentdesk.database import Database, now
from commentdesk.domain.memory import BanKind
from commentdesk.domain.submission import Submission
from commentdesk.ledger.accounts import verify
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.bans import ban
from commentdesk.ledger.tables import bans, submissions
from tests.conftest import sqlite_urls
from tests.installation import PASSWORD, Installation, Redis
from tests.integration.test_launcher import Up
from tests.operator import SECRET, contents, refuses, succeeds

pytestmark = pytest.mark.slow
PHONE = "0987654321"
OTHER = "another secret, just as long as the first"
Change = Callable[[dict[str, bytes]], object]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """An installation with an account and one comment; nothing of it runs."""
    folder = tmp_path_factory.mktemp("small")
    site = Installation(folder, redis, sqlite_urls(folder), SECRET=SECRET)
    site.run("commentdesk.ledger", "migrate")
    site.run("services.articles", "migrate")
    await site.account("mai", "admin")
    ledger = site.ledger()
    submission = Submission(
        id=str(uuid_utils.uuid7()),
        article="bai-viet",
        name="Hương",
        title="Hay",
        content="Cảm ơn tác giả.",
        language="vi",
        received_at=now(),
        phone=PHONE,
        address="192.0.2.7",
        browser="Firefox",
    )
    await admit(ledger, [Admission(submission, os.urandom(16))])
    await ban(ledger, submission.id, BanKind.PHONE, "mai")
    await ledger.close()
    succeeds("backup", folder / "backup.zip", settings=site.environment)
    yield site


@pytest.fixture
def backup(small: Installation, tmp_path: Path) -> Path:
    return Path(shutil.copy(small.folder / "backup.zip", tmp_path))


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text(SECRET)
    return tmp_path / "secret"


@pytest.fixture
def empty(tmp_path: Path, redis: Redis) -> Installation:
    """Settings of an installation whose databases hold nothing yet."""
    return Installation(tmp_path, redis, sqlite_urls(tmp_path), SECRET=SECRET)


def rewrite(backup: Path, change: Change) -> None:
    """Change members of a backup so that the zip itself stays sound."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(backup, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def in_manifest(*path: str, value: object) -> Change:
    def change(members: dict[str, bytes]) -> None:
        manifest: dict[str, Any] = json.loads(members["manifest.json"])
        place = manifest
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def held_by(site: Installation) -> list[str]:
    """All that both databases of an installation on SQLite hold, as SQL."""
    found: list[str] = []
    for url in (site.settings.ledger_url, site.settings.articles_database_url):
        with closing(sqlite3.connect(url.partition("///")[2])) as connection:
            found += connection.iterdump()
    return [line for line in found if line not in ("BEGIN TRANSACTION;", "COMMIT;")]


def damaged(backup: Path) -> None:
    """A byte in the middle of the submissions is another."""
    whole = bytearray(backup.read_bytes())
    place = whole.index(b"ledger/submissions.jsonl") + 200
    whole[place] ^= 0xFF
    backup.write_bytes(whole)


FAULTS: list[tuple[str, Callable[[Path], object], str]] = [
    ("cut", lambda backup: os.truncate(backup, backup.stat().st_size // 2), "no backup"),
    ("empty", lambda backup: os.truncate(backup, 0), "no backup"),
    ("damaged", damaged, "damaged|not all of one"),
    ("gone", lambda backup: backup.unlink(), "cannot read"),
    ("newer", lambda b: rewrite(b, in_manifest("format", value=2)), "0.1.0 or newer"),
    (
        "unknown revision",
        lambda b: rewrite(b, in_manifest("databases", "ledger", "revision", value="9999")),
        "revision 9999 is not known here",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_backup_that_cannot_be_trusted_leaves_no_trace(
    backup: Path, secret_file: Path, tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(backup)
    before = sorted(tmp_path.iterdir())
    said = refuses("restore", backup, "--data", tmp_path / "data", "--secret-file", secret_file)
    assert re.search(words, said), said
    assert sorted(tmp_path.iterdir()) == before


def test_one_database_that_cannot_be_filled_leaves_the_other_empty(
    backup: Path, empty: Installation
) -> None:
    rewrite(backup, lambda members: members.update({"ledger/words.jsonl": b""}))
    said = refuses("restore", backup, settings=empty.environment)
    assert "rows of words are missing" in said
    assert held_by(empty) == []


def test_a_damaged_backup_is_seen_before_any_database_is_opened(
    backup: Path, empty: Installation, tmp_path: Path
) -> None:
    damaged(backup)
    refuses("restore", backup, settings=empty.environment)
    assert not (tmp_path / "ledger.db").exists()


def test_a_ledger_in_use_is_not_restored_over(backup: Path, small: Installation) -> None:
    before = held_by(small)
    said = refuses("restore", backup, settings=small.environment)
    assert "the database is in use" in said
    assert "nothing was restored" in said
    assert held_by(small) == before


def test_a_ledger_that_was_only_prepared_is_restored_into(
    backup: Path, empty: Installation, small: Installation
) -> None:
    empty.run("commentdesk.ledger", "migrate")
    empty.run("services.articles", "migrate")
    succeeds("restore", backup, settings=empty.environment)
    planted = ('INTO "words"', 'INTO "audit"')
    restored, kept = (
        {line for line in held_by(site) if any(table in line for table in planted)}
        for site in (empty, small)
    )
    assert kept <= restored
    [restore] = restored - kept
    assert "restore_ledger" in restore


def test_a_folder_with_something_in_it_is_left_alone(backup: Path, secret_file: Path) -> None:
    folder = backup.parent / "data"
    folder.mkdir()
    (folder / "notes").write_text("mine")
    said = refuses("restore", backup, "--data", folder, "--secret-file", secret_file)
    assert "is not empty" in said
    assert [path.name for path in folder.iterdir()] == ["notes"]


def test_another_secret_is_refused_and_the_words_say_what_to_do(
    backup: Path, tmp_path: Path
) -> None:
    said = refuses("restore", backup, "--data", tmp_path / "data")
    assert "--secret-file" in said
    assert "--without-personal-data" in said
    assert not (tmp_path / "data").exists()
    (tmp_path / "other").write_text(OTHER)
    other = ("--data", tmp_path / "data", "--secret-file", tmp_path / "other")
    assert "sealed with another secret" in refuses("restore", backup, *other)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


async def test_without_personal_data_no_secret_is_needed_and_none_of_it_comes_along(
    backup: Path, tmp_path: Path
) -> None:
    succeeds("restore", backup, "--data", tmp_path / "data", "--without-personal-data")
    # Its audit is signed anew, with the secret that is there now.
    assert "is whole" in succeeds("audit", "verify", "--data", tmp_path / "data")
    database = Database(sqlite_urls(tmp_path / "data")[0])
    async with database.reading() as connection:
        (row,) = (await connection.execute(sql.select(submissions))).all()
        assert (await connection.execute(sql.select(bans))).all() == []
    await database.close()
    assert row.content == "Cảm ơn tác giả."
    kinds = ("phone_", "address_", "network_", "browser_")
    personal = [name for name in row._mapping if name.startswith(kinds)]
    assert not any(row._mapping[name] for name in personal)
    assert row.client == {}


async def test_a_new_folder_is_closed_to_others_and_passwords_stay(
    backup: Path, secret_file: Path, tmp_path: Path, redis: Redis
) -> None:
    data = tmp_path / "data"
    succeeds("restore", backup, "--data", data, "--secret-file", secret_file)
    assert data.stat().st_mode & 0o077 == 0
    assert (data / "secret").read_text().strip() == SECRET
    assert (data / "secret").stat().st_mode & 0o777 == 0o600
    ledger = Installation(tmp_path, redis, sqlite_urls(data), SECRET=SECRET).ledger()
    assert await verify(ledger, "mai", PASSWORD)
    await ledger.close()


def test_a_start_on_what_was_restored_adds_no_account_and_no_demo(
    backup: Path, secret_file: Path, tmp_path: Path
) -> None:
    up = None
    try:
        succeeds("restore", backup, "--data", tmp_path / "data", "--secret-file", secret_file)
        up = Up(tmp_path / "data", warm=True)
        up.wait_until_up()
        assert "the accounts and passwords of the backup" in up.said()
        assert up.stop() == 0
        again = succeeds("backup", tmp_path / "again.zip", "--data", tmp_path / "data")
    finally:
        if up:
            up.clear()
    assert "articles 0, accounts 1;" in again


def test_a_backup_is_for_its_owner_alone_and_replaces_nothing_unasked(
    backup: Path, small: Installation
) -> None:
    before = backup.read_bytes()
    assert "is there already" in refuses("backup", backup, settings=small.environment)
    assert backup.read_bytes() == before
    backup.chmod(0o644)
    succeeds("backup", backup, "--force", settings=small.environment)
    assert backup.read_bytes() != before
    assert backup.stat().st_mode & 0o777 == 0o600
    assert not backup.with_name("backup.zip.fresh").exists()


def test_a_backup_of_nothing_leaves_no_file(empty: Installation, tmp_path: Path) -> None:
    said = refuses("backup", tmp_path / "backup.zip", settings=empty.environment)
    assert "holds nothing of Commentdesk's" in said
    assert not list(tmp_path.glob("backup.zip*"))


def test_two_runs_never_write_one_file_and_a_dead_one_is_in_nobodys_way(
    backup: Path, small: Installation
) -> None:
    fresh = backup.with_name("backup.zip.fresh")
    fresh.write_bytes(b"the beginning of a run that was killed")
    fresh.chmod(0o644)
    with fresh.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        said = refuses("backup", backup, "--force", settings=small.environment)
        assert "another run is writing" in said
    succeeds("backup", backup, "--force", settings=small.environment)
    assert len(contents(backup)["ledger/submissions.jsonl"]) == 1
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_restore_that_runs_or_broke_off_is_named(
    backup: Path, secret_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "data.fresh").mkdir()
    said = refuses("restore", backup, "--data", tmp_path / "data", "--secret-file", secret_file)
    assert "data.fresh is there" in said
    assert (tmp_path / "data.fresh").exists()
