"""The site's word lists and host lists."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.text import fold, visible
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, words

_STARTER = Path(__file__).parent / "starter_words.json"


# A host name without its root's dot, labels of RFC 1123, international ones as people write them.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W_](?:[\w-]{0,61}[^\W_])?")
_SCHEME = re.compile(r"https?:/{1,3}")
_AFTER_HOST = re.compile(r"[/?#:]")


class WordKind(StrEnum):
    BANNED = "banned"
    SUSPECT = "suspect"
    ALLOWED = "allowed"
    BANNED_HOST = "banned_host"
    ALLOWED_HOST = "allowed_host"


HOST_KINDS = frozenset({WordKind.BANNED_HOST, WordKind.ALLOWED_HOST})


class WordMatch(StrEnum):
    """Whether it counts as whole words alone, or within words too."""

    WORD = "word"
    ANYWHERE = "anywhere"


class NotAHost(ValueError):
    """The text is no host's name."""


@dataclass(frozen=True)
class Word:
    """A word, phrase or host; `folded` tells two apart. A host means all below it, too."""

    id: str
    kind: str
    text: str
    folded: str
    match: str
    actor: str
    at: datetime


async def list_words(ledger: Ledger) -> Sequence[Word]:
    """All words, by text."""
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.select(words).order_by(words.c.folded))
        return [Word(**row._mapping) for row in rows]


async def add_word(
    ledger: Ledger, text: str, kind: str, actor: str, match: str = WordMatch.WORD
) -> None:
    """Add a word or host, or move it to another list.

    Raises:
        NotAHost: the kind is one of hosts, and the text names none.
        ValueError: nothing is left of the text when folded, or kind or match is unknown.
    """
    row = _row(text, WordKind(kind), actor, WordMatch(match))
    statement = ledger.insert(words)
    changed = {name: statement.excluded[name] for name in ("kind", "text", "match", "actor", "at")}
    async with ledger.database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["folded"], set_=changed), row
        )
        detail = {name: row[name] for name in ("text", "kind", "match")}
        await audits.record(connection, actor, "add_word", None, detail)


async def remove_word(ledger: Ledger, word: str, actor: str) -> None:
    """Remove the word with this id."""
    async with ledger.database.writing() as connection:
        removed = await connection.execute(
            words.delete().where(words.c.id == word).returning(words.c.text)
        )
        for row in removed:
            await audits.record(connection, actor, "remove_word", None, {"text": row.text})


async def plant_starter_words(ledger: Ledger) -> None:
    """Give a ledger without words the starter lists; a site that emptied them is left alone."""
    async with ledger.database.writing() as connection:
        planted = "plant_starter_words"
        known = await connection.execute(
            sql.select(audit.c.id).where(audit.c.action == planted).limit(1)
        )
        if known.first():
            return
        starter: dict[str, list[str]] = json.loads(_STARTER.read_text("utf-8"))
        rows = [_row(t, WordKind(kind), "commentdesk") for kind, ts in starter.items() for t in ts]
        statement = ledger.insert(words).on_conflict_do_nothing(index_elements=["folded"])
        await connection.execute(statement, rows)
        await audits.record(connection, "commentdesk", planted, None, {"count": len(rows)})


def _row(
    text: str, kind: WordKind, actor: str, match: WordMatch = WordMatch.WORD
) -> dict[str, object]:
    if kind in HOST_KINDS:
        text = folded = _host(text)
        match = WordMatch.WORD
    elif not (folded := fold(text)):
        raise ValueError("empty word")
    return {
        "id": new_id(),
        "kind": str(kind),
        "text": text.strip(),
        "folded": folded,
        "match": str(match),
        "actor": actor,
        "at": now(),
    }


def _host(text: str) -> str:
    """The host of an address or a host's name, small letters, without `www.`."""
    bare = _SCHEME.sub("", visible(text).strip().lower(), count=1)
    host = _AFTER_HOST.split(bare, maxsplit=1)[0].rpartition("@")[2]
    host = host.removeprefix("*.").removeprefix("www.").strip(".")
    if not _HOST.fullmatch(host):
        raise NotAHost("not a host")
    return host
