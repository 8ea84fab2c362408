"""Processes of ours that serve at once: forked from one that has imported everything already.

Imports are a second of a processor's time, and the tests start hundreds of processes. What is
forked runs the same module from its first line, with an environment of its own. It ends when the
tests end, however they end.
"""

import ctypes
import gc
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.warm import begin_anew, keep_children_warm

_PR_SET_PDEATHSIG = 1
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "services.intake.app",
        "services.moderation.app",
        "services.articles.app",
        "services.articles.backup",
        "services.articles.demo",
        "workers.jobs",
        "workers.cron",
        "workers.reconcile",
        "commentdesk.cli",
        "commentdesk.ledger.backup",
        "commentdesk.ledger.export",
        "commentdesk.snapshot",
        "alembic.command",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "sqlalchemy.dialects.sqlite.aiosqlite",
        # Which those import when they are first used.
        "asyncpg",
        "aiosqlite",
        "tests.forked",
        "tests.compiled",
    ]
)


class Forked:
    """One such process, with what the tests need of subprocess.Popen."""

    def __init__(
        self,
        line: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
    ) -> None:
        given = {
            "line": tuple(line),
            "environment": dict(environment),
            "outputs": (str(output), str(errors or output)),
        }
        self._process = _FORKS.Process(target=_become, kwargs=given, daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become(line: tuple[str, ...], environment: dict[str, str], outputs: tuple[str, str]) -> None:
    """Run a module with its arguments as `python -m` does, what it says in these files."""
    if sys.platform == "linux":
        # The one it is forked from ends with the tests.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, file in enumerate(outputs, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), number)
    # What was imported stays: looking for garbage in it would copy it page by page.
    gc.freeze()
    keep_children_warm()
    begin_anew(line, environment)
    runpy.run_module(line[0], run_name="__main__", alter_sys=True)
