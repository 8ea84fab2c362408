"""Keeps processes running: starts them, restarts what dies, later every time, stops them."""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

Say = Callable[[str], None]

FIRST_WAIT = 0.5
# A process that lived this long was well: its next restart comes at once again.
_WELL_AFTER = 10.0
_LOG_BYTES = 10 * 2**20
_PR_SET_PDEATHSIG = 1
# What a shell says of a command it cannot find.
_NOT_STARTED = 127


@dataclass(frozen=True)
class Command:
    """What to run and where its output goes."""

    name: str
    line: Sequence[str]
    log: Path
    stop_seconds: float = 25.0


class Keeper:
    """One process kept running from `start` to `stop`."""

    def __init__(
        self, command: Command, say: Say, changed: Callable[[], None], longest_wait: float
    ) -> None:
        self.command = command
        self._longest_wait = longest_wait
        self._say = say
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    def start(self) -> None:
        """Begin; returns at once."""
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask it to end, and make it where it does not."""
        self._stopping.set()
        if self._keeping is None:
            return
        self._signal(signal.SIGTERM)
        ended, _ = await asyncio.wait({self._keeping}, timeout=self.command.stop_seconds)
        if not ended:
            self._say(f"{self.command.name} does not stop by itself; it is ended now")
            self.end_now()
        await self._keeping

    def end_now(self) -> None:
        """End it without asking."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self.pid is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _keep(self) -> None:
        wait = first_wait = min(FIRST_WAIT, self._longest_wait)
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._live()
            if self._stopping.is_set():
                return
            wait = first_wait if time.monotonic() - started > _WELL_AFTER else wait
            ending = f"{self.command.name} ended ({_ending(code)}, see {self.command.log})"
            self._say(f"{ending}; it starts again in {wait:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
            wait = min(wait * 2, self._longest_wait)

    async def _live(self) -> int:
        """From one start to its end; the exit code."""
        try:
            self._process = await launch(self.command)
        except OSError as error:
            self._say(f"{self.command.name} cannot be started: {error}")
            return _NOT_STARTED
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        self._changed()
        code = await self._process.wait()
        self._changed()
        return code


@dataclass
class Supervisor:
    """Processes by stage, and the file that tells their pids; waits are in seconds."""

    pids: Path
    say: Say
    longest_wait: float = 30.0
    stages: dict[int, list[Keeper]] = field(default_factory=dict)

    def start(self, command: Command, stage: int) -> None:
        """Keep this command running."""
        keeper = Keeper(command, self.say, self._write_pids, self.longest_wait)
        self.stages.setdefault(stage, []).append(keeper)
        keeper.start()

    async def stop(self) -> None:
        """Stop everything, the last stage first."""
        for stage in sorted(self.stages, reverse=True):
            await asyncio.gather(*(keeper.stop() for keeper in self.stages[stage]))
        self.pids.unlink(missing_ok=True)

    def end_now(self) -> None:
        """For whoever will not wait."""
        for keeper in self._keepers():
            keeper.end_now()

    def _keepers(self) -> list[Keeper]:
        return [keeper for stage in self.stages.values() for keeper in stage]

    def _write_pids(self) -> None:
        pids = {keeper.command.name: keeper.pid for keeper in self._keepers() if keeper.pid}
        fresh = self.pids.with_suffix(".fresh")
        fresh.write_text(json.dumps(pids, indent=1), "utf-8")
        fresh.replace(self.pids)


async def launch(command: Command) -> asyncio.subprocess.Process:
    """Start a process that ends with this one, out of reach of the terminal's Ctrl-C."""
    with _open_log(command.log) as log:
        return await asyncio.create_subprocess_exec(
            *command.line,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=_end_with_parent(os.getpid()),
        )


async def run_once(command: Command) -> int:
    """Run to the end; the exit code. Ends the process where the wait for it is given up."""
    process = await launch(command)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Loaded before the fork: between fork and exec as little as can be is run.
    prctl = ctypes.CDLL(None).prctl

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
