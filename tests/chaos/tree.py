"""The victim: the real process tree of `commentdesk up` over a Redis and a database of its own."""

import asyncio
import json
import signal
import subprocess

import psutil

from tests.forked import Forked
from tests.installation import Installation, Postgres, Redis, addresses, free_ports, until
from tests.scratch import ends_with_us

LOGIN = "moderator"
_START_SECONDS = 90.0


class Tree:
    """`commentdesk up` on a folder; tells its processes, starts again when killed."""

    def __init__(self, site: Installation, redis: Redis, postgres: Postgres | None) -> None:
        self.site, self.redis, self.postgres = site, redis, postgres
        self._launcher: subprocess.Popen[bytes] | Forked | None = None

    async def start(self) -> None:
        """Start it, and wait until it says that all is up: services, and the first account."""
        base_port = self.site.settings.intake_port
        said = len(self._said())
        options = ["--no-demo", "--workers", "2", "--base-port", str(base_port)]
        line = ["commentdesk", "up", *options, "--data", str(self.site.folder)]
        under = () if self.site.is_warm else ends_with_us("TERM")
        self._launcher = self.site.begin(line, self.site.folder / "up.log", under)

        async def up() -> bool:
            assert self._launcher and self._launcher.poll() is None, self._said()
            return "Login" in self._said()[said:]

        await until(up, "the tree is up", _START_SECONDS)

    def _said(self) -> str:
        log = self.site.folder / "up.log"
        return log.read_text("utf-8") if log.exists() else ""

    @property
    def password(self) -> str:
        return (self.site.folder / "moderator-password").read_text("utf-8").strip()

    def processes(self) -> dict[str, psutil.Process]:
        """What runs now, by name."""
        try:
            pids = json.loads((self.site.folder / "processes.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        found = {}
        for name, pid in pids.items():
            try:
                found[name] = psutil.Process(pid)
            except psutil.NoSuchProcess:
                continue
        return found

    async def crash(self) -> int:
        """kill -9 of the launcher and everything under it at once; how many died."""
        assert self._launcher is not None
        victims = [psutil.Process(self._launcher.pid), *self.processes().values()]
        killed = [victim for victim in victims if kill(victim)]
        self._launcher.wait()
        for victim in killed:
            await died(victim)
        await self.start()
        return len(killed)

    async def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._launcher and self._launcher.poll() is None:
            self._launcher.terminate()
            await asyncio.to_thread(self._launcher.wait, 120)


def kill(victim: psutil.Process) -> bool:
    """kill -9; False where the victim was gone already."""
    try:
        victim.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True


async def died(victim: psutil.Process) -> None:
    """Make sure the very process (pid and start time) is dead; a zombie is."""

    async def is_dead() -> bool:
        try:
            return not victim.is_running() or victim.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    await until(is_dead, f"process {victim.pid} is dead")


def settings_for_chaos(lease: float, rehint: float, store: str) -> dict[str, str]:
    """What differs from an installation of the tests: its clocks, and a store behind faults."""
    return {
        **addresses(free_ports(3)),
        "LEASE_SECONDS": str(lease),
        "REHINT_SECONDS": str(rehint),
        # None is asked; it has to be shorter than any lease.
        "ENGINE_SECONDS": str(lease / 2),
        "DELIVERY_BACKOFF_SECONDS": "0.2,0.5,1,1,1,2,2,2,2,2",
        "RESTART_SECONDS": "1",
        # Long enough to be killed in, short enough for many to leave.
        "UNDO_SECONDS": "0.5",
        "ARTICLE_STORE_URL": store,
        "CAPTCHA_SECONDS": "3600",
    }
