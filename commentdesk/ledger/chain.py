"""The chain of the audit: each row carries its number and a MAC over the row before and itself.

A row's MAC is HMAC-SHA-256 (RFC 2104) over JSON, sorted keys and no blanks, of

    ["row", MAC before, number, id, microseconds since 1970, actor, action, submission,
     detail without its note, digest of the note]

with digests in hexadecimal; before row 1 stand 64 zeros. The key is derived (HKDF-SHA256, see
sealing.py, purpose "audit") from the installation's secret, which no database holds: whoever has
the database alone can read the chain and cannot forge it.

A note is a person's words about a person, and may have to be forgotten. So it enters by a digest,
an HMAC over a salt of 32 random bytes and the note. Erasing takes note and salt away: the digest
stays, the chain holds, what was forgotten cannot be guessed from it, and that something was
forgotten is seen.

The head, number and MAC of the last row, is kept in a row of its own under a seal, a MAC too. A
head that bears no seal of ours never gets one again, so that what was cut off stays cut off; only
an operator's deed (`commentdesk audit reseal`) begins anew.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.text import fold
from commentdesk.ledger.tables import audit, audit_head
from commentdesk.sealing import Sealing

# What somebody wrote freely in a detail; everything else in it is fixed for good.
NOTE = "note"
_BEFORE_THE_FIRST = bytes(32)
_SALT_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPOILT = b""
# Rows of one statement: databases take some ten thousand values.
_AT_ONCE = 500
# What a row of the audit has by being in the chain, and what it says.
_CHAINED = ("number", "mac", "note_digest", "note_salt", "folded")
_SAID = ("id", "at", "actor", "action", "submission", "detail", "note_digest", "note_salt")

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Head:
    """Where the chain ends."""

    number: int = 0
    mac: bytes = _BEFORE_THE_FIRST

    def __str__(self) -> str:
        return f"{self.number}:{self.mac.hex()}"


class ChainKey:
    """Makes and checks the MACs of one installation."""

    def __init__(self, secret: str) -> None:
        self._sealing = Sealing(secret, "audit")

    def links(self, head: Head, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
        """The rows (id, at, actor, action, submission, detail) as they join the chain.

        A digest that a row has already is kept: its note may be forgotten.
        """
        for row in rows:
            made = {"note_digest": None, "note_salt": None, **row, "number": head.number + 1}
            if note_of(made) and not made["note_salt"]:
                made["note_salt"] = secrets.token_bytes(_SALT_BYTES)
            if note_of(made):
                made["note_digest"] = self.note_digest(made["note_salt"], note_of(made))
            made["mac"] = self.mac(head.mac, made)
            made["folded"] = folded(made["detail"])
            yield made
            head = Head(made["number"], made["mac"])

    def mac(self, before: bytes, row: Row) -> bytes:
        """The MAC of a row that follows the one with the MAC `before`."""
        digest = row["note_digest"]
        facts = {name: value for name, value in row["detail"].items() if name != NOTE}
        return self._of(
            *("row", before.hex(), row["number"], row["id"], _microseconds(row["at"])),
            *(row["actor"], row["action"], row["submission"], facts),
            digest and digest.hex(),
        )

    def note_digest(self, salt: bytes, note: str) -> bytes:
        return self._of("note", salt.hex(), note)

    def seal(self, head: Head) -> bytes:
        return self._of("head", head.number, head.mac.hex())

    def sealed_anew(self, old: Head, seal: bytes, new: Head) -> bytes:
        """The seal of the head that follows `old`; none where the old one's is not ours."""
        return self.seal(new) if self.is_sealed(old, seal) else _SPOILT

    def is_sealed(self, head: Head, seal: bytes) -> bool:
        return same(self.seal(head), seal)

    def _of(self, *parts: Any) -> bytes:
        return self._sealing.keyed_hash(json.dumps(parts, sort_keys=True, separators=(",", ":")))


async def join_chain(key: ChainKey, connection: AsyncConnection, rows: Sequence[Any]) -> None:
    """Add the rows at the end of the chain; nobody else can until the transaction ends.

    Raises:
        sqlalchemy.exc.NoResultFound: the chain has no head.
    """
    found = (await connection.execute(sql.select(audit_head).with_for_update())).one()
    head = Head(found.number, found.mac)
    linked = list(key.links(head, rows))
    for start in range(0, len(linked), _AT_ONCE):
        await connection.execute(audit.insert(), linked[start : start + _AT_ONCE])
    last = Head(linked[-1]["number"], linked[-1]["mac"])
    await connection.execute(
        audit_head.update().values(
            number=last.number, mac=last.mac, seal=key.sealed_anew(head, found.seal, last)
        )
    )


def rechain(connection: sql.Connection, key: ChainKey, order: sql.ColumnElement[Any]) -> Head:
    """Number and sign all rows anew, in this order, and seal the head; what it is then."""
    head, rows = Head(), _rows_after(connection, order, None)
    while rows:
        linked = list(key.links(head, [row._mapping for row in rows]))
        connection.execute(
            audit.update().where(audit.c.id == sql.bindparam("row")),
            [{"row": row["id"], **{name: row[name] for name in _CHAINED}} for row in linked],
        )
        head = Head(linked[-1]["number"], linked[-1]["mac"])
        rows = _rows_after(connection, order, rows[-1].place)
    connection.execute(audit_head.delete())
    sealed = {"number": head.number, "mac": head.mac, "seal": key.seal(head)}
    connection.execute(audit_head.insert(), {"id": 1, **sealed})
    return head


def same(one: object, other: object) -> bool:
    """Whether both are the same bytes; what is none was written past us."""
    if not (isinstance(one, bytes) and isinstance(other, bytes)):
        return False
    return hmac.compare_digest(one, other)


def note_of(row: Row) -> str:
    return str(row["detail"].get(NOTE) or "")


def without_note(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of a row when its note is forgotten: its columns."""
    left = {**detail, NOTE: ""}
    return {"detail": left, "note_salt": None, "folded": folded(left)}


def folded(detail: Mapping[str, Any]) -> str:
    """The values of a detail as they are searched: without case and diacritics."""
    said = " ".join(str(value) for value in detail.values() if value not in ("", None))
    # What a database's text column would not take shall not keep a deed from being written down.
    return fold(said).encode(errors="replace").decode().replace("\x00", "")


def _rows_after(
    connection: sql.Connection, order: sql.ColumnElement[Any], place: Any
) -> Sequence[sql.Row[Any]]:
    query: sql.Select[Any] = sql.select(*(audit.c[name] for name in _SAID), order.label("place"))
    if place is not None:
        query = query.where(order > place)
    return connection.execute(query.order_by(order).limit(_AT_ONCE)).all()


def _microseconds(at: datetime | int) -> int:
    return (at - _EPOCH) // _MICROSECOND if isinstance(at, datetime) else at
