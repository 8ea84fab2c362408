"""What a run leaves lying about: nothing, and the next run clears up after one that was killed."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psutil

_PREFIX = "commentdesk-tests-"


@cache
def scratch() -> Path:
    """This process's folder for what cannot lie in pytest's.

    Sockets, whose names may not be long, and a server's files, whose user has no way into
    pytest's folders.
    """
    _clear_up_after_the_dead()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o711)
    atexit.register(throw_away, folder)
    return folder


def throw_away(folder: Path) -> None:
    """Remove it with all that is in it, without waiting.

    A PostgreSQL leaves tens of thousands of files: a slow disk takes half a minute to forget them.
    """
    subprocess.Popen(
        ["rm", "-rf", "--", str(folder)], stderr=subprocess.DEVNULL, start_new_session=True
    )


def _clear_up_after_the_dead() -> None:
    for folder in Path("/tmp").glob(f"{_PREFIX}*-*"):
        process = folder.name.removeprefix(_PREFIX).split("-")[0]
        if not psutil.pid_exists(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def ends_with_us(signal: str = "KILL") -> list[str]:
    """The program to start another under, that it may not outlive a run that is killed."""
    found = shutil.which("setpriv")
    return [found, f"--pdeathsig={signal}"] if found else []
