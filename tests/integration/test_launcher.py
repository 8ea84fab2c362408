"""`commentdesk up` as an operator sees it: it starts, heals, refuses plainly, leaves nothing."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from commentdesk.processes import LASTING
from tests.forked import Forked
from tests.installation import free_ports
from tests.scratch import ends_with_us

ROOT = Path(__file__).parents[2]
# As long as a test may take: how busy the machine is says nothing of `up`.
PATIENCE = 110.0
NAMES = {"redis", *(process.name for process in LASTING)}


class Up:
    """One `commentdesk up`; a warm one is forked, where how it starts is not what is tested."""

    def __init__(
        self, data: Path, *options: str, path: str | None = None, warm: bool = False
    ) -> None:
        self.data = data
        self.base_port = free_ports(3)[0]
        self.output = data.parent / "output"
        settings = {name: value for name, value in os.environ.items() if "COMMENTDESK" not in name}
        self.environment = {**settings, "PATH": path or settings["PATH"]}
        line = self.command("up", "--base-port", str(self.base_port), *options)
        self.process = self._forked(line) if warm else self._started(line)

    def _forked(self, line: list[str]) -> subprocess.Popen[bytes] | Forked:
        # There from the beginning, as where a process is given it by us.
        self.output.touch()
        return Forked(line[2:], self.environment, self.output)

    def _started(self, line: list[str]) -> subprocess.Popen[bytes] | Forked:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [*ends_with_us("TERM"), *line],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def command(self, name: str, *options: str) -> list[str]:
        words = name.split()
        return [sys.executable, "-m", "commentdesk", *words, "--data", str(self.data), *options]

    def run(self, name: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data folder, to its end."""
        return subprocess.run(
            self.command(name, *options),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def pids(self) -> dict[str, int]:
        try:
            pids: dict[str, int] = json.loads((self.data / "processes.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return pids

    def wait_until_up(self) -> None:
        until(lambda: "Commentdesk is up." in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def clear(self) -> None:
        """After the test: nothing of it goes on, whatever the test found."""
        pids = self.pids()
        self.process.kill()
        self.process.wait()
        for pid in pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


Starter = Callable[..., Up]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    started: list[Up] = []

    def begin(*options: str, path: str | None = None, warm: bool = False) -> Up:
        up = Up(tmp_path / "data", *options, path=path, warm=warm)
        started.append(up)
        return up

    yield begin
    for up in started:
        up.clear()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("up") / "data", "--workers", "2")
    try:
        up.wait_until_up()
        yield up
    finally:
        up.clear()


@pytest.mark.slow
def test_it_prints_three_addresses_that_answer_and_a_login(running: Up) -> None:
    addresses = re.findall(r"http://localhost:\d+/\S*", running.said())
    assert [
        int(address.split(":")[2].split("/")[0]) - running.base_port for address in addresses
    ] == [2, 0, 1]
    for address in addresses:
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.status == 200
            assert "text/html" in answer.headers["Content-Type"]
    password = (running.data / "moderator-password").read_text("utf-8").strip()
    assert f"moderator  {password}" in running.said()


@pytest.mark.slow
def test_every_process_of_the_table_runs(running: Up) -> None:
    names = NAMES - {"checks"} | {"checks-1", "checks-2"}
    until(lambda: set(running.pids()) == names)


@pytest.mark.slow
def test_secrets_and_data_are_for_their_owner_alone(running: Up) -> None:
    assert running.data.stat().st_mode & 0o077 == 0
    for name in ("secret", "service-token", "moderator-password"):
        assert (running.data / name).stat().st_mode & 0o777 == 0o600
    secret = (running.data / "secret").read_text("utf-8").strip()
    for process in psutil.Process(running.process.pid).children():
        assert secret not in "".join(process.environ().values())


@pytest.mark.slow
def test_a_second_start_on_the_same_data_is_refused(running: Up) -> None:
    refused = running.run("up", "--base-port", str(free_ports(3)[0]))
    assert refused.returncode == 1
    assert "another `commentdesk up` runs on" in refused.stderr


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize("name", ["checks-1", "redis", "intake"])
def test_what_is_killed_comes_back(running: Up, name: str) -> None:
    until(lambda: name in running.pids())
    before = running.pids()[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: running.pids().get(name, before) != before)
    assert f"{name} ended (signal SIGKILL" in running.said()


@pytest.mark.slow
def test_doctor_finds_nothing_wrong_and_says_so_when_something_is(running: Up) -> None:
    until(lambda: running.run("doctor").returncode == 0)
    assert "the books balance" in running.run("doctor").stdout
    (running.data / "secret").chmod(0o644)
    ill = running.run("doctor")
    (running.data / "secret").chmod(0o600)
    assert ill.returncode == 1
    assert "secret can be read by others" in ill.stdout


@pytest.mark.slow
def test_captchas_are_minted_for_load_tests(running: Up) -> None:
    minted = running.run("captcha mint", "--count", "3", "--article", "any")
    lines = [line.split(" ") for line in minted.stdout.splitlines()]
    assert [len(line) for line in lines] == [2, 2, 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "path"),
    [(signal.SIGINT, None), (signal.SIGTERM, "/nowhere")],
    ids=["Ctrl-C", "SIGTERM, with no Redis on the path"],
)
def test_it_stops_in_order_and_leaves_nothing(
    start: Starter, number: int, path: str | None
) -> None:
    # Ctrl-C meets what an operator started; the other signal what was forked.
    up = start("--no-demo", path=path, warm=bool(path))
    up.wait_until_up()
    if path:
        assert "valkey" in psutil.Process(up.pids()["redis"]).exe()
    children = psutil.Process(up.process.pid).children(recursive=True)
    up.process.send_signal(number)
    assert up.process.wait(PATIENCE) == 0
    assert [child for child in children if child.is_running()] == []
    assert not (up.data / "processes.json").exists()
    assert "Traceback" not in "".join(log.read_text() for log in (up.data / "logs").iterdir())


@pytest.mark.slow
@pytest.mark.chaos
def test_nothing_outlives_a_launcher_that_is_killed_and_it_starts_again(start: Starter) -> None:
    up = start("--no-demo", warm=True)
    up.wait_until_up()
    children = psutil.Process(up.process.pid).children(recursive=True)
    # Intake's own is the one that draws.
    assert len(children) == len(NAMES) + 1
    up.process.kill()
    up.process.wait()
    again = start("--no-demo", warm=True)
    until(lambda: not any(child.is_running() for child in children))
    again.wait_until_up()
    assert again.stop() == 0


def test_a_taken_port_is_named(start: Starter) -> None:
    port = free_ports(3)[0]
    with socket.create_server(("127.0.0.1", port)):
        up = start("--base-port", str(port))
        assert up.process.wait(PATIENCE) == 1
    assert f"port {port} (intake) is taken" in up.said()
    assert "Traceback" not in up.said()


def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "commentdesk", "up", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ, "COMMENTDESK_SECRET": "too-short"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "COMMENTDESK_SECRET: " in refused.stderr
    assert "too-short" not in refused.stderr
    assert "Traceback" not in refused.stderr


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "gave up waiting"
        time.sleep(0.1)
