"""The site's word lists."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.text import fold
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, words

_STARTER = Path(__file__).parent / "starter_words.json"


class WordKind(StrEnum):
    BANNED = "banned"
    SUSPECT = "suspect"
    ALLOWED = "allowed"


@dataclass(frozen=True)
class Word:
    """A word or phrase; `folded` is what texts are compared with."""

    id: str
    kind: str
    text: str
    folded: str
    actor: str
    at: datetime


async def list_words(ledger: Ledger) -> Sequence[Word]:
    """All words, by text."""
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.select(words).order_by(words.c.folded))
        return [Word(**row._mapping) for row in rows]


async def add_word(ledger: Ledger, text: str, kind: str, actor: str) -> None:
    """Add a word, or move it to another list.

    Raises:
        ValueError: nothing is left of the text when folded, or the kind is unknown.
    """
    row = _row(text, WordKind(kind), actor)
    statement = ledger.insert(words)
    changed = {name: statement.excluded[name] for name in ("kind", "text", "actor", "at")}
    async with ledger.database.writing() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["folded"], set_=changed), row
        )
        await audits.record(connection, actor, "add_word", None, {"text": text, "kind": kind})


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


def _row(text: str, kind: WordKind, actor: str) -> dict[str, object]:
    if not (folded := fold(text)):
        raise ValueError("empty word")
    return {
        "id": new_id(),
        "kind": str(kind),
        "text": text.strip(),
        "folded": folded,
        "actor": actor,
        "at": now(),
    }
