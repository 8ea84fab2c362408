"""Looking through the word lists, which may hold some thousands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from commentdesk.domain.text import fold
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import words
from commentdesk.ledger.words import HOST_KINDS, Word, WordKind, WordMatch

LISTED_KINDS = tuple(kind for kind in WordKind if kind not in HOST_KINDS)


@dataclass(frozen=True)
class Sought:
    """Which words: of these kinds, patterns or none or (None) both, with the text in them."""

    kinds: Collection[WordKind] = tuple(WordKind)
    patterns: bool | None = None
    text: str = ""


async def find_words(
    ledger: Ledger, sought: Sought, cursor: str = "", limit: int = 100
) -> tuple[Sequence[Word], str | None]:
    """A page, by text, after `cursor`; and the cursor of the next page, None on the last."""
    query = sql.select(words).where(*_conditions(sought)).order_by(words.c.folded)
    if cursor:
        query = query.where(words.c.folded > cursor)
    async with ledger.database.reading() as connection:
        rows = (await connection.execute(query.limit(limit + 1))).all()
    found = [Word(**row._mapping) for row in rows[:limit]]
    return found, found[-1].folded if len(rows) > limit else None


async def count_words(ledger: Ledger, sought: Sought) -> dict[str, int]:
    """How many there are of each of the kinds; kinds without any are named, too."""
    query = sql.select(words.c.kind, sql.func.count()).where(*_conditions(sought))
    async with ledger.database.reading() as connection:
        rows = await connection.execute(query.group_by(words.c.kind))
        found = {row[0]: row[1] for row in rows}
    return {str(kind): found.get(str(kind), 0) for kind in sought.kinds}


def _conditions(sought: Sought) -> list[sql.ColumnElement[bool]]:
    found: list[sql.ColumnElement[bool]] = [words.c.kind.in_([str(k) for k in sought.kinds])]
    is_pattern = words.c.match == str(WordMatch.PATTERN)
    if sought.patterns is not None:
        found.append(is_pattern if sought.patterns else sql.not_(is_pattern))
    if sought.text:
        # Of a pattern nothing is folded.
        as_typed = words.c.text.contains(sought.text, autoescape=True)
        folded = words.c.folded.contains(fold(sought.text), autoescape=True)
        found.append(sql.or_(folded, as_typed))
    return found
