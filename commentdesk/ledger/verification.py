"""Walking along the audit's chain: whether it holds, and where it does not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.ledger.chain import ChainKey, Head, folded, note_of, same
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, audit_head

_ROWS_AT_ONCE = 500
# Broken in more places, it is broken as a whole.
MOST_FAULTS = 100
# As the database has them: what somebody wrote past us may be of no type of ours.
_NAMES = ("number", "id", "at", "actor", "action", "submission", "mac", "note_digest", "note_salt")
_COLUMNS = (
    *(sql.type_coerce(audit.c[name], sql.types.NullType()).label(name) for name in _NAMES),
    audit.c.folded,
    sql.cast(audit.c.detail, sql.Text).label("detail"),
)
# Digits of a MAC that tell it from any other by chance; what people pin may be that short.
LEAST_DIGITS = 12


class FaultKind(StrEnum):
    """What is wrong with the chain at a number."""

    CHANGED = "changed"
    # Not there, from this number to `last`.
    MISSING = "missing"
    # There, but past the head or before the first.
    FOREIGN = "foreign"
    # Another row than the one that was seen at this number before: an older database, or a forged.
    REPLACED = "replaced"
    # A note is gone that nobody's erasure explains.
    NOTE_GONE = "note_gone"
    # The head was written past us, or is gone.
    HEAD_FORGED = "head_forged"


@dataclass(frozen=True)
class Fault:
    kind: FaultKind
    number: int
    last: int


@dataclass
class Walk:
    """A way along the chain, some rows at a time; it can go on where it ended before."""

    ledger: Ledger
    # The last row that was looked at.
    place: Head = field(default_factory=Head)
    faults: dict[Fault, None] = field(default_factory=dict)
    # The chain's head when it was last looked at.
    head: Head = field(default_factory=Head)
    # The number the next step goes on after.
    _passed: int | None = None
    # Rows without their note, by submission, until the erasure is met.
    _erased: dict[str, int] = field(default_factory=dict)

    async def step(self, most: int = _ROWS_AT_ONCE) -> bool:
        """Look at the next rows; whether the end was reached.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the ledger is away.
        """
        async with self.ledger.database.snapshot() as connection:
            await self._look_at_head(connection)
            await self._look_back(connection)
            query = sql.select(*_COLUMNS).order_by(audit.c.number).limit(most)
            if self._passed is not None:
                query = query.where(audit.c.number > self._passed)
            rows = (await connection.execute(query)).all()
        for row in rows:
            self._look_at(row._mapping)
        ended = len(rows) < most
        if ended:
            self._look_at_end()
        return ended

    async def to_the_end(self) -> None:
        """All that is left of it."""
        while not await self.step():
            pass

    async def passes(self, number: int, digits: str) -> bool:
        """Whether the row of this number bears a MAC that begins with these hexadecimal digits."""
        async with self.ledger.database.reading() as connection:
            found = await _mac_of(connection, number)
        return found is not None and found.hex().startswith(digits.lower())

    async def _look_at_head(self, connection: AsyncConnection) -> None:
        found = (await connection.execute(sql.select(audit_head))).all()
        if len(found) == 1:
            self.head = Head(found[0].number, found[0].mac)
            if self._key.is_sealed(self.head, found[0].seal):
                return
        self._blame(FaultKind.HEAD_FORGED, self.head.number)

    async def _look_back(self, connection: AsyncConnection) -> None:
        """Where it ended before, the chain must be as it was."""
        if not self.place.number:
            return
        if not same(await _mac_of(connection, self.place.number), self.place.mac):
            self._blame(FaultKind.REPLACED, self.place.number)
            number = min(self.place.number, self.head.number)
            self.place = Head(number, await _mac_of(connection, number) or b"")
            self._passed = number

    def _look_at(self, row: Mapping[Any, Any]) -> None:
        number, expected = row["number"], self.place.number + 1
        self._passed = number
        if number < expected:
            return self._blame(FaultKind.FOREIGN, number)
        if number > expected:
            self._blame(FaultKind.MISSING, expected, number - 1)
        try:
            right = self._is_right(row, follows=number == expected)
        except (TypeError, ValueError, AttributeError):
            right = False
        if not right:
            self._blame(FaultKind.CHANGED, number)
        self.place = Head(number, row["mac"] if isinstance(row["mac"], bytes) else b"")
        return None

    def _is_right(self, row: Mapping[Any, Any], *, follows: bool) -> bool:
        """Whether the row says what it said; after a gap nobody can know of all but its note."""
        told = {**row, "detail": json.loads(row["detail"])}
        if row["action"] == "erase":
            self._erased.pop(row["submission"], None)
        if note_of(told):
            digest = self._key.note_digest(row["note_salt"], note_of(told))
            if not same(digest, row["note_digest"]):
                return False
        elif row["note_digest"] is not None:
            self._erased.setdefault(row["submission"], row["number"])
        if row["folded"] != folded(told["detail"]):
            return False
        return not follows or same(self._key.mac(self.place.mac, told), row["mac"])

    def _look_at_end(self) -> None:
        for number in self._erased.values():
            self._blame(FaultKind.NOTE_GONE, number)
        end, head = self.place, self.head
        if end.number < head.number:
            self._blame(FaultKind.MISSING, end.number + 1, head.number)
        elif end.number > head.number:
            self._blame(FaultKind.FOREIGN, head.number + 1, end.number)
        elif not same(end.mac, head.mac):
            self._blame(FaultKind.CHANGED, end.number)

    def _blame(self, kind: FaultKind, number: int, last: int | None = None) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults[Fault(kind, number, number if last is None else last)] = None

    @property
    def _key(self) -> ChainKey:
        return self.ledger.chain_key


async def _mac_of(connection: AsyncConnection, number: int) -> bytes | None:
    raw = sql.type_coerce(audit.c.mac, sql.types.NullType())
    found = (await connection.execute(sql.select(raw).where(audit.c.number == number))).scalar()
    return found if isinstance(found, bytes) else None
