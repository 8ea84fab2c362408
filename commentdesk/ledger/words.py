"""The site's word lists, host lists and patterns."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.text import (
    fold,
    has_control_character,
    normalize,
    normalize_line,
    visible,
)
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, words
from commentdesk.patterns import PATTERN_LENGTH, PatternRefused, read_pattern

_STARTER = Path(__file__).parent / "starter_words.json"


# A host name without its root's dot, labels of RFC 1123, international ones as people write them.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W_](?:[\w-]{0,61}[^\W_])?")
_SCHEME = re.compile(r"https?:/{1,3}")
_AFTER_HOST = re.compile(r"[/?#:]")
WORD_LENGTH = 100
# Each is run on each comment.
MOST_PATTERNS = 100
# Folded text has no capitals: a pattern is never taken for a word written the same.
_PATTERN = "RE2:"
# Databases take some ten thousand values in a statement.
_AT_ONCE = 500
# Words of a long addition that its row of the audit names.
_NAMED = 20
_CHANGED = ("kind", "text", "match", "actor", "at")


class WordKind(StrEnum):
    BANNED = "banned"
    SUSPECT = "suspect"
    ALLOWED = "allowed"
    BANNED_HOST = "banned_host"
    ALLOWED_HOST = "allowed_host"


HOST_KINDS = frozenset({WordKind.BANNED_HOST, WordKind.ALLOWED_HOST})


class WordMatch(StrEnum):
    """Whether it counts as whole words alone, within words too, or is a pattern (RE2)."""

    WORD = "word"
    ANYWHERE = "anywhere"
    PATTERN = "pattern"


class NotAHost(ValueError):
    """The text is no host's name."""


class WordWrong(ValueError):
    """Its message is a code: longer than WORD_LENGTH (or PATTERN_LENGTH), a control character."""


@dataclass(frozen=True)
class Word:
    """A word, phrase, host or pattern; `folded` tells two apart. A host means all below it, too."""

    id: str
    kind: str
    text: str
    folded: str
    match: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class RefusedWord:
    """The line that was refused, counted from 0, why, and what of it is in the way."""

    line: int
    text: str
    code: str
    part: str = ""


@dataclass(frozen=True)
class Added:
    """How many are new, how many moved from another list, how many stood there already."""

    new: int
    moved: int
    known: int
    refused: tuple[RefusedWord, ...]


async def list_words(ledger: Ledger) -> Sequence[Word]:
    """All words, by text."""
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.select(words).order_by(words.c.folded))
        return [Word(**row._mapping) for row in rows]


async def add_word(
    ledger: Ledger, text: str, kind: str, actor: str, match: str = WordMatch.WORD
) -> None:
    """Add a word, host or pattern, or move it to another list.

    Raises:
        NotAHost: the kind is one of hosts, and the text names none.
        PatternRefused: it is to be matched as a pattern, and is none that can be.
        ValueError: nothing is left of the text when folded, or kind or match is unknown.
    """
    row = as_row(text, WordKind(kind), actor, WordMatch(match))
    async with ledger.database.writing() as connection:
        await _write(ledger, connection, [row])
        await _record(connection, actor, [row])


async def add_words(
    ledger: Ledger, texts: Sequence[str], kind: WordKind, actor: str, match: WordMatch
) -> Added:
    """Add each, in one transaction; what cannot be is told and hinders nothing else."""
    rows, refused = sorted_out(texts, kind, actor, match)
    async with ledger.database.writing() as connection:
        standing = await _standing(connection, [row["folded"] for row in rows])
        if match is WordMatch.PATTERN:
            rows, beyond = await _within_the_most(connection, rows, standing)
            line_of = {text.strip(): line for line, text in enumerate(texts)}
            refused += [RefusedWord(line_of[t], t, "too_many_patterns") for t in beyond]
        fresh = [row for row in rows if standing.get(row["folded"]) != _place(row)]
        if fresh:
            await _write(ledger, connection, fresh)
            await _record(connection, actor, fresh)
    moved = sum(row["folded"] in standing for row in fresh)
    return Added(len(fresh) - moved, moved, len(rows) - len(fresh), tuple(refused))


def sorted_out(
    texts: Sequence[str], kind: WordKind, actor: str, match: WordMatch
) -> tuple[list[dict[str, Any]], list[RefusedWord]]:
    """The rows of those that can be added, once each, and what is wrong with the others."""
    rows: dict[str, dict[str, Any]] = {}
    refused: list[RefusedWord] = []
    for line, text in enumerate(texts):
        try:
            row = as_row(text, kind, actor, match)
        except PatternRefused as error:
            refused.append(RefusedWord(line, text, error.code, error.part))
        except NotAHost:
            refused.append(RefusedWord(line, text, "not_a_host"))
        except WordWrong as error:
            refused.append(RefusedWord(line, text, str(error)))
        except ValueError:
            refused.append(RefusedWord(line, text, "empty_word"))
        else:
            rows.setdefault(row["folded"], row)
    return list(rows.values()), refused


async def remove_word(ledger: Ledger, word: str, actor: str) -> bool:
    """Remove the word with this id; whether there was one."""
    async with ledger.database.writing() as connection:
        removed = await connection.execute(
            words.delete().where(words.c.id == word).returning(words.c.text)
        )
        row = removed.first()
        if row is not None:
            await audits.record(connection, actor, "remove_word", None, {"text": row.text})
    return row is not None


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
        rows = [
            as_row(t, WordKind(kind), "commentdesk") for kind, ts in starter.items() for t in ts
        ]
        statement = ledger.insert(words).on_conflict_do_nothing(index_elements=["folded"])
        await connection.execute(statement, rows)
        await audits.record(connection, "commentdesk", planted, None, {"count": len(rows)})


def as_row(
    text: str, kind: WordKind, actor: str, match: WordMatch = WordMatch.WORD
) -> dict[str, Any]:
    """The row of a word that may be added.

    Raises:
        NotAHost, PatternRefused, WordWrong, ValueError: as `add_word`.
    """
    text = normalize(text) if match is WordMatch.PATTERN else normalize_line(text)
    if has_control_character(text):
        raise WordWrong("control_character")
    if len(text) > (PATTERN_LENGTH if match is WordMatch.PATTERN else WORD_LENGTH):
        raise WordWrong("too_long")
    if kind in HOST_KINDS:
        text = folded = _host(text)
        match = WordMatch.WORD
    elif match is WordMatch.PATTERN:
        read_pattern(text)
        folded = _PATTERN + text
    elif not (folded := fold(text)):
        raise ValueError("empty word")
    return {
        "id": new_id(),
        "kind": str(kind),
        "text": text,
        "folded": folded,
        "match": str(match),
        "actor": actor,
        "at": now(),
    }


async def _standing(
    connection: AsyncConnection, folded: Sequence[str]
) -> dict[str, tuple[str, str, str]]:
    """Of those that are listed already, where."""
    found: dict[str, tuple[str, str, str]] = {}
    for start in range(0, len(folded), _AT_ONCE):
        query = sql.select(words).where(words.c.folded.in_(folded[start : start + _AT_ONCE]))
        for row in await connection.execute(query):
            found[row.folded] = (row.kind, row.match, row.text)
    return found


def _place(row: dict[str, Any]) -> tuple[str, str, str]:
    return (row["kind"], row["match"], row["text"])


async def _within_the_most(
    connection: AsyncConnection, rows: list[dict[str, Any]], standing: Collection[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """As many patterns as there is room for, and those beyond."""
    query = sql.select(sql.func.count()).where(words.c.match == str(WordMatch.PATTERN))
    room = MOST_PATTERNS - (await connection.execute(query)).scalar_one()
    known = [row for row in rows if row["folded"] in standing]
    fresh = [row for row in rows if row["folded"] not in standing]
    kept, beyond = fresh[: max(room, 0)], fresh[max(room, 0) :]
    return [*known, *kept], [row["text"] for row in beyond]


async def _write(
    ledger: Ledger, connection: AsyncConnection, rows: Sequence[dict[str, Any]]
) -> None:
    statement = ledger.insert(words)
    changed = {name: statement.excluded[name] for name in _CHANGED}
    statement = statement.on_conflict_do_update(index_elements=["folded"], set_=changed)
    await connection.execute(statement, list(rows))


async def _record(connection: AsyncConnection, actor: str, rows: Sequence[dict[str, Any]]) -> None:
    """One row of the audit; of many words it names the first."""
    texts = [row["text"] for row in rows]
    shown = ", ".join(texts[:_NAMED]) + (", …" if len(texts) > _NAMED else "")
    detail = {"text": shown, "kind": rows[0]["kind"], "match": rows[0]["match"]}
    if len(rows) > 1:
        await audits.record(connection, actor, "add_words", None, {**detail, "count": len(rows)})
    else:
        await audits.record(connection, actor, "add_word", None, detail)


def _host(text: str) -> str:
    """The host of an address or a host's name, small letters, without `www.`."""
    bare = _SCHEME.sub("", visible(text).strip().lower(), count=1)
    host = _AFTER_HOST.split(bare, maxsplit=1)[0].rpartition("@")[2]
    host = host.removeprefix("*.").removeprefix("www.").strip(".")
    if not _HOST.fullmatch(host):
        raise NotAHost("not a host")
    return host
