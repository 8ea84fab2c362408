"""`commentdesk up`: a whole installation on one machine as one tree of processes."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from commentdesk.embedded import (
    Unprepared,
    holds_databases,
    is_restored,
    prepare,
    read_settings,
    record_base_port,
    redis_command,
    redis_socket,
    tidy,
    uses_own_redis,
)
from commentdesk.probes import http_answers, port_is_free, redis_answers, until
from commentdesk.processes import LASTING, ONCE, SERVICES, Process, instance_names, python_module
from commentdesk.settings import Settings
from commentdesk.supervisor import Command, Supervisor, run_once
from commentdesk.welcome import welcome

LOGIN = "moderator"
_REDIS_STAGE = 0
_REDIS_SECONDS = 15.0
_HEALTH_SECONDS = 60.0
_LEFTOVER_SECONDS = 30.0
_TAIL_LINES = 12


@dataclass(frozen=True)
class Options:
    """What `commentdesk up` is told."""

    data: Path
    base_port: int
    workers: int
    demo: bool


class StartFailed(Exception):
    """The tree cannot come up; the text says why, in words for an operator."""


def up(options: Options) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code."""
    try:
        os.environ.update(prepare(options.data, options.base_port))
        with _alone_on(options.data):
            record_base_port(options.data, options.base_port)
            return asyncio.run(Launcher(options, read_settings()).run())
    except (Unprepared, StartFailed) as error:
        print(f"commentdesk: {error}", file=sys.stderr)
        return 1


def say(text: str) -> None:
    """One line for the person at the terminal, who may have left."""
    with suppress(OSError):
        print(text, flush=True)


class Launcher:
    """One run of `commentdesk up`."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self.options = options
        self.settings = settings
        self.data = options.data.resolve()
        self.supervisor = Supervisor(self.data / "processes.json", say, settings.restart_seconds)
        self.stop_wanted = asyncio.Event()

    async def run(self) -> int:
        """Start, wait for the wish to stop, stop in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        await self._ports_are_free()
        try:
            await self._unless_stopped(self._start())
            await self.stop_wanted.wait()
        finally:
            say("Stopping; once more Ctrl-C stops at once.")
            await self.supervisor.stop()
            tidy(self.data)
        say("Stopped.")
        return 0

    async def _start(self) -> None:
        own_redis = uses_own_redis(self.data, self.settings)
        known = holds_databases(self.data) or is_restored(self.data)
        if own_redis:
            self._keep("redis", redis_command(self.data), _REDIS_STAGE)
        await asyncio.gather(*(self._once(process.name, *process.arguments) for process in ONCE))
        if own_redis:
            await self._redis_is_up()
        for process in LASTING:
            self._keep_all(process)
        await asyncio.gather(
            self._first_account(known), self._demo(known), *map(self._is_up, SERVICES)
        )
        login = None if is_restored(self.data) else LOGIN
        say(await asyncio.to_thread(welcome, self.settings, login, self.data))

    async def _unless_stopped(self, starting: Coroutine[Any, Any, None]) -> None:
        """Start, or give it up as soon as someone wishes to stop."""
        tasks = asyncio.ensure_future(starting), asyncio.ensure_future(self.stop_wanted.wait())
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            tasks[0].cancel()
        tasks[1].cancel()
        with suppress(asyncio.CancelledError):
            await tasks[0]

    def _on_signal(self) -> None:
        if self.stop_wanted.is_set():
            self.supervisor.end_now()
        self.stop_wanted.set()

    def _keep_all(self, process: Process) -> None:
        for name in instance_names(process, self.options.workers):
            self._keep(name, process.command, process.stage, process.stop_seconds)

    def _keep(
        self, name: str, line: list[str] | tuple[str, ...], stage: int, stop_seconds: float = 10.0
    ) -> None:
        self.supervisor.start(Command(name, line, self._log(name), stop_seconds), stage)

    async def _once(self, name: str, *arguments: str) -> None:
        log = self._log(name)
        if await run_once(Command(name, python_module(*arguments), log)):
            raise StartFailed(f"{name} failed. The end of {log}:\n{_tail(log)}")

    async def _first_account(self, known: bool) -> None:
        password = str(self.data / "moderator-password")
        account = ("--login", LOGIN, "--role", "admin", "--password-file", password, "--if-none")
        await self._at_first("account", known, "services.moderation", "account", *account)

    async def _demo(self, known: bool) -> None:
        if self.options.demo:
            await self._at_first("demo", known, "services.articles", "demo")

    async def _at_first(self, name: str, known: bool, *arguments: str) -> None:
        """Once for the databases in this data folder; for others, harmless at every start."""
        mark = self.data / f"{name}-made"
        if not (known and mark.exists()):
            await self._once(name, *arguments)
            mark.touch()

    async def _redis_is_up(self) -> None:
        path = redis_socket(self.data)
        if not await until(lambda: redis_answers(path), _REDIS_SECONDS):
            raise self._silent("redis")

    async def _is_up(self, service: Process) -> None:
        port = _port(self.settings, service)
        if not await until(lambda: http_answers(self.settings.host, port), _HEALTH_SECONDS):
            raise self._silent(service.name)

    def _silent(self, name: str) -> StartFailed:
        log = self._log(name)
        return StartFailed(f"{name} does not answer. The end of {log}:\n{_tail(log)}")

    async def _ports_are_free(self) -> None:
        """A run that was killed may leave processes that are just finishing: they get time."""
        patience = _LEFTOVER_SECONDS if self.supervisor.pids.exists() else 0.0
        host = self.settings.host
        for service in SERVICES:
            port = _port(self.settings, service)
            if not await until(partial(port_is_free, host, port), patience):
                raise StartFailed(
                    f"port {port} ({service.name}) is taken by another program. "
                    "Stop that, or choose three free ports in a row: --base-port N"
                )

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"


@contextmanager
def _alone_on(data: Path) -> Iterator[None]:
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed(
                f"another `commentdesk up` runs on {data}. Stop it, or choose another --data DIR"
            ) from None
        yield


def _port(settings: Settings, service: Process) -> int:
    return int(getattr(settings, str(service.port_field)))


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:]
    return "\n".join(f"  {line}" for line in lines)
