"""`commentdesk export`: every line is a whole one, and personal data comes only when asked for."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uuid_utils

from commentdesk.database import now
from commentdesk.domain.submission import Submission
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.articles import KnownArticle, remember
from commentdesk.ledger.audit import recent
from commentdesk.ledger.words import add_word
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.operator import refuses, start, succeeds

PHONE, ADDRESS = "0987654321", "192.0.2.7"
HOSTILE = (
    "một\nhai\r\nba\u2028bốn\u2029năm\x85sáu\x0bbảy\x1c \x1b[2J\x1b]0;mine\x07 \x9b31m "
    '\u202egnid\u200f {"type": "account"} \\n " \' 👩‍👧 &<>'
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """A ledger whose comments are as hostile as rows can be; nothing runs."""
    folder = tmp_path_factory.mktemp("export")
    installation = Installation(folder, redis, sqlite_urls(folder))
    installation.run("commentdesk.ledger", "migrate")
    await installation.account("mai", "admin")
    ledger = installation.ledger()
    await remember(ledger, KnownArticle("bai", "Bài", "vi", "http://localhost/bai", "open"))
    await admit(ledger, [Admission(hostile(number), os.urandom(16)) for number in range(250)])
    await ledger.close()
    yield installation


def hostile(number: int) -> Submission:
    return Submission(
        id=str(uuid_utils.uuid7()),
        article="bai",
        name=HOSTILE[:40],
        title=f"{number} {HOSTILE}",
        content=HOSTILE,
        language="vi",
        received_at=now(),
        phone=PHONE,
        address=ADDRESS,
    )


def documents(text: str) -> list[dict[str, Any]]:
    """One document a line, for whoever splits lines, however they do it."""
    assert text.splitlines() == text.removesuffix("\n").split("\n")
    return [json.loads(line) for line in text.splitlines()]


def of_kind(text: str, kind: str) -> list[dict[str, Any]]:
    return [document for document in documents(text) if document["type"] == kind]


def test_every_line_is_whole_and_steers_no_terminal(site: Installation) -> None:
    text = succeeds("export", settings=site.environment)
    exported = of_kind(text, "submission")
    assert len(exported) == 250
    assert {document["content"] for document in exported} == {HOSTILE}
    assert not set(text.replace("\n", "")) & {
        *map(chr, range(32)),
        *map(chr, range(0x7F, 0xA0)),
        *"\u2028\u2029\u202e\u200f",
    }
    assert "một" in text, "what people read stays readable"


def test_personal_data_is_masked_and_no_hash_is_told(site: Installation) -> None:
    text = succeeds("export", settings=site.environment)
    assert PHONE not in text
    assert ADDRESS not in text
    assert {document["phone"] for document in of_kind(text, "submission")} == {"098…321"}
    assert "argon2" not in text
    assert not {key for document in documents(text) for key in document if "hash" in key}


async def test_listed_words_and_hosts_are_told_with_how_they_count(site: Installation) -> None:
    ledger = site.ledger()
    await add_word(ledger, "chợ đen", "banned", "mai", "anywhere")
    await add_word(ledger, "https://www.Vidu.com.vn/a", "banned_host", "mai", "anywhere")
    await ledger.close()
    exported = of_kind(succeeds("export", settings=site.environment), "word")
    told = {row["text"]: (row["kind"], row["match"]) for row in exported}
    assert told["chợ đen"] == ("banned", "anywhere")
    assert told["vidu.com.vn"] == ("banned_host", "word")
    assert told["vay nóng"] == ("banned", "word"), "so the starter words count"


async def test_personal_data_in_full_is_written_to_the_audit_first(site: Installation) -> None:
    text = succeeds("export", "--personal-data", settings=site.environment)
    exported = of_kind(text, "submission")
    assert {(row["phone"], row["address"]) for row in exported} == {(PHONE, ADDRESS)}
    assert of_kind(text, "audit")[-1]["action"] == "export_personal_data"
    ledger = site.ledger()
    assert (await recent(ledger, 1))[0].detail["user"]
    await ledger.close()


def test_a_file_is_not_replaced_unasked(site: Installation, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("mine")
    refuses("export", tmp_path / "all.jsonl", settings=site.environment)
    assert (tmp_path / "all.jsonl").read_text() == "mine"


def test_another_secret_is_named_and_no_file_is_left(site: Installation, tmp_path: Path) -> None:
    other = {**site.environment, "COMMENTDESK_SECRET": "x" * 40}
    said = refuses("export", tmp_path / "all.jsonl", "--personal-data", settings=other)
    assert "sealed with another secret" in said
    assert list(tmp_path.iterdir()) == []


def test_a_reader_who_has_enough_lines_is_no_error(site: Installation) -> None:
    running = start("export", settings=site.environment)
    assert running.stdout
    assert running.stderr
    assert running.stdout.readline()
    running.stdout.close()
    assert running.wait(60) == 0
    assert running.stderr.read() == ""
    running.stderr.close()
