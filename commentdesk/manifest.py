"""What a backup says of itself, in its member manifest.json; written last, so it means "whole"."""

import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

FORMAT = 1
_MEMBER = "manifest.json"
# How zipfile takes a file that was cut or changed; RuntimeError: some bit now says "encrypted".
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, ValueError),
)


class Refused(Exception):
    """What was asked for is not done; the text says why, in words for an operator."""


class Share(BaseModel):
    """One database's part: its schema's revision and how many rows each table has."""

    model_config = ConfigDict(frozen=True)

    revision: str
    rows: dict[str, int]
    # By which a restore sees whether its secret is the one that sealed the personal data.
    secret_check: str | None = None


class Manifest(BaseModel):
    """The whole backup; `made_at` is when it was begun."""

    model_config = ConfigDict(frozen=True)

    format: int
    commentdesk: str
    made_at: AwareDatetime
    databases: dict[str, Share]

    def count(self, database: str, table: str) -> int:
        """How many rows of a table are in it."""
        return self.databases[database].rows.get(table, 0)


class _Header(BaseModel):
    """As much as every format has, later ones too."""

    format: int
    commentdesk: str


def describe(made_at: datetime, version: str, databases: dict[str, Share]) -> Manifest:
    """The manifest of a backup made now, in today's format."""
    return Manifest(format=FORMAT, commentdesk=version, made_at=made_at, databases=databases)


def write_manifest(file: Path, manifest: Manifest) -> None:
    """Finish a backup."""
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MEMBER, manifest.model_dump_json(indent=2, exclude_none=True))


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of a backup.

    Raises:
        Refused: there is none, or a newer Commentdesk wrote it.
    """
    try:
        text = archive.read(_MEMBER)
        header = _Header.model_validate_json(text)
        if header.format > FORMAT:
            raise Refused(
                f"the backup is of format {header.format}, which this Commentdesk does not know. "
                f"Restore it with Commentdesk {header.commentdesk} or newer"
            )
        return Manifest.model_validate_json(text)
    except (KeyError, ValidationError) as error:
        raise Refused("the file is no whole backup of Commentdesk's") from error


def read_whole(file: Path) -> Manifest:
    """The manifest of a backup whose every byte was read and found as it was written.

    Raises:
        Refused: it is no backup, or was cut short or changed since.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(archive)
            damaged = archive.testzip()
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror or error}") from error
    except _BROKEN as error:
        raise Refused(f"{file} is no backup, or not all of one: {error}") from error
    if damaged:
        raise Refused(f"{file} is damaged: {damaged} is not as it was written")
    return manifest
