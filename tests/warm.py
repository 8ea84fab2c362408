"""`python -m …` begun by a process that was forked itself: forked from that one, imports and all.

`commentdesk up` starts eight processes and `restore` two, each with a second of imports. Here
they get the same parent, pid, streams, group, folder, environment and exit code as by exec, and
run the same module from its first line; only what they have in common is not imported again.
"""

import gc
import os
import runpy
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = str(Path(__file__).parents[1])
_CUSTOM = "sitecustomize.py"
_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
# What subprocess tells its fork_exec, in its order.
_TOLD = (
    *("arguments", "programs", "close", "kept", "folder", "environment"),
    *("stdin", "_", "_", "stdout", "_", "stderr", "_", "_", "restore_signals", "session"),
    *("group", "_", "_", "_", "_", "prepare", "_"),
)
_exec = getattr(subprocess, "_fork_exec", None)


def keep_children_warm() -> None:
    """From here on the modules that this process starts are forked; other programs are not."""
    if _exec is not None:
        subprocess._fork_exec = _start  # type: ignore[attr-defined]


def is_ours(environment: Mapping[str, str]) -> bool:
    """Whether what a new Python would import is this tree's code, which is imported here."""
    return environment.get("PYTHONPATH", _ROOT).split(os.pathsep)[0] == _ROOT


def begin_anew(line: Sequence[str], environment: Mapping[str, str]) -> None:
    """What a new Python knows and has done before the module's first line."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = line
    sys.orig_argv[:] = [sys.executable, "-m", *line]
    for folder in environment.get("PYTHONPATH", "").split(os.pathsep)[1:]:
        if (custom := Path(folder) / _CUSTOM).exists():
            runpy.run_path(str(custom))


def _start(*given: Any) -> int:
    """In place of subprocess's own fork and exec; the pid."""
    assert _exec is not None
    told = dict(zip(_TOLD, given, strict=False))
    line = [os.fsdecode(argument) for argument in told["arguments"]]
    environment = _environment(told["environment"])
    is_module = line[:2] == [sys.executable, "-m"]
    if not is_module or not is_ours(environment) or len(given) != len(_TOLD):
        return int(_exec(*given))
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    code = 1
    try:
        _arrange(told)
        code = _live(line[2:], environment)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _environment(listed: Sequence[bytes] | None) -> Mapping[str, str]:
    if listed is None:
        return dict(os.environ)
    names = (os.fsdecode(each).partition("=") for each in listed)
    return {name: value for name, _, value in names}


def _arrange(told: dict[str, Any]) -> None:
    """What exec would leave of the parent, and what subprocess would change."""
    # What was the parent's is never finalized here: its numbers of open files are others' now.
    gc.freeze()
    for number, (name, _) in enumerate(_STREAMS):
        if told[name] != -1:
            os.dup2(told[name], number)
    if told["folder"] is not None:
        os.chdir(told["folder"])
    if told["group"] >= 0:
        os.setpgid(0, told["group"])
    signal.set_wakeup_fd(-1)
    for each in signal.valid_signals():
        if callable(signal.getsignal(each)):
            signal.signal(each, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if told["prepare"]:
        told["prepare"]()
    # Among these is the pipe whose end tells the parent that the child has begun.
    os.closerange(len(_STREAMS), os.sysconf("SC_OPEN_MAX"))


def _live(line: list[str], environment: Mapping[str, str]) -> int:
    """Run the module with its arguments to its end; the exit code."""
    for number, (name, mode) in enumerate(_STREAMS):
        setattr(sys, name, os.fdopen(number, mode, closefd=False))
    code = 0
    try:
        begin_anew(line, environment)
        runpy.run_module(line[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code
