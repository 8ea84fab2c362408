"""A whole installation on loopback for tests: real processes, a real Redis, a real database."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import redis
from argon2 import PasswordHasher
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from commentdesk.database import Database
from commentdesk.embedded import redis_server
from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import Newcomer, add_account, create_account
from commentdesk.ledger.chain import rechain
from commentdesk.ledger.tables import audit
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings
from services.intake.captcha.minting import Captcha, CaptchaMint
from services.intake.mint import PURPOSE
from tests.forked import Forked
from tests.prepared import ROOT as ROOT
from tests.prepared import copy_prepared
from tests.scratch import ends_with_us, scratch, throw_away
from tests.warm import is_ours

SERVICES = {
    "intake": [sys.executable, "-m", "services.intake"],
    "moderation": [sys.executable, "-m", "services.moderation"],
    "articles": [sys.executable, "-m", "services.articles"],
    "checks": [sys.executable, "-m", "workers", "checks"],
    "publish": [sys.executable, "-m", "workers", "publish"],
    "upkeep": [sys.executable, "-m", "workers", "upkeep"],
}
PASSWORD = "correct horse battery"
_PATIENCE = 60.0
_LOWEST, _HIGHEST, _APART, _IN_ONE_AREA = 10_000, 32_000, 5, 1_000
_ANSWER_SECONDS = 5.0


async def until(condition: Any, what: str, patience: float = _PATIENCE) -> Any:
    """Wait until the (async) condition gives something true; what it gave."""
    end = asyncio.get_running_loop().time() + patience
    while True:
        if result := await condition():
            return result
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"gave up waiting until {what}")
        await asyncio.sleep(0.02)


@cache
def _cheap_hash() -> str:
    """A hash as the product keeps it, but verified in no time: a real one takes it 0.2 s."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@cache
def _own_ports() -> Iterator[int]:
    """First ports of a row, over and over, of an area that is this process's until it ends.

    Whoever else runs tests on this machine has another: nobody is given the port of a service that
    is not there yet, or is away for a moment. If all areas are taken, any will do.
    """
    areas = list(range(_LOWEST, _HIGHEST, _IN_ONE_AREA))
    secrets.SystemRandom().shuffle(areas)
    # Of an abstract name, which ends with the process, however that ends; this generator holds it.
    claim = socket.socket(socket.AF_UNIX)
    for area in areas:
        with suppress(OSError):
            claim.bind(f"\0commentdesk-tests-ports-{area}")
            break
    yield from cycle(range(area, area + _IN_ONE_AREA, _APART))


def free_ports(count: int) -> list[int]:
    """Ports in a row that nobody listens on, below those that outgoing calls are given at random.

    Each call gets others, so that nobody is given what another is just about to take.
    """
    while True:
        first = next(_own_ports())
        ports = range(first, first + count)
        with suppress(OSError):
            for port in ports:
                socket.create_server(("127.0.0.1", port)).close()
            return list(ports)


def addresses(ports: Iterable[int]) -> dict[str, str]:
    """The settings of services that listen on these three ports of loopback."""
    found: dict[str, str] = {}
    for name, port in zip(("INTAKE", "MODERATION", "ARTICLES"), ports, strict=True):
        found |= {f"{name}_PORT": str(port), f"{name}_URL": f"http://localhost:{port}"}
    return found


class Redis:
    """One redis-server on a unix socket."""

    def __init__(self, folder: Path) -> None:
        self._path = scratch() / f"{secrets.token_hex(6)}.sock"
        self.url = f"unix://{self._path}"
        self._arguments = [
            *ends_with_us(),
            str(redis_server()),
            "--port",
            "0",
            "--unixsocket",
            str(self._path),
            "--save",
            "",
        ]
        self._arguments += ["--appendonly", "no", "--dir", str(folder)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._arguments, stdout=subprocess.DEVNULL)
        # The client tries again until the server listens.
        patient = Retry(ConstantBackoff(0.02), 500)
        client = redis.Redis.from_url(
            self.url, retry=patient, retry_on_error=[redis.exceptions.ConnectionError]
        )
        client.ping()
        client.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._path.unlink(missing_ok=True)


class Installation:
    """Processes by name; `start`, `kill`, and the addresses to talk to."""

    # The tests' processes are forked from a warm one; benchmarks start theirs as an operator does.
    forks = False

    def __init__(
        self, folder: Path, redis: Redis, databases: tuple[str, str], **extra: str
    ) -> None:
        self.redis = redis
        self.token = secrets.token_hex(24)
        self.folder = folder
        self.python_path = str(ROOT)
        self._processes: dict[str, subprocess.Popen[bytes] | Forked] = {}
        settings = {
            "LEDGER_URL": databases[0],
            "ARTICLES_DATABASE_URL": databases[1],
            "REDIS_URL": redis.url,
            "SECRET": secrets.token_hex(24),
            "SERVICE_TOKEN": self.token,
            **addresses(free_ports(3)),
            "LIMITS": "off",
            # The tests' readers all say the same, from one address.
            **dict.fromkeys(("FLOOD_COPIES", "BURST_ADDRESS", "BURST_PHONE"), "0"),
            **dict.fromkeys(("BURST_ARTICLE", "NAMES_PER_PHONE", "PHONES_PER_ADDRESS"), "0"),
            "LEASE_SECONDS": "2",
            "REHINT_SECONDS": "1",
            "RECONCILE_SECONDS": "0.2",
            "DELIVERY_BACKOFF_SECONDS": "0.5,0.5,0.5",
            "UNDO_SECONDS": "0",
            **extra,
        }
        # Reached on this machine, whatever addresses the settings give to the world.
        self.intake, self.moderation, self.articles = (
            f"http://localhost:{settings[f'{name}_PORT']}"
            for name in ("INTAKE", "MODERATION", "ARTICLES")
        )
        self.environment = {f"COMMENTDESK_{name}": value for name, value in settings.items()}
        self.settings = Settings.model_validate(
            {name.lower(): value for name, value in settings.items()}
        )
        self.mint = CaptchaMint(
            Sealing(self.settings.secret.get_secret_value(), PURPOSE),
            self.settings.captcha_seconds,
        )

    @property
    def environ(self) -> dict[str, str]:
        # Compiled once for the many processes of a run, whatever the machine's habit is.
        compiled = {"PYTHONDONTWRITEBYTECODE": ""}
        return {**os.environ, **compiled, **self.environment, "PYTHONPATH": self.python_path}

    @property
    def is_warm(self) -> bool:
        """Whether its processes are forked; code from elsewhere is imported anew."""
        return self.forks and is_ours(self.environ)

    def run(self, *arguments: str) -> None:
        """Run a module to its end.

        Raises:
            subprocess.CalledProcessError: its exit code was not 0; with what it said.
        """
        if code := self.begin(arguments, self.folder / "run.log").wait():
            raise subprocess.CalledProcessError(code, arguments, self.log_of("run"))

    def migrate(self) -> None:
        """Give the databases their tables and the demo articles."""
        urls = make_url(self.settings.ledger_url), make_url(self.settings.articles_database_url)
        copy_prepared(urls, postgres_programs())
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, self._sign_audit()).result()

    async def _sign_audit(self) -> None:
        """What was prepared was signed with another secret."""
        ledger = Ledger(self.settings)
        async with ledger.database.writing() as connection:
            await connection.run_sync(rechain, ledger.chain_key, audit.c.number)
        await ledger.close()

    async def start(self, *names: str, under: Sequence[str] = ()) -> None:
        """Start processes, under another program if one is given, and wait until they serve."""
        for name in names:
            self._processes[name] = self.begin(
                SERVICES[name][2:], self.folder / f"{name}.log", under
            )
        await asyncio.gather(*(self._serving(name) for name in names))

    def begin(
        self, line: Sequence[str], output: Path, under: Sequence[str] = ()
    ) -> "subprocess.Popen[bytes] | Forked":
        """Start a module with its arguments, under another program if one is given."""
        if self.is_warm and not under:
            return Forked(line, self.environ, output)
        command = [*under, sys.executable, "-m", *line]
        with output.open("ab") as log:
            return subprocess.Popen(command, env=self.environ, cwd=ROOT, stdout=log, stderr=log)

    async def _serving(self, name: str) -> None:
        url = getattr(self, name, None)
        if url is None:
            return

        async def answers() -> bool:
            assert self._processes[name].poll() is None, f"{name} died: {self.log_of(name)[-3000:]}"
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"{url}/healthz") as response,
                ):
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(answers, f"{name} serves")

    def process(self, name: str) -> int:
        """Its process id."""
        return self._processes[name].pid

    def kill(self, name: str) -> None:
        """kill -9, and make sure it died."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        assert process.wait(_PATIENCE) == -signal.SIGKILL

    def terminate(self, name: str) -> int:
        """SIGTERM and wait; the exit code."""
        process = self._processes.pop(name)
        process.terminate()
        return process.wait(_PATIENCE)

    def pause(self, name: str) -> None:
        self._processes[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._processes[name].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
        self._processes.clear()

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def captcha(self, article: str) -> Captcha:
        return self.mint.mint(article)

    async def account(self, login: str, role: str = "moderator", *, dear: bool = False) -> None:
        """An account with the tests' password; a `dear` one is hashed at the product's cost."""
        ledger = Ledger(self.settings)
        try:
            if dear:
                await create_account(ledger, login, PASSWORD, role)
            else:
                async with ledger.database.writing() as connection:
                    newcomer = Newcomer(login, role, password_hash=_cheap_hash())
                    await add_account(connection, newcomer, "commentdesk")
        finally:
            await ledger.close()

    def ledger(self) -> Ledger:
        return Ledger(self.settings)

    def articles_database(self) -> Database:
        return Database(self.settings.articles_database_url)


class Postgres:
    """One PostgreSQL of our own on a unix socket and a port of loopback."""

    def __init__(self, folder: Path) -> None:
        self._programs = postgres_programs()
        assert self._programs
        self._log = folder / "postgres.log"
        self._data = scratch() / f"postgres-{secrets.token_hex(6)}"
        self._data.mkdir()
        self._port = free_ports(1)[0]
        self._under = ends_with_us()
        if os.geteuid() == 0:
            shutil.chown(self._data, "postgres", "postgres")
            self._under += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._call(
            "initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"
        )
        self.start()

    def start(self) -> None:
        programs = postgres_programs()
        assert programs
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self._under,
                    str(programs / "postgres"),
                    *("-D", str(self._data), "-p", str(self._port), "-k", str(self._data)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"),
                ],
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9 of the server and, by the shared memory it held, all its sessions."""
        self.process.kill()
        self.process.wait()

    async def starts(self) -> bool:
        """Whether it answers; one that gave up (its dead self still in the way) is started anew."""
        if self.process.poll() is not None:
            self.start()
        if (connection := await self._connects()) is None:
            return False
        await connection.close()
        return True

    async def create(self, name: str) -> str:
        """A fresh database; its address."""
        connection = await until(self._connects, "PostgreSQL answers")
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()
        return self._address(name).replace("postgresql://", "postgresql+asyncpg://")

    def stop(self) -> None:
        # At once, with nothing of its hundreds of databases brought to the disk.
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        throw_away(self._data)

    async def _connects(self) -> Any:
        import asyncpg

        try:
            return await asyncpg.connect(self._address("postgres"), timeout=_ANSWER_SECONDS)
        except (OSError, asyncpg.PostgresError):
            return None

    def _address(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def _call(self, program: str, *arguments: str) -> None:
        assert self._programs
        command = [*self._under, str(self._programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def postgres_programs() -> Path | None:
    """Where this machine's PostgreSQL server lies, if it has one."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None
