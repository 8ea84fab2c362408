"""Deliberate breaks of the promise, to see that chaos turns red on them; shipped code has none.

Python runs this at start-up when this folder is on its path and CHAOS_BREAK names a break.
"""

import os
import sys
from typing import Any


def _answer_before_commit() -> None:
    """Intake says 202 at once and commits afterwards."""
    import asyncio

    from commentdesk.ledger.admit import Admission, Admitted, Receipt
    from services.intake.admission import GroupCommit

    commit = GroupCommit.submit
    late: set[asyncio.Task[Receipt]] = set()

    async def commit_later(self: GroupCommit, admission: Admission, nonce: str) -> Receipt:
        await asyncio.sleep(1)
        return await commit(self, admission, nonce)

    async def submit(self: GroupCommit, admission: Admission, nonce: str) -> Receipt:
        task = asyncio.create_task(commit_later(self, admission, nonce))
        late.add(task)
        task.add_done_callback(late.discard)
        submission = admission.submission
        return Receipt(submission.id, Admitted.ACCEPTED, submission.received_at)

    GroupCommit.submit = submit  # type: ignore[method-assign]


def _no_fence() -> None:
    """Workers write whatever they claimed once, whoever has it now and wherever it stands."""
    from commentdesk.domain.state import TRANSITIONS
    from commentdesk.ledger import record
    from commentdesk.ledger.changes import entering, write_events
    from commentdesk.ledger.tables import submissions

    def held_by(claims: object) -> Any:
        return submissions.c.id.in_([claim.submission.id for claim in claims])  # type: ignore[attr-defined]

    async def move(_ledger: object, connection: Any, claims: object, move: Any, at: Any) -> Any:
        columns = submissions.c.id, submissions.c.article, submissions.c.version
        values = entering(TRANSITIONS[move], at)
        query = submissions.update().where(held_by(claims)).values(**values).returning(*columns)
        rows = (await connection.execute(query)).all()
        await write_events(connection, TRANSITIONS[move], rows, at)
        return rows

    record._held_by, record._move = held_by, move  # type: ignore[assignment]


_BREAKS = {
    "answer-before-commit": ("services.intake", _answer_before_commit),
    "no-fence": ("workers", _no_fence),
}
_module, _break = _BREAKS[os.environ["CHAOS_BREAK"]]
if _module in sys.orig_argv:
    _break()
