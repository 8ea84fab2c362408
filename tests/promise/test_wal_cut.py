"""The power fails while SQLite writes: whatever reached the disk, what got a 202 is there whole."""

import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from commentdesk.ledger import Ledger
from commentdesk.ledger.desk import listing
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis
from tests.reader import Reader

# https://www.sqlite.org/fileformat2.html#the_write_ahead_log
pytestmark = pytest.mark.slow
WAL_HEADER = 32
FRAME_HEADER = 24
SECTOR = 512
# What a checksum of the log is made of; one length further each time, all places in it are cut.
WORD = 8
# One is longer than a page, so that it spills over.
CONTENTS = ("Ngắn.", "Dài lắm. " * 500, "Vừa vừa. " * 20, "Thêm một ý.", "Cuối cùng.")


@dataclass(frozen=True)
class Acknowledged:
    """A comment that got its 202, and how long the write-ahead log was then."""

    id: str
    content: str
    length: int


@dataclass(frozen=True)
class Recording:
    """The ledger's files as they were when intake was killed."""

    site: Installation
    database: bytes
    wal: bytes
    comments: list[Acknowledged]

    @property
    def frame(self) -> int:
        """The bytes of one frame: its header and a page."""
        return FRAME_HEADER + int.from_bytes(self.wal[8:12], "big")

    @property
    def cuts(self) -> list[int]:
        """Every sector's edge, both sides of every frame's, every word of one commit's first."""
        acknowledged = self.comments[-2].length
        each = set(range(acknowledged, acknowledged + self.frame + 1, WORD + 1))
        frames = range(WAL_HEADER, len(self.wal) + 1, self.frame)
        edges = {edge + side for edge in frames for side in (-1, 0, 1)}
        sectors = set(range(0, len(self.wal) + 1, SECTOR))
        return sorted(cut for cut in edges | sectors | each if cut <= len(self.wal))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Recording]:
    """Comments accepted one after the other by a real intake; nothing else writes."""
    folder = tmp_path_factory.mktemp("wal")
    site = Installation(folder, redis, sqlite_urls(folder))
    site.migrate()
    database, wal = (folder / "ledger.db").read_bytes(), b""
    comments = []
    try:
        await site.start("articles", "intake")
        async with aiohttp.ClientSession() as http:
            for content in CONTENTS:
                submission = await Reader(site, http).accepted(content=content)
                before, wal = wal, (folder / "ledger.db-wal").read_bytes()
                assert len(wal) > len(before)
                assert wal.startswith(before), "the log only grows"
                comments.append(Acknowledged(submission, content.strip(), len(wal)))
    finally:
        # Killed: a process that stops in order leaves no write-ahead log.
        site.stop()
    assert (folder / "ledger.db").read_bytes() == database, "all of it stands in the log"
    yield Recording(site, database, wal, comments)


def lay(recording: Recording, folder: Path, wal: bytes) -> Path:
    """The files as a disk may hold them after the power failed."""
    path = folder / "ledger.db"
    path.write_bytes(recording.database)
    (folder / "ledger.db-wal").write_bytes(wal)
    (folder / "ledger.db-shm").unlink(missing_ok=True)
    return path


def survivors(path: Path) -> dict[str, tuple[object, ...]]:
    """The whole rows by id, of a ledger that is sound and has no half comment."""
    connection = sqlite3.connect(path)
    try:
        # It is read here, never lost again: closing it need not wait for the disk.
        connection.execute("PRAGMA synchronous=OFF")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = {row[0]: row for row in connection.execute("SELECT * FROM submissions ORDER BY id")}
        query = "SELECT submission, state, version FROM events ORDER BY submission"
        events = connection.execute(query).fetchall()
    finally:
        connection.close()
    assert events == [(submission, "received", 1) for submission in rows]
    return rows


@pytest.mark.parametrize("tail", ["cut", "zeros", "garbage", "frames one place late"])
def test_what_was_acknowledged_survives_every_torn_write(
    recording: Recording, tmp_path: Path, tail: str
) -> None:
    whole = survivors(lay(recording, tmp_path, recording.wal))
    torn = {
        "cut": b"",
        "zeros": bytes(len(recording.wal)),
        "garbage": random.Random(tail).randbytes(len(recording.wal)),
        "frames one place late": recording.wal[: recording.frame] + recording.wal,
    }[tail]
    for cut in recording.cuts:
        wal = recording.wal[:cut] + torn[cut:]
        rows = survivors(lay(recording, tmp_path, wal))
        promised = {comment.id for comment in recording.comments if comment.length <= cut}
        assert promised <= set(rows), f"cut at {cut}"
        assert all(whole[submission] == row for submission, row in rows.items()), f"cut at {cut}"


@pytest.mark.parametrize("count", range(len(CONTENTS) + 1))
async def test_a_log_cut_right_after_an_answer_holds_what_was_answered(
    recording: Recording, tmp_path: Path, count: int
) -> None:
    promised = recording.comments[:count]
    length = promised[-1].length if promised else 0
    path = lay(recording, tmp_path, recording.wal[:length])
    settings = recording.site.settings.model_copy(
        update={"ledger_url": f"sqlite+aiosqlite:///{path}"}
    )
    ledger = Ledger(settings)
    shown = (await listing(ledger)).items
    await ledger.close()
    assert [(entry.id, entry.content, entry.state) for entry in shown] == [
        (comment.id, comment.content, "received") for comment in promised
    ]
