"""Erasing: personal data whose time is over, and a whole submission when its writer asks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.state import WORK_AFTER, State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.changes import Announcement, announcement, entering, write_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, decisions, submissions, verdicts

_SETTLED = [str(State.PUBLISHED), str(State.REJECTED), str(State.REMOVED)]
# What becomes of a submission's personal data.
PERSONAL_DATA_ERASED: dict[str, object] = {
    "phone_sealed": None,
    "phone_hash": None,
    "phone_masked": None,
    "address_sealed": None,
    "address_hash": None,
    "address_masked": None,
    # The phone number is in it, for whoever has the key.
    "form_hash": b"",
    "client": {},
}
# The captcha's nonce stays, so that it stays spent; it says nothing of anybody.
_TYPED: dict[str, object] = {
    "name": "",
    "title": "",
    "content": "",
    "folded": "",
}


@dataclass(frozen=True)
class Erased:
    """What is left to do after an erasure: the store has to forget it, and listeners be told."""

    work: str
    announcement: Announcement


async def erase(ledger: Ledger, submission: str, actor: str) -> Erased | None:
    """Forget all that a submission's writer and its moderators wrote, wherever it stands.

    What stays is the row itself: id, article, times, state and who erased it, so that the books
    still balance and nothing late can bring it back. None where there is no such submission, or
    it was erased before.
    """
    at = now()
    due_at = at + timedelta(seconds=ledger.settings.rehint_seconds)
    async with ledger.database.writing() as connection:
        moved = await connection.execute(
            submissions.update()
            .where(submissions.c.id == submission, submissions.c.state != str(State.ERASED))
            .values(**entering(State.ERASED, due_at), **PERSONAL_DATA_ERASED, **_TYPED)
            .returning(submissions.c.id, submissions.c.article, submissions.c.version)
        )
        row = moved.first()
        if row is None:
            return None
        await _forget_findings_and_notes(connection, submission)
        await write_events(connection, State.ERASED, [row], at)
        await audits.record(connection, actor, "erase", submission, {"state": str(State.ERASED)})
    return Erased(
        str(WORK_AFTER[State.ERASED]), announcement(State.ERASED, submission, row.article)
    )


async def erase_old(ledger: Ledger) -> int:
    """Erase phone, address and client facts of settled submissions past their time; how many."""
    before = now() - timedelta(days=ledger.settings.retention_days)
    async with ledger.database.writing() as connection:
        result = await connection.execute(
            submissions.update()
            .where(
                submissions.c.state.in_(_SETTLED),
                submissions.c.received_at < before,
                sql.or_(
                    submissions.c.address_sealed.is_not(None),
                    submissions.c.phone_sealed.is_not(None),
                ),
            )
            .values(**PERSONAL_DATA_ERASED)
        )
        if result.rowcount:
            detail = {"count": result.rowcount}
            await audits.record(connection, "commentdesk", "erase_old", None, detail)
    return result.rowcount


async def _forget_findings_and_notes(connection: AsyncConnection, submission: str) -> None:
    """Findings quote the text they were found in, and notes may."""
    await connection.execute(
        verdicts.update().where(verdicts.c.submission == submission).values(findings=[])
    )
    await connection.execute(
        decisions.update().where(decisions.c.submission == submission).values(note="")
    )
    noted = await connection.execute(
        sql.select(audit.c.id, audit.c.detail).where(audit.c.submission == submission)
    )
    for row in noted.all():
        if row.detail.get("note"):
            detail: dict[str, Any] = {**row.detail, "note": ""}
            await connection.execute(
                audit.update().where(audit.c.id == row.id).values(detail=detail)
            )
