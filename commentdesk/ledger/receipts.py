"""Receipts: what a reader's code leads to, found without the code being kept anywhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.receipt_code import code_from
from commentdesk.domain.state import TRANSITIONS, Action, State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import articles, reasons, revisions, submissions, verdicts

# Each has all checks run again: what is corrected more often is a test of the checks.
MOST_CORRECTIONS = 10
_HASH_BYTES = 16
_SHOWN = (
    *("id", "article", "parent", "language", "name", "title", "content", "received_at"),
    *("decided_by", "decided_reason"),
)


@dataclass(frozen=True)
class Standing:
    """A submission as its reader may see it; no phone, no address, no note of a moderator's."""

    id: str
    article: str
    # Empty where the article was never seen.
    article_title: str
    article_url: str
    parent: str | None
    language: str
    name: str
    title: str
    content: str
    received_at: datetime
    state: State
    # Of the latest decision, empty or None where no moderator decided.
    decided_by: str | None
    decided_reason: str | None
    # How the site tells readers that reason, by language; empty where it says nothing.
    reason_told: dict[str, str]
    findings: list[dict[str, Any]]
    # None where it can no longer be changed.
    editable_until: datetime | None


def receipt_code(ledger: Ledger, submission: str) -> str:
    """The code that stands for a submission: the same each time, and only with the secret."""
    return code_from(ledger.receipts.keyed_hash(f"code of {submission}"))


def receipt_hash(ledger: Ledger, code: str) -> bytes:
    """What a code as read_code gives it is found by."""
    return ledger.receipts.keyed_hash(code)[:_HASH_BYTES]


async def find_by_code(ledger: Ledger, code: str) -> Standing | None:
    """What the code stands for; None for a code that stands for nothing, or nothing any more."""
    query = (
        sql.select(
            *(submissions.c[name] for name in (*_SHOWN, "state", "may_stand")),
            corrections().label("corrected"),
            articles.c.title.label("article_title"),
            articles.c.url.label("article_url"),
            reasons.c.reader_words,
            verdicts.c.findings,
        )
        .outerjoin(articles, articles.c.id == submissions.c.article)
        .outerjoin(reasons, reasons.c.code == submissions.c.decided_reason)
        .outerjoin(verdicts, verdicts.c.submission == submissions.c.id)
        .where(submissions.c.receipt_hash == receipt_hash(ledger, code))
    )
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query)).first()
    return _standing(ledger, row) if row else None


def corrections() -> sql.ScalarSelect[int]:
    """How often a submission was corrected, for a query about submissions."""
    counted = sql.select(sql.func.count()).where(revisions.c.submission == submissions.c.id)
    return counted.correlate(submissions).scalar_subquery()


def editable_until(ledger: Ledger, received_at: datetime) -> datetime:
    """When a reader's time to correct is over, however often it was corrected."""
    return received_at + timedelta(seconds=ledger.settings.correction_seconds)


def is_editable(ledger: Ledger, row: Any) -> bool:
    """Whether its reader may still change what waits; `row` has `corrected`, how often it was.

    What a worker may have put into the article store is not merely waiting.
    """
    may_move = (State(row.state), Action.CORRECT) in TRANSITIONS
    in_time = now() < editable_until(ledger, row.received_at)
    return may_move and in_time and not row.may_stand and row.corrected < MOST_CORRECTIONS


def _standing(ledger: Ledger, row: Any) -> Standing:
    until = editable_until(ledger, row.received_at) if is_editable(ledger, row) else None
    return Standing(
        **{name: getattr(row, name) for name in _SHOWN},
        article_title=row.article_title or "",
        article_url=row.article_url or "",
        state=State(row.state),
        reason_told=row.reader_words or {},
        findings=row.findings or [],
        editable_until=until,
    )
