"""Submissions as a moderator sees them, with what stands around each: read for some ids at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.domain.memory import Tie
from commentdesk.domain.state import State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.decide import latest_decisions
from commentdesk.ledger.likeness import most_shared, waiting_by_tie
from commentdesk.ledger.notes import notes_of
from commentdesk.ledger.revisions import revisions_of
from commentdesk.ledger.tables import articles, fingerprints, submissions, verdicts

_MADE = ("action", "actor", "reason", "note", "at")
_MOST_PARENTS = 5
_EXCERPT_LENGTH = 200
_HEADING_LENGTH = 60


@dataclass(frozen=True)
class Entry:
    """One submission as a moderator sees it; phone and address are masked."""

    id: str
    version: int
    state: str
    article_id: str
    article_title: str
    section: str
    name: str
    title: str
    content: str
    language: str
    parent_id: str | None
    # The thread above it, at most five: id, name, title, excerpt, state; the nearest last.
    parents: list[dict[str, Any]]
    received_at: datetime
    phone_masked: str | None
    phone_proven: bool
    address_masked: str | None
    # What its form told of how it was filled in.
    client: dict[str, Any]
    score: float | None
    findings: list[dict[str, Any]]
    decision: dict[str, Any] | None
    # What its reader wrote before a correction, the first wording first.
    revisions: list[dict[str, Any]]
    # The colleague it is held for, and what moderators noted on it.
    held_for: str | None
    notes: list[dict[str, Any]]
    work: str | None
    stuck: bool
    error: str | None
    attempts: int
    # The first of those it belongs to, None where it stands alone; how many of them wait, and what
    # they have in common: tie (domain/memory.py), count, and shown where this one shows it.
    campaign: str | None
    campaign_waiting: int
    campaign_by: list[dict[str, Any]]
    # Another moderator who has it open; only the service knows.
    opened_by: str | None = None

    @property
    def heading(self) -> str:
        """Its title, or how it begins where it has none."""
        return self.title or _excerpt(self.content, _HEADING_LENGTH)


async def read_entries(
    ledger: Ledger,
    connection: AsyncConnection,
    ids: Sequence[str],
    sections: frozenset[str] = frozenset(),
) -> list[Entry]:
    """The entries of these ids, in their order; those waiting are counted within `sections`."""
    if not ids:
        return []
    rows = {row.id: row for row in await connection.execute(_rows(ids))}
    made = await latest_decisions(connection, ids)
    noted = await notes_of(connection, ids)
    earlier = await revisions_of(connection, ids)
    above = await _parents(connection, list(rows.values()))
    common = await _campaigns(ledger, connection, list(rows.values()), sections)
    return [
        _entry(
            rows[each],
            parents=above.get(each, []),
            decision={name: made[each][name] for name in _MADE} if each in made else None,
            revisions=earlier.get(each, []),
            notes=[
                {name: getattr(note, name) for name in ("id", "actor", "text", "at")}
                for note in noted.get(each, [])
            ],
            campaign_waiting=sum(part["count"] for part in common[each]),
            campaign_by=common[each],
        )
        for each in ids
        if each in rows
    ]


async def _campaigns(
    ledger: Ledger,
    connection: AsyncConnection,
    rows: Sequence[Any],
    sections: frozenset[str],
) -> dict[str, list[dict[str, Any]]]:
    """What is common to those of each one's campaign that wait, by its id; what most have first."""
    campaigns = {row.campaign for row in rows if row.campaign}
    waiting = await waiting_by_tie(connection, campaigns, sections)
    rewritten = [row.id for row in rows if set(waiting.get(row.campaign, ())) - {Tie.TEXT}]
    shown = await most_shared(ledger, connection, rewritten)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        said = shown.get(row.id, {})
        if row.tie == Tie.PHONE:
            said = {**said, Tie.PHONE: row.phone_masked or ""}
        found[row.id] = [
            {"tie": str(tie), "count": count, "shown": said.get(tie, "")}
            for tie, count in waiting.get(row.campaign, Counter()).most_common()
        ]
    return found


def _rows(ids: Sequence[str]) -> sql.Select[Any]:
    return (
        sql.select(
            submissions,
            articles.c.title.label("article_title"),
            articles.c.section,
            verdicts.c.findings,
            verdicts.c.score.label("verdict_score"),
            fingerprints.c.campaign,
            fingerprints.c.tie,
        )
        .outerjoin(articles, articles.c.id == submissions.c.article)
        .outerjoin(fingerprints, fingerprints.c.submission == submissions.c.id)
        .outerjoin(verdicts, verdicts.c.submission == submissions.c.id)
        .where(submissions.c.id.in_(ids))
    )


async def _parents(
    connection: AsyncConnection, rows: Sequence[Any]
) -> dict[str, list[dict[str, Any]]]:
    """A level at a time: few are replies, and fewer to replies."""
    known: dict[str, Any] = {}
    wanted = {row.parent for row in rows if row.parent}
    names = ("id", "parent", "name", "title", "content", "state")
    query = sql.select(*(submissions.c[name] for name in names))
    for _ in range(_MOST_PARENTS):
        if not wanted:
            break
        found = (await connection.execute(query.where(submissions.c.id.in_(wanted)))).all()
        known |= {row.id: row for row in found}
        wanted = {row.parent for row in found if row.parent} - known.keys()
    return {row.id: _thread(row.parent, known) for row in rows if row.parent}


def _thread(nearest: str | None, known: dict[str, Any]) -> list[dict[str, Any]]:
    thread: list[dict[str, Any]] = []
    while nearest in known and len(thread) < _MOST_PARENTS:
        row = known[nearest]
        thread.append(
            {
                "id": row.id,
                "name": row.name,
                "title": row.title,
                "excerpt": _excerpt(row.content),
                "state": row.state,
            }
        )
        nearest = row.parent
    return thread[::-1]


def _excerpt(text: str, length: int = _EXCERPT_LENGTH) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()}…"


def _entry(row: Any, **around: Any) -> Entry:
    return Entry(
        id=row.id,
        version=row.version,
        state=row.state,
        article_id=row.article,
        article_title=row.article_title or row.article,
        section=row.section or "",
        name=row.name,
        title=row.title,
        content=row.content,
        language=row.language,
        parent_id=row.parent,
        received_at=row.received_at,
        phone_masked=row.phone_masked,
        phone_proven=row.phone_proven,
        address_masked=row.address_masked,
        client=row.client,
        score=row.verdict_score,
        findings=row.findings or [],
        held_for=row.held_for if row.state == State.HELD else None,
        work=row.work,
        stuck=row.stuck_at is not None,
        error=row.error,
        attempts=row.attempts,
        campaign=row.campaign,
        **around,
    )
