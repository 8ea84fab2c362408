"""Where captchas' pictures and sounds are made: in a process of their own, and not for any crowd.

Making holds an interpreter for milliseconds at a time, and the one that serves readers must not
be held. The process that makes them ends with intake, and is replaced when it dies.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from prometheus_client import Counter

from commentdesk.log import log
from commentdesk.settings import PREFIX
from commentdesk.web import Problem
from services.intake.captcha.orders import LENGTH_BYTES, READY, Order

COMMAND = (sys.executable, "-m", "services.intake.captcha")
TURNED_AWAY = Counter(
    "commentdesk_captcha_renders_refused_total", "Pictures and sounds not made, for too many wait"
)
REPLACED = Counter(
    "commentdesk_captcha_studio_replaced_total", "Drawing processes that died and were replaced"
)
# At a hundred a second whoever comes next is served within a second.
_MOST_WAITING = 60
_RETRY_SECONDS = 2
# While one is made, the next lies ready.
_MOST_BEGUN = 2
# What two processes died of is given to no third.
_MOST_TRIES = 2
# The process may take so long to get ready, or to make one; a reader waits no longer either.
_STUCK_SECONDS = 10.0
# From the death of one process to the next; longer each time while none gets ready.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


class _GivenUp(Exception):
    """Every process that had this order died."""


@dataclass(eq=False)
class _Asked:
    order: Order
    made: asyncio.Future[bytes] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    tries: int = 0

    def answer(self, made: bytes) -> None:
        """Whoever asked may have gone away meanwhile."""
        if not self.made.done():
            self.made.set_result(made)


class Studio:
    """A line of orders, and the process that makes them one after the other."""

    def __init__(
        self, command: Sequence[str] = COMMAND, *, most_waiting: int = _MOST_WAITING
    ) -> None:
        self._command, self._most_waiting = command, most_waiting
        self._waiting: deque[_Asked] = deque()
        self._begun: deque[_Asked] = deque()
        self._process: Process | None = None
        self._patience = asyncio.timeout(None)
        self._well = True

    def start(self) -> None:
        """Begin; what is asked for before the process is ready waits for it."""
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the process; everyone has been answered by now."""
        self._keeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeping

    @property
    def is_well(self) -> bool:
        """Not between the death of a process and the moment when the next one is ready."""
        return self._well

    def check_room(self) -> None:
        """Before anything is looked up for somebody who would be turned away.

        Raises:
            Problem: 503 with Retry-After; too many are waiting.
        """
        if len(self._waiting) >= self._most_waiting:
            raise _turned_away()

    async def make(self, order: Order) -> bytes:
        """The PNG or WAV.

        Raises:
            Problem: 503 with Retry-After; too many are waiting, or nothing can be made now.
        """
        self.check_room()
        asked = _Asked(order)
        self._waiting.append(asked)
        self._hand_over()
        try:
            async with asyncio.timeout(_STUCK_SECONDS):
                return await asked.made
        except (TimeoutError, _GivenUp) as error:
            raise _turned_away() from error
        finally:
            # Who goes away while waiting leaves the place to others.
            with suppress(ValueError):
                self._waiting.remove(asked)

    async def _keep(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                async with _running(self._command) as process:
                    await self._have_made(process)
            except Exception as error:
                log.error("captcha_studio_died", error=type(error).__name__)
            REPLACED.inc()
            pause = _SHORTEST_PAUSE if self._well else min(2 * pause, _LONGEST_PAUSE)
            self._well = False
            await asyncio.sleep(pause)

    async def _have_made(self, process: Process) -> None:
        """Until the process dies, or is silent for too long."""
        assert process.stdout
        try:
            async with asyncio.timeout(_STUCK_SECONDS) as self._patience:
                await process.stdout.readexactly(len(READY))
                self._process, self._well = process, True
                while True:
                    self._be_patient()
                    self._hand_over()
                    length = await process.stdout.readexactly(LENGTH_BYTES)
                    made = await process.stdout.readexactly(int.from_bytes(length, "big"))
                    self._begun.popleft().answer(made)
        finally:
            self._process = None
            self._take_back()

    def _hand_over(self) -> None:
        """Give the process as much as it may have before it."""
        while self._process and self._waiting and len(self._begun) < _MOST_BEGUN:
            assert self._process.stdin
            asked = self._waiting.popleft()
            asked.tries += 1
            self._process.stdin.write(asked.order.line())
            self._begun.append(asked)
            if len(self._begun) == 1:
                self._be_patient()

    def _be_patient(self) -> None:
        """With the first of what was begun; with nothing to make it may be silent for ever."""
        due = asyncio.get_running_loop().time() + _STUCK_SECONDS
        self._patience.reschedule(due if self._begun else None)

    def _take_back(self) -> None:
        """What was begun is made again, before what was not."""
        while self._begun:
            asked = self._begun.pop()
            if asked.made.done():
                continue
            if asked.tries < _MOST_TRIES:
                self._waiting.appendleft(asked)
            else:
                asked.made.set_exception(_GivenUp())


@asynccontextmanager
async def _running(command: Sequence[str]) -> AsyncIterator[Process]:
    """A process that makes what it is told to, and can tell nobody a secret: it knows none."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=told)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _turned_away() -> Problem:
    TURNED_AWAY.inc()
    return Problem(503, "unavailable", retry_after=_RETRY_SECONDS)
