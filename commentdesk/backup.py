"""`commentdesk backup`, `restore` and `export`: the file and the folder; the rows are others'.

Each database is read and filled by the part that owns it, run by module name.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from commentdesk import __version__
from commentdesk.embedded import (
    DEFAULT_BASE_PORT,
    Unprepared,
    mark_restored,
    prepare,
    read_settings,
    tidy,
)
from commentdesk.manifest import Manifest, Refused, Share, describe, read_whole, write_manifest
from commentdesk.processes import python_module
from commentdesk.secretfiles import OWNER_ONLY, ensure_secret
from commentdesk.settings import PREFIX

# The article store first: so the ledger, the truth, is never behind it, and after a restore
# delivers again what the store lacks.
_PARTS = {"articles": "services.articles", "ledger": "commentdesk.ledger"}


def make_backup(file: Path, *, replace: bool) -> str:
    """Put both databases into the file while everything runs; what to tell the operator.

    Raises:
        Unprepared: no backup was made.
    """
    started = datetime.now(UTC)
    with _written_anew(file, replace=replace) as (fresh, _):
        shares = {name: _dump(name, fresh) for name in _PARTS}
        manifest = describe(started, __version__, shares)
        write_manifest(fresh, manifest)
    return (
        f"{file}: {_contents(manifest)}; {file.stat().st_size / 1024:,.0f} KiB.\n"
        "The secret is not in it. Keep it elsewhere: without it phones and addresses are lost."
    )


def restore_backup(
    file: Path, folder: Path | None, secret_file: Path | None, *, erased: bool
) -> str:
    """Fill the databases of the data folder to make, or (None) of the environment's settings.

    Raises:
        Unprepared: nothing was restored.
    """
    try:
        manifest = read_whole(file)
    except Refused as error:
        raise Unprepared(str(error)) from None
    if folder is None:
        if secret_file:
            raise Unprepared(
                f"--secret-file is for a data folder (--data DIR); here {PREFIX}SECRET_FILE counts"
            )
        _load_all(file, erased=erased)
        start = ""
    else:
        accounts = manifest.count("ledger", "accounts") > 0
        with _made_anew(folder.resolve(), secret_file, accounts=accounts):
            _load_all(file, erased=erased)
        start = f"\nStart it: commentdesk up --data {folder}"
    made_at = manifest.made_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    return (
        f"Restored what was there on {made_at}: {_contents(manifest)}.\n"
        f"Passwords are as they were; everyone has to log in again.{start}"
    )


def write_export(file: Path | None, *, replace: bool, full: bool) -> int:
    """Export into the file, or to standard output; the exit code."""
    line = python_module("commentdesk.ledger", "export", *(["--personal-data"] if full else []))
    if file is None:
        return subprocess.run(line, check=False).returncode  # noqa: S603
    with _written_anew(file, replace=replace) as (_, output):
        if subprocess.run(line, check=False, stdout=output).returncode:  # noqa: S603
            raise Unprepared("nothing was exported")
    return 0


def _dump(name: str, fresh: Path) -> Share:
    line = python_module(_PARTS[name], "dump", str(fresh))
    done = subprocess.run(line, check=False, stdout=subprocess.PIPE)  # noqa: S603
    if done.returncode:
        raise Unprepared("no backup was made")
    return Share.model_validate_json(done.stdout)


def _load_all(file: Path, *, erased: bool) -> None:
    """Load every part; none is committed before all of them are ready to be."""
    read_settings()
    with ExitStack() as running:
        loads = [running.enter_context(_load(name, file, erased=erased)) for name in _PARTS]
        ready = [_pipe(load.stdout).readline() == "ready\n" for load in loads]
        for load in loads:
            # One that refused is gone already.
            with suppress(BrokenPipeError):
                _pipe(load.stdin).write("commit\n" if all(ready) else "\n")
                _pipe(load.stdin).close()
        codes = [load.wait() for load in loads]
    if not all(ready):
        raise Unprepared("nothing was restored")
    if any(codes):
        raise Unprepared("only one database was restored: empty both, and restore again")


def _load(name: str, file: Path, *, erased: bool) -> "subprocess.Popen[str]":
    options = ["--without-personal-data"] if erased and name == "ledger" else []
    line = python_module(_PARTS[name], "load", str(file.resolve()), *options)
    pipe = subprocess.PIPE
    return subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True)  # noqa: S603


def _pipe(end: IO[str] | None) -> IO[str]:
    if end is None:
        raise TypeError("not piped")
    return end


@contextmanager
def _written_anew(file: Path, *, replace: bool) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file for its owner alone, beside `file`; it takes that name once it is whole."""
    if file.is_dir() or (file.exists() and not replace):
        raise Unprepared(f"{file} is there already. Choose another name, or replace it: --force")
    fresh = file.with_name(f"{file.name}.fresh")
    with _held_alone(fresh) as output:
        try:
            yield fresh, output
            output.flush()
            os.fsync(output.fileno())
            fresh.rename(file)
            _sync_folder(file.parent)
        except BaseException as error:
            fresh.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise Unprepared(f"cannot write {file}: {error.strerror}") from error
            raise


@contextmanager
def _held_alone(fresh: Path) -> Iterator[IO[bytes]]:
    """The file, emptied and locked; one that a killed run left behind is taken over."""
    try:
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, OWNER_ONLY)
        with os.fdopen(descriptor, "r+b") as output:
            fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, another run may have given it its final name.
            if not os.path.samestat(os.fstat(descriptor), fresh.stat()):
                raise BlockingIOError
            os.fchmod(descriptor, OWNER_ONLY)
            os.ftruncate(descriptor, 0)
            yield output
    except BlockingIOError:
        raise Unprepared(f"another run is writing {fresh}") from None
    except OSError as error:
        raise Unprepared(f"cannot write {fresh}: {error.strerror}") from error


@contextmanager
def _made_anew(folder: Path, secret_file: Path | None, *, accounts: bool) -> Iterator[None]:
    """A data folder beside `folder`, and the settings with it; whole, it takes that name."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Unprepared(f"{folder} is not empty. Restore into a new folder: --data DIR")
    if secret_file and {f"{PREFIX}SECRET", f"{PREFIX}SECRET_FILE"} & os.environ.keys():
        raise Unprepared(f"--secret-file and {PREFIX}SECRET both name a secret: choose one")
    fresh = folder.with_name(f"{folder.name}.fresh")
    try:
        fresh.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise Unprepared(
            f"{fresh} is there: a restore that runs, or one that was broken off. "
            "Remove it if none runs"
        ) from None
    try:
        if secret_file:
            ensure_secret(fresh / "secret", secret_file.read_text("utf-8").strip())
        mark_restored(fresh, accounts=accounts)
        os.environ.update(prepare(fresh, DEFAULT_BASE_PORT))
        yield
        tidy(fresh)
        fresh.rename(folder)
        _sync_folder(folder.parent)
    except OSError as error:
        raise Unprepared(f"cannot make {folder}: {error}") from error
    finally:
        tidy(fresh)
        shutil.rmtree(fresh, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _contents(manifest: Manifest) -> str:
    counts = {
        "submissions": manifest.count("ledger", "submissions"),
        "comments": manifest.count("articles", "comments"),
        "articles": manifest.count("articles", "articles"),
        "accounts": manifest.count("ledger", "accounts"),
    }
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
