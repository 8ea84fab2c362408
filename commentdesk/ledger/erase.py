"""Erasing personal data: what is no longer needed is not kept."""

from datetime import timedelta

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.state import State
from commentdesk.ledger import audit as audits
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import submissions

_SETTLED = [str(State.PUBLISHED), str(State.REJECTED), str(State.REMOVED)]
_ERASED: dict[str, object] = {
    "phone_sealed": None,
    "phone_hash": None,
    "phone_masked": None,
    "address_sealed": None,
    "address_hash": None,
    "address_masked": None,
    "client": {},
}


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
            .values(**_ERASED)
        )
        if result.rowcount:
            detail = {"count": result.rowcount}
            await audits.record(connection, "commentdesk", "erase_old", None, detail)
    return result.rowcount
