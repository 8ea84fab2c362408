"""Secret files, made at random and once; `python3 -m commentdesk.secretfiles DIR` for compose.

Standard library only, so that a host with nothing installed can make them.
"""

import os
import secrets
import sys
import tempfile
from pathlib import Path

OWNER_ONLY = 0o600
# Compose mounts a file with the mode it has here, for a container user the host does not know;
# the folder around them is closed to everyone else on the host.
_CONTAINERS_TOO = 0o444


def ensure_folder(folder: Path) -> None:
    """Make a folder only its owner may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def ensure_secret(path: Path, text: str | None = None, mode: int = OWNER_ONLY) -> str:
    """The text of a secret file, which is made (with 256 random bits, if not told) when missing.

    Two processes that come at once get the same text: the first to link its file wins.
    """
    if not path.exists():
        _create(path, text or secrets.token_urlsafe(32), mode)
    return path.read_text("utf-8").strip()


def ensure_compose_secrets(folder: Path) -> None:
    """Every file that docker-compose.yml names under `secrets`."""
    ensure_folder(folder)

    def keep(name: str, text: str | None = None) -> str:
        return ensure_secret(folder / name, text, _CONTAINERS_TOO)

    keep("secret")
    keep("service_token")
    keep("postgres_password")
    redis = keep("redis_password")
    keep("redis_conf", f"requirepass {redis}")
    keep("redis_url", f"redis://:{redis}@redis:6379/0")
    for role, database in (("ledger", "ledger"), ("articles", "articles_database")):
        password = keep(f"{role}_password")
        keep(f"{database}_url", f"postgresql+asyncpg://{role}:{password}@postgres:5432/{role}")


def _create(path: Path, text: str, mode: int) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
        Path(path).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python3 -m commentdesk.secretfiles DIR")
    ensure_compose_secrets(Path(sys.argv[1]))
    print(f"secrets are in {sys.argv[1]}; keep {sys.argv[1]}/secret safe and backed up")
