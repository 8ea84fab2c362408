"""The `commentdesk` command; whatever a service or the ledger does, it runs by module name."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import PydanticUndefined

from commentdesk import __version__, audit_command, texts_command
from commentdesk.backup import make_backup, restore_backup, write_export
from commentdesk.doctor import examine
from commentdesk.embedded import (
    DEFAULT_BASE_PORT,
    DEFAULT_DATA,
    Unprepared,
    prepare,
    read_settings,
    recorded_base_port,
)
from commentdesk.launcher import Options, up
from commentdesk.processes import ONCE, python_module
from commentdesk.settings import PREFIX, Settings


@dataclass(frozen=True)
class Command:
    """One word of the command line."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and (module := HANDED_OVER.get(given[0])):
        return _run(module, *given[1:])
    chosen = _parser().parse_args(given)
    try:
        return int(chosen.run(chosen))
    except Unprepared as error:
        print(f"commentdesk: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # `commentdesk settings | head`: the rest is not wanted, and saying so helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _up(chosen: argparse.Namespace) -> int:
    return up(Options(chosen.data or DEFAULT_DATA, chosen.base_port, chosen.workers, chosen.demo))


def _settings(_chosen: argparse.Namespace) -> int:
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "required" if default is PydanticUndefined else f"default {_plain(default)}"
        print(f"{name}\n    {PREFIX}{name.upper()} ({shown})\n    {field.description}")
    print(f"\nWhere {PREFIX}X_FILE is set and {PREFIX}X is not, X is read from the file it names.")
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    data = _use_data(chosen.data)
    findings = examine(read_settings(), data)
    for finding in findings:
        print(f"[{finding.verdict}] {finding.text}")
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0


def _migrate(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    return max(_run(*process.arguments) for process in ONCE)


def _account(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    wish = ["--login", chosen.login, "--role", chosen.role]
    if chosen.password_file:
        wish += ["--password-file", str(chosen.password_file.absolute())]
    return _run("services.moderation", "account", *wish)


def _mint(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    choice = ("--count", str(chosen.count), "--article", chosen.article)
    return _run("services.intake.mint", *choice)


def _backup(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    read_settings()
    print(make_backup(chosen.file, replace=chosen.force))
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    folder = None if chosen.data is None and _told_elsewhere() else chosen.data or DEFAULT_DATA
    print(restore_backup(chosen.file, folder, chosen.secret_file, erased=chosen.erased))
    return 0


def _export(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    read_settings()
    return write_export(chosen.file, replace=chosen.force, full=chosen.personal_data)


def _audit(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    return _run("commentdesk.ledger", *audit_command.ledger_words(chosen))


def _learn(chosen: argparse.Namespace) -> int:
    _use_data(chosen.data)
    return _run("workers.learn", *chosen.words)


def _nothing_to_do(_chosen: argparse.Namespace) -> int:
    """Stands in the list of commands alone: HANDED_OVER runs it."""
    return 0


def _use_data(data: Path | None) -> Path | None:
    """Take the embedded installation's settings, unless the environment tells of another one."""
    if data is None and _told_elsewhere():
        return None
    folder = data or DEFAULT_DATA
    if not (folder / "secret").exists():
        raise Unprepared(
            f"there is no installation in {folder}. Start one (commentdesk up --data {folder}), "
            f"or name another: --data DIR, or {PREFIX}LEDGER_URL and the other settings"
        )
    os.environ.update(prepare(folder, recorded_base_port(folder)))
    return folder


def _told_elsewhere() -> bool:
    """Whether the environment says where the ledger is."""
    return bool({f"{PREFIX}LEDGER_URL", f"{PREFIX}LEDGER_URL_FILE"} & os.environ.keys())


def _run(*arguments: str) -> int:
    return subprocess.run(python_module(*arguments), check=False).returncode  # noqa: S603


def _plain(default: object) -> str:
    if isinstance(default, list):
        return ",".join(map(str, default)) or "empty"
    return "on" if default is True else str(default) or "empty"


def _data_only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help=f"data folder (default ./{DEFAULT_DATA})")


def _up_arguments(parser: argparse.ArgumentParser) -> None:
    _data_only(parser)
    parser.add_argument(
        "--base-port",
        type=_port,
        default=DEFAULT_BASE_PORT,
        metavar="N",
        help="intake listens on N, moderation on N+1, articles on N+2 (default %(default)s)",
    )
    parser.add_argument(
        "--workers", type=_some, default=1, metavar="N", help="check workers (default 1)"
    )
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="without the demo articles"
    )


def _account_arguments(parser: argparse.ArgumentParser) -> None:
    _data_only(parser)
    parser.add_argument("--login", required=True)
    parser.add_argument("--role", choices=["moderator", "editor", "admin"], default="moderator")
    parser.add_argument("--password-file", type=Path, help="default: ask for it")


def _mint_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    mint = actions.add_parser("mint", help="print ready captchas, a line each: id, space, answer")
    _data_only(mint)
    mint.add_argument("--count", type=_some, default=1)
    mint.add_argument("--article", required=True)


def _backup_arguments(parser: argparse.ArgumentParser) -> None:
    _data_only(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--data", type=Path, help=f"the data folder to make (default ./{DEFAULT_DATA})"
    )
    parser.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help="the secret of the installation that was backed up; goes into the data folder",
    )
    parser.add_argument(
        "--without-personal-data",
        dest="erased",
        action="store_true",
        help="leave phones, addresses and client facts out; then the old secret is not needed",
    )


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    _data_only(parser)
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="default: standard output"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    parser.add_argument(
        "--personal-data",
        action="store_true",
        help="phones and addresses in full; that this was done is written to the audit",
    )


def _learn_arguments(parser: argparse.ArgumentParser) -> None:
    _data_only(parser)
    parser.add_argument("words", nargs="+", metavar="versions | now | rollback [N] | resume")


def _nothing(_parser: argparse.ArgumentParser) -> None:
    pass


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65533:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("must be from 1 to 65533")
    return number


COMMANDS: tuple[Command, ...] = (
    Command("up", "start everything on this machine", _up_arguments, _up),
    Command("settings", "list every setting", _nothing, _settings),
    Command("doctor", "check an installation, say what is wrong", _data_only, _doctor),
    Command("migrate", "bring both databases to this version", _data_only, _migrate),
    Command("backup", "put both databases into one file", _backup_arguments, _backup),
    Command("restore", "make an installation from a backup", _restore_arguments, _restore),
    Command("export", "write everything as lines of JSON", _export_arguments, _export),
    Command("audit", "verify the audit's chain, sign it anew", audit_command.add_arguments, _audit),
    Command(
        "texts",
        "a file for one more language; what is wrong with one",
        texts_command.add_arguments,
        texts_command.run,
    ),
    Command("account", "make a moderator's account", _account_arguments, _account),
    Command("captcha", "ready captchas for load tests", _mint_arguments, _mint),
    Command("learn", "what the spam check learned here; roll it back", _learn_arguments, _learn),
    Command("explain", "one comment's findings, with the evidence", _nothing, _nothing_to_do),
    Command(
        "evaluate", "how well the checks tell spam, on labelled rows", _nothing, _nothing_to_do
    ),
)
# These read their own words, `--help` included, and need no installation.
HANDED_OVER = {"explain": "workers.explain", "evaluate": "workers.evaluate"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commentdesk", description="Comments for newsrooms.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return parser
