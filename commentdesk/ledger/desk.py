"""What the console reads: lists, one submission, counts, stuck work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import State
from commentdesk.domain.text import fold
from commentdesk.ledger import audit as audits
from commentdesk.ledger.audit import AuditEntry
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.order import cursor_of, ordered
from commentdesk.ledger.tables import articles, decisions, fingerprints, submissions, verdicts


@dataclass(frozen=True)
class Entry:
    """One submission as a moderator sees it; phone and address are masked."""

    id: str
    version: int
    state: str
    article_id: str
    article_title: str
    name: str
    title: str
    content: str
    language: str
    parent_id: str | None
    received_at: datetime
    phone_masked: str | None
    phone_proven: bool
    address_masked: str | None
    score: float | None
    findings: list[dict[str, Any]]
    decision: dict[str, Any] | None
    work: str | None
    stuck: bool
    error: str | None
    attempts: int
    # The first of those with the same or nearly the same text; None where it stands alone.
    campaign: str | None


@dataclass(frozen=True)
class Page:
    items: list[Entry]
    next: str | None


async def listing(  # noqa: PLR0913
    ledger: Ledger,
    *,
    state: str | None = None,
    article: str | None = None,
    text: str | None = None,
    sort: str = "oldest",
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """One page in one of order.SORTS; `cursor` is the page before's `next`."""
    query = _entries()
    if state:
        query = query.where(submissions.c.state == state)
    if article:
        query = query.where(submissions.c.article == article)
    if text and (folded := fold(text)):
        query = query.where(submissions.c.folded.contains(folded, autoescape=True))
    found = await _fetch(ledger, ordered(query, sort, cursor).limit(limit + 1))
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    return Page(found[:limit], cursor_of(sort, last.id, last.score))


async def entry(ledger: Ledger, submission: str) -> Entry | None:
    """One submission, or None."""
    found = await _fetch(ledger, _entries().where(submissions.c.id == submission))
    return found[0] if found else None


async def state_of(ledger: Ledger, submission: str) -> tuple[str, str] | None:
    """A submission's state and article, or None."""
    query = sql.select(submissions.c.state, submissions.c.article)
    async with ledger.database.reading() as connection:
        row = (await connection.execute(query.where(submissions.c.id == submission))).first()
    return (row.state, row.article) if row else None


async def counts(ledger: Ledger) -> dict[str, int]:
    """How many are in each state, and how many are stuck; counted, never kept."""
    by_state = sql.select(submissions.c.state, sql.func.count()).group_by(submissions.c.state)
    stuck_count = sql.select(sql.func.count()).where(submissions.c.stuck_at.is_not(None))
    async with ledger.database.reading() as connection:
        found = {row[0]: row[1] for row in await connection.execute(by_state)}
        number_stuck = (await connection.execute(stuck_count)).scalar_one()
    return {str(s): found.get(str(s), 0) for s in State} | {"stuck": number_stuck}


async def history(ledger: Ledger, submission: str) -> Sequence[AuditEntry]:
    """What was done to a submission, oldest first."""
    return await audits.of_submission(ledger, submission)


async def reveal(ledger: Ledger, submission: str, actor: str) -> dict[str, str] | None:
    """Phone and address in full; who looked is written down first."""
    query = sql.select(submissions.c.phone_sealed, submissions.c.address_sealed)
    async with ledger.database.writing() as connection:
        row = (await connection.execute(query.where(submissions.c.id == submission))).first()
        if row is None:
            return None
        await audits.record(connection, actor, "reveal", submission, {})
    return {
        "phone": ledger.unseal(row.phone_sealed, submission),
        "address": ledger.unseal(row.address_sealed, submission),
    }


async def stuck(ledger: Ledger, limit: int = 100) -> list[Entry]:
    """What gave up after its attempts, longest stuck first."""
    query = _entries().where(submissions.c.stuck_at.is_not(None))
    return await _fetch(ledger, query.order_by(submissions.c.stuck_at).limit(limit))


async def replay(ledger: Ledger, ids: Sequence[str] | None, actor: str) -> list[tuple[str, str]]:
    """Try stuck work again, the given or (None) all of it; (id, work) of each to hint."""
    condition: sql.ColumnElement[bool] = submissions.c.stuck_at.is_not(None)
    if ids is not None:
        condition = sql.and_(condition, submissions.c.id.in_(ids))
    async with ledger.database.writing() as connection:
        rows = await connection.execute(
            submissions.update()
            .where(condition)
            .values(stuck_at=None, attempts=0, hints=0, lease_until=None, due_at=now())
            .returning(submissions.c.id, submissions.c.work)
        )
        found = [(row.id, row.work) for row in rows]
        for submission, work in found:
            await audits.record(connection, actor, "replay", submission, {"work": work})
    return found


def _entries() -> sql.Select[Any]:
    latest = (
        sql.select(decisions.c.submission, sql.func.max(decisions.c.version).label("version"))
        .group_by(decisions.c.submission)
        .subquery()
    )
    made = decisions.alias("made")
    return (
        sql.select(
            submissions,
            articles.c.title.label("article_title"),
            verdicts.c.findings,
            verdicts.c.score.label("verdict_score"),
            fingerprints.c.campaign,
            made.c.action,
            made.c.actor,
            made.c.reason,
            made.c.note,
            made.c.at,
        )
        .outerjoin(articles, articles.c.id == submissions.c.article)
        .outerjoin(fingerprints, fingerprints.c.submission == submissions.c.id)
        .outerjoin(verdicts, verdicts.c.submission == submissions.c.id)
        .outerjoin(latest, latest.c.submission == submissions.c.id)
        .outerjoin(
            made,
            sql.and_(made.c.submission == submissions.c.id, made.c.version == latest.c.version),
        )
    )


async def _fetch(ledger: Ledger, query: sql.Select[Any]) -> list[Entry]:
    async with ledger.database.reading() as connection:
        return [_entry(row) for row in await connection.execute(query)]


def _entry(row: Any) -> Entry:
    made = {name: getattr(row, name) for name in ("action", "actor", "reason", "note", "at")}
    return Entry(
        id=row.id,
        version=row.version,
        state=row.state,
        article_id=row.article,
        article_title=row.article_title or row.article,
        name=row.name,
        title=row.title,
        content=row.content,
        language=row.language,
        parent_id=row.parent,
        received_at=row.received_at,
        phone_masked=row.phone_masked,
        phone_proven=row.phone_proven,
        address_masked=row.address_masked,
        score=row.verdict_score,
        findings=row.findings or [],
        decision=made if row.action else None,
        work=row.work,
        stuck=row.stuck_at is not None,
        error=row.error,
        attempts=row.attempts,
        campaign=row.campaign,
    )
