"""The books: every submission ever received is in exactly one place, and this can be asked."""

from dataclasses import dataclass

import sqlalchemy as sql

from commentdesk.domain.state import State
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import events, submissions

_STUCK = "stuck"
# Where a submission is, by its state; stuck work comes before all of them.
PLACES: dict[State, str] = {
    State.RECEIVED: "being_checked",
    State.HELD: "on_the_desk",
    State.APPROVED: "approved_waiting",
    State.PUBLISHED: "published",
    State.REJECTED: "rejected",
    State.REMOVED: "removed",
    State.WITHDRAWN: "withdrawn",
    State.ERASED: "erased",
}
_RECEIVED = "received"


@dataclass(frozen=True)
class Books:
    """Both sides: how many were received, and how many are in each place."""

    received: int
    places: dict[str, int]

    @property
    def difference(self) -> int:
        """Received but in no place (below zero: in a place but never received); 0 is right."""
        return self.received - sum(self.places.values())


async def books(ledger: Ledger) -> Books:
    """Count both sides from the rows themselves, in one statement and so at one moment.

    Received are the `received` events, written with each admission; the places are the states of
    the submissions. A row that vanished, came from nowhere or is in no known state tells them
    apart.
    """
    place = sql.case(
        (submissions.c.stuck_at.is_not(None), _STUCK),
        *((submissions.c.state == str(state), name) for state, name in PLACES.items()),
    ).label("place")
    placed = sql.select(place, sql.func.count().label("number")).group_by(place)
    received = sql.select(
        sql.literal(_RECEIVED).label("place"), sql.func.count().label("number")
    ).where(events.c.state == str(State.RECEIVED))
    async with ledger.database.reading() as connection:
        rows = await connection.execute(sql.union_all(placed, received))
        found = {row.place: row.number for row in rows}
    names = [*PLACES.values(), _STUCK]
    return Books(found.get(_RECEIVED, 0), {name: found.get(name, 0) for name in names})
