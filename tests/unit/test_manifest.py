"""A backup that was cut or changed is told from a whole one, whatever byte it was."""

import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commentdesk.manifest import FORMAT, Refused, Share, describe, read_whole, write_manifest

MEMBER = "ledger/words.jsonl"
ROWS = "".join(json.dumps({"text": f"từ {number * 7919}"}) + "\n" for number in range(200))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "backup.zip"
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, ROWS)
    share = Share(revision="0001", rows={"words": 200})
    write_manifest(made, describe(datetime.now(UTC), "0.1.0", {"ledger": share}))
    return made


def test_a_whole_one_is_read(file: Path) -> None:
    manifest = read_whole(file)
    assert manifest.format == FORMAT
    assert manifest.count("ledger", "words") == 200
    assert manifest.count("ledger", "submissions") == 0


def test_wherever_it_is_cut_it_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        with pytest.raises(Refused):
            read_whole(file)


def test_whatever_byte_is_changed_no_wrong_row_is_taken(file: Path) -> None:
    whole = file.read_bytes()
    refused = 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= random.Random(place).randrange(1, 256)
        file.write_bytes(changed)
        try:
            read_whole(file)
        except Refused:
            refused += 1
        else:
            # A date or a flag that nobody reads: the rows are as they were.
            with zipfile.ZipFile(file) as archive:
                assert archive.read(MEMBER).decode() == ROWS
    assert refused > len(whole) / 2


def test_a_newer_format_is_named_and_so_is_what_can_read_it(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": FORMAT + 1, "commentdesk": "9.1"}))
    with pytest.raises(Refused, match=r"Commentdesk 9\.1 or newer"):
        read_whole(file)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 1}', '{"format": "x"}'])
def test_a_zip_that_is_no_backup_is_refused(file: Path, text: str) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", text)
    with pytest.raises(Refused, match="no whole backup"):
        read_whole(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cannot read .*nowhere\.zip"):
        read_whole(tmp_path / "nowhere.zip")
