"""Why moderators reject and remove: the site's own list, in its order.

A reason that is retired is no longer offered; decisions that name it still say it in words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.languages import BUILT_IN
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import reasons

CODE_PATTERN = "[a-z][a-z0-9_]{0,39}"
REASON_TEXT_LENGTH = 60
READER_TEXT_LENGTH = 200
MOST_REASONS = 40
_CODE = re.compile(CODE_PATTERN)
# Most moderators who lack a reason in their own language read English.
_ELSE = BUILT_IN[::-1]


class TooManyReasons(ValueError):
    """A list that long nobody reads."""


@dataclass(frozen=True)
class Reason:
    """`words` are by language; none where the console has a text of its own for the code.

    `reader_words` are how readers are told; none for the product's own words. What is rejected for
    a reason of `spam` teaches the spam check.
    """

    code: str
    words: dict[str, str]
    place: int
    spam: bool
    reader_words: dict[str, str] = field(default_factory=dict)
    retired_at: datetime | None = None

    def text(self, language: str) -> str:
        """Its words in the language, else in another; empty for the console's own text."""
        return next(
            (self.words[each] for each in (language, *_ELSE, *self.words) if self.words.get(each)),
            "",
        )


async def list_reasons(ledger: Ledger) -> Sequence[Reason]:
    """All of them, those in use first and in their order."""
    names = [reasons.c[name] for name in Reason.__dataclass_fields__]
    in_use_first = sql.case((reasons.c.retired_at.is_(None), 0), else_=1)
    query = sql.select(*names).order_by(in_use_first, reasons.c.place, reasons.c.code)
    async with ledger.database.reading() as connection:
        return [Reason(**row._mapping) for row in await connection.execute(query)]


async def set_reason(  # noqa: PLR0913
    ledger: Ledger,
    code: str,
    *,
    words: Mapping[str, str],
    spam: bool,
    actor: str,
    reader_words: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Add a reason at the end, or write a known one anew; one that was retired is back.

    An empty text takes a language's words away; languages not named keep theirs.

    Raises:
        ValueError: the code is none.
        TooManyReasons: there are MOST_REASONS already.
    """
    if not _CODE.fullmatch(code):
        raise ValueError("not a code")
    async with ledger.database.writing() as connection:
        query = sql.select(reasons.c.words, reasons.c.reader_words).where(reasons.c.code == code)
        kept = (await connection.execute(query.with_for_update())).first()
        said = _joined(kept.words if kept else {}, words)
        told = _joined(kept.reader_words if kept else {}, reader_words)
        written = {"words": said, "reader_words": told, "spam": spam, "retired_at": None}
        row: dict[str, Any] = {**written, "actor": actor, "at": now()}
        if kept:
            await connection.execute(reasons.update().where(reasons.c.code == code).values(**row))
        else:
            await _add(connection, {**row, "code": code})
        detail = {"reason": code, **said, **{f"reader_{tag}": text for tag, text in told.items()}}
        await audits.record(connection, actor, "set_reason", None, {**detail, "spam": spam})


async def retire_reason(ledger: Ledger, code: str, actor: str) -> bool:
    """Offer it no more; whether it was offered."""
    async with ledger.database.writing() as connection:
        retired = await connection.execute(
            reasons.update()
            .where(reasons.c.code == code, reasons.c.retired_at.is_(None))
            .values(retired_at=now(), actor=actor, at=now())
        )
        if retired.rowcount:
            await audits.record(connection, actor, "retire_reason", None, {"reason": code})
    return bool(retired.rowcount)


async def place_reason(ledger: Ledger, code: str, place: int, actor: str) -> None:
    """Put it in this place among those in use, counted from 0; the ends are the ends."""
    async with ledger.database.writing() as connection:
        order = await _codes_in_use(connection)
        if code not in order:
            return
        order.remove(code)
        order.insert(max(0, place), code)
        for number, each in enumerate(order):
            statement = reasons.update().where(reasons.c.code == each)
            await connection.execute(statement.values(place=number))
        detail = {"reason": code, "place": order.index(code) + 1}
        await audits.record(connection, actor, "place_reason", None, detail)


async def _add(connection: AsyncConnection, row: dict[str, Any]) -> None:
    last = sql.func.coalesce(sql.func.max(reasons.c.place), -1)
    count, place = (await connection.execute(sql.select(sql.func.count(), last))).one()
    if count >= MOST_REASONS:
        raise TooManyReasons
    await connection.execute(reasons.insert(), {**row, "place": place + 1})


def _joined(kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in {**kept, **given}.items() if text}


async def _codes_in_use(connection: AsyncConnection) -> list[str]:
    query = sql.select(reasons.c.code).where(reasons.c.retired_at.is_(None))
    rows = await connection.execute(query.order_by(reasons.c.place, reasons.c.code))
    return [row.code for row in rows]
