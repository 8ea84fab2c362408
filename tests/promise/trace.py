"""What a process asked of the kernel, in the order it asked: requests, syncs and answers."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import missing

# Receiving, sending, writing to files and syncing them, by whatever name.
_CALLS = (
    *("recvfrom", "recvmsg", "sendto", "sendmsg", "write", "writev"),
    *("pwrite64", "pwritev", "fdatasync", "fsync"),
)
# -D: the started process is the child, so that signals and the exit code are its own.
_STRACE = ("strace", "-D", "-f", "--seccomp-bpf", "-y", "-s", "32")
_CALL = re.compile(r"(\d+) +(\w+)\((?:\d+<([^>]*)>)?(.*)")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")


@dataclass(frozen=True)
class Call:
    """One call, begun or (`done`) finished well; a short one is both in a single line."""

    name: str
    file: str
    text: str
    done: bool


def under_strace(trace: Path) -> tuple[str, ...]:
    """The program to start a process under, so that its calls are written to `trace`."""
    if shutil.which("strace") is None:
        missing("strace")
    if subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("this machine lets no process watch another's calls (ptrace)")
    return (*_STRACE, "-e", f"trace={','.join(_CALLS)}", "-o", str(trace))


def calls(lines: Iterator[str]) -> Iterator[Call]:
    """Every call when it begins, and again when it has succeeded."""
    begun: dict[str, Call] = {}
    for line in lines:
        if found := _CALL.match(line):
            thread, name, file, rest = found.groups()
            call = Call(name, file or "", rest, done=False)
            yield call
            begun[thread] = call
        elif found := _RESUMED.match(line):
            thread, _, rest = found.groups()
        else:
            continue
        if "<unfinished ...>" not in rest and not re.search(r"= -1 E", rest):
            yield Call(begun[thread].name, begun[thread].file, begun[thread].text + rest, done=True)


@dataclass
class Answers:
    """The story of a process that answers one request after the other."""

    file: str
    syncs: int = 0
    accepted: int = 0
    faults: list[str] = field(default_factory=list)
    _synced: bool = False
    _unsynced: set[str] = field(default_factory=set)

    def follow(self, call: Call) -> None:
        """Note what the call means for the promise."""
        if '"POST /v1/' in call.text and call.done:
            self._synced = False
        elif '"HTTP/1.1 202' in call.text and not call.done:
            self._answer()
        elif call.file.startswith(self.file) and not call.file.endswith("-shm"):
            # The -shm file is shared memory, made anew from the others after a crash.
            self._touch(call)

    def _answer(self) -> None:
        self.accepted += 1
        if not self._synced:
            self.faults.append(f"202 number {self.accepted} without a sync since its request")
        if self._unsynced:
            self.faults.append(f"202 number {self.accepted} with unsynced {self._unsynced}")

    def _touch(self, call: Call) -> None:
        if call.name in {"fdatasync", "fsync"}:
            if call.done:
                self.syncs += 1
                self._synced = True
                self._unsynced.discard(call.file)
        else:
            self._unsynced.add(call.file)
