"""The orders the desk's list may come in, and the place where a page of it ended."""

import re
import struct
from typing import Any

import sqlalchemy as sql

from commentdesk.ledger.tables import submissions

SORTS = ("oldest", "newest", "riskiest")
_ID = "[0-9a-f-]{36}"
# The score to the last bit (IEEE 754, big endian), so that no row is shown twice or left out.
_SCORE = "[0-9a-f]{16}"
CURSOR_PATTERN = f"({_SCORE}~)?{_ID}"
_BY_TIME, _BY_RISK = re.compile(_ID), re.compile(f"({_SCORE})~({_ID})")


def is_cursor(sort: str, text: str) -> bool:
    """Whether a list in this order may have ended here."""
    if sort != "riskiest":
        return _BY_TIME.fullmatch(text) is not None
    found = _BY_RISK.fullmatch(text)
    return found is not None and 0 <= _score(found[1]) <= 1


def cursor_of(sort: str, submission: str, risk: float) -> str:
    """The place of a list's last row."""
    if sort != "riskiest":
        return submission
    return f"{struct.pack('>d', risk).hex()}~{submission}"


def ordered(query: sql.Select[Any], sort: str, cursor: str | None) -> sql.Select[Any]:
    """The rows after the cursor, in order."""
    if sort == "riskiest":
        # What nobody has checked yet comes last.
        risk = submissions.c.risk
        if cursor:
            written, _, submission = cursor.partition("~")
            score = _score(written)
            # Said twice: the first half alone tells the index where to begin.
            beyond = sql.or_(risk < score, submissions.c.id > submission)
            query = query.where(risk <= score, beyond)
        return query.order_by(risk.desc(), submissions.c.id)
    newest = sort == "newest"
    if cursor:
        query = query.where(submissions.c.id < cursor if newest else submissions.c.id > cursor)
    return query.order_by(submissions.c.id.desc() if newest else submissions.c.id)


def _score(written: str) -> float:
    return float(struct.unpack(">d", bytes.fromhex(written))[0])
