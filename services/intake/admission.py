"""Group commit: what arrives while one commit is in flight goes into the next, together.

Nothing is answered 202 before its commit is on the disk. A lone submission goes at once.
"""

import asyncio
import contextlib
from collections import Counter as Tally
from collections import deque
from dataclasses import dataclass

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from commentdesk.domain.state import State
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, Admitted, Receipt, admit
from commentdesk.ledger.changes import Announcement, announcement
from commentdesk.live import Live
from commentdesk.log import log
from commentdesk.queues import Queues
from services.intake.burnt import BurntCaptchas

_MOST_IN_ONE_COMMIT = 200
COMMIT_SIZE = Histogram(
    "commentdesk_commit_size", "Submissions in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
ADMITTED = Counter("commentdesk_admitted_total", "Forms that reached the ledger", ["result"])


class CaptchaBurnt(Exception):
    """A wrong answer to this captcha came in while the right one was waiting."""


@dataclass
class _Waiting:
    admission: Admission
    nonce: str
    answer: asyncio.Future[Receipt]


class GroupCommit:
    """One loop that commits, one that hints; both end with nothing left behind."""

    def __init__(self, ledger: Ledger, queues: Queues, live: Live, burnt: BurntCaptchas) -> None:
        self._ledger, self._queues, self._live, self._burnt = ledger, queues, live, burnt
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._to_hint: list[Announcement] = []
        self._committed = asyncio.Event()
        self._closing = False

    async def start(self) -> None:
        self._committing = asyncio.create_task(self._keep_committing())
        self._hinting = asyncio.create_task(self._keep_hinting())

    async def close(self) -> None:
        """Everyone has been answered by now; leave the last hints and stop."""
        self._committing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._committing
        # Not cancelled: the hints it is just leaving would be lost until the reconciler comes.
        self._closing = True
        self._committed.set()
        await self._hinting
        # What was committed while it was leaving others.
        await self._hint()

    async def submit(self, admission: Admission, nonce: str) -> Receipt:
        """Wait until it is committed.

        Raises:
            CaptchaBurnt: the captcha's one try is used up.
            sqlalchemy.exc.DBAPIError: the ledger is away; nothing was accepted.
        """
        waiting = _Waiting(admission, nonce, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def _keep_committing(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                size = min(len(self._waiting), _MOST_IN_ONE_COMMIT)
                batch = [self._waiting.popleft() for _ in range(size)]
                try:
                    await self._commit(await self._refuse_burnt(batch))
                except Exception as error:
                    log.error("commit_failed", size=size, error=type(error).__name__)
                    _fail(batch, error)

    async def _refuse_burnt(self, batch: list[_Waiting]) -> list[_Waiting]:
        burnt = await self._burnt.among([waiting.nonce for waiting in batch])
        _fail([waiting for waiting in batch if waiting.nonce in burnt], CaptchaBurnt())
        return [waiting for waiting in batch if waiting.nonce not in burnt]

    async def _commit(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            receipts = await admit(self._ledger, [waiting.admission for waiting in batch])
        except (DataError, IntegrityError, StatementError):
            if len(batch) == 1:
                raise
            # One row the database refuses must not take the others with it.
            for waiting in batch:
                await self._commit_alone(waiting)
            return
        COMMIT_SIZE.observe(len(batch))
        accepted = [r.id for r in receipts if r.result is Admitted.ACCEPTED]
        log.info("submissions_accepted", submissions=accepted)
        for result, count in Tally(receipt.result for receipt in receipts).items():
            ADMITTED.labels(result).inc(count)
        for waiting, receipt in zip(batch, receipts, strict=True):
            self._answer(waiting, receipt)
        self._committed.set()

    async def _commit_alone(self, waiting: _Waiting) -> None:
        try:
            await self._commit([waiting])
        except Exception as error:
            _fail([waiting], error)

    def _answer(self, waiting: _Waiting, receipt: Receipt) -> None:
        if receipt.result is Admitted.ACCEPTED:
            submission = waiting.admission.submission
            self._to_hint.append(announcement(State.RECEIVED, submission.id, submission.article))
        if not waiting.answer.done():
            waiting.answer.set_result(receipt)

    async def _keep_hinting(self) -> None:
        while not self._closing:
            await self._committed.wait()
            self._committed.clear()
            await self._hint()

    async def _hint(self) -> None:
        announcements, self._to_hint = self._to_hint, []
        if announcements:
            await self._queues.hint("check", [payload["id"] for _, payload in announcements])
            await self._live.announce_all(announcements)


def _fail(batch: list[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
