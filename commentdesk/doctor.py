"""`commentdesk doctor`: looks at an installation and says in plain words what is wrong."""

import json
import os
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from commentdesk import texts_command
from commentdesk.languages import Unreadable, added_files
from commentdesk.processes import SERVICES, Process, python_module
from commentdesk.settings import PREFIX, Settings

_ANSWER_SECONDS = 5.0
_CHECK_SECONDS = 30.0
_SECRETS = ("secret", "service-token", "moderator-password")


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    verdict: Literal["ok", "note", "wrong"]
    text: str


def examine(settings: Settings, data: Path | None) -> list[Finding]:
    """Everything there is to look at; `data` is the embedded data folder, if there is one."""
    findings = [] if data is None else [*_data_folder(data)]
    findings += [*_secret_files(), *_parts()]
    for service in SERVICES:
        findings += _service(settings, service)
    return [*findings, *_limits(settings), *_phone_codes(settings), *_languages(settings)]


def _data_folder(data: Path) -> Iterator[Finding]:
    if stat.S_IMODE(data.stat().st_mode) & 0o077:
        yield Finding("wrong", f"{data} is open to other users. Close it: chmod 700 {data}")
    else:
        yield Finding("ok", f"data folder {data} is closed to other users")
    if not os.access(data, os.W_OK):
        yield Finding("wrong", f"{data} cannot be written to by this user")
    for name in _SECRETS:
        path = data / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("wrong", f"{path} can be read by others. Close it: chmod 600 {path}")


def _secret_files() -> Iterator[Finding]:
    for name in ("SECRET", "SERVICE_TOKEN"):
        if f"{PREFIX}{name}" in os.environ:
            yield Finding(
                "note", f"{PREFIX}{name} stands in the environment; {PREFIX}{name}_FILE is safer"
            )


def _parts() -> Iterator[Finding]:
    """Ledger and Redis, asked by a process of the ledger's own."""
    line = python_module("commentdesk.ledger", "check")
    try:
        done = subprocess.run(  # noqa: S603
            line, capture_output=True, text=True, check=False, timeout=_CHECK_SECONDS
        )
    except subprocess.TimeoutExpired:
        yield Finding("wrong", "ledger or Redis do not answer in time")
        return
    if done.returncode == 0:
        yield Finding("ok", "ledger and Redis answer")
        yield from _books(json.loads(done.stdout))
    else:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        yield Finding("wrong", f"ledger or Redis does not answer: {reason[0]}")


def _books(found: dict[str, Any]) -> Iterator[Finding]:
    if found["difference"]:
        yield Finding(
            "wrong",
            f"the books differ by {found['difference']}: {found['received']} received, "
            f"{sum(found['places'].values())} in the ledger; docs/operations.md says what to do",
        )
    else:
        yield Finding("ok", f"the books balance: {found['received']} received, all accounted for")
    if found["places"]["stuck"]:
        yield Finding(
            "note", f"{found['places']['stuck']} stuck: the console says why and tries again"
        )


def _service(settings: Settings, service: Process) -> Iterator[Finding]:
    port = getattr(settings, str(service.port_field))
    parts = _first_ready(f"http://{host}:{port}/readyz" for host in _hosts(settings, service))
    if parts is None:
        yield Finding("wrong", f"{service.name} does not answer on port {port}: is it started?")
        return
    for part, state in parts.items():
        verdict: Literal["ok", "note", "wrong"] = (
            "ok" if state == "ok" else "wrong" if state.startswith("down") else "note"
        )
        yield Finding(verdict, f"{service.name}: {part} is {state}")


def _hosts(settings: Settings, service: Process) -> list[str]:
    """Where a service may listen: on this machine or, among containers, on the one of its name."""
    everywhere = settings.host == "0.0.0.0"  # noqa: S104
    return ["127.0.0.1", service.name] if everywhere else [settings.host]


def _first_ready(addresses: Iterable[str]) -> dict[str, str] | None:
    for address in addresses:
        with suppress(OSError, ValueError, KeyError):
            return _ready(address)
    return None


def _ready(address: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(address, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
            parts: dict[str, str] = json.load(answer)["parts"]
    except urllib.error.HTTPError as error:
        # 503 carries the same body, and tells which part is down.
        parts = json.load(error)["parts"]
    return parts


def _limits(settings: Settings) -> Iterator[Finding]:
    if not settings.limits:
        yield Finding(
            "note",
            f"rate limits are off ({PREFIX}LIMITS): right for a bench, wrong for real readers",
        )


def _phone_codes(settings: Settings) -> Iterator[Finding]:
    if not settings.asks_for_codes:
        return
    if settings.phone_code_sender == "console":
        yield Finding(
            "wrong",
            f"phone codes are written to intake's log ({PREFIX}PHONE_CODE_SENDER=console): right "
            "for development; no reader gets one, and whoever reads the log does",
        )
    elif settings.phone_code_gateway.startswith("http://"):
        yield Finding(
            "note", f"{PREFIX}PHONE_CODE_GATEWAY is http: numbers and codes travel in the clear"
        )


def _languages(settings: Settings) -> Iterator[Finding]:
    for path in added_files(settings.texts_folder):
        try:
            report = texts_command.examine(path)
        except Unreadable as error:
            yield Finding("wrong", f"language {path}: {error}")
            continue
        how = f"commentdesk texts check {path}"
        if report.wrong:
            yield Finding("wrong", f"language {path}: {report.wrong[0]}. See them all: {how}")
        elif report.missing:
            missing = len(report.missing)
            yield Finding("note", f"language {path}: {missing} texts are said in English. {how}")
        else:
            yield Finding("ok", f"language {path} is complete")
