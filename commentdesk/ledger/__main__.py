"""`python -m commentdesk.ledger …`: migrate, check, and the ledger's part of backups."""

import asyncio
import sys
from pathlib import Path

from commentdesk.database import migrate
from commentdesk.ledger.backup import MIGRATIONS, dump_ledger, load_ledger
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.export import export
from commentdesk.ledger.words import plant_starter_words
from commentdesk.log import configure
from commentdesk.redis_client import connect_blocking
from commentdesk.settings import Settings, read_settings
from commentdesk.snapshot import run_plainly

_ERASED = "--without-personal-data"
_FULL = "--personal-data"


def main(arguments: list[str]) -> None:
    settings = read_settings()
    match arguments:
        case ["migrate"]:
            configure("ledger", settings.log_level)
            migrate(settings.ledger_url, MIGRATIONS)
            asyncio.run(_plant(settings))
        case ["check"]:
            configure("ledger", settings.log_level)
            asyncio.run(_check(settings))
        # Standard output is for what these write; they keep no log.
        case ["dump", file]:
            run_plainly(dump_ledger(settings, Path(file)))
        case ["load", file, *options] if options in ([], [_ERASED]):
            run_plainly(load_ledger(settings, Path(file), erased=bool(options)))
        case ["export", *options] if options in ([], [_FULL]):
            run_plainly(export(settings, full=bool(options)))
        case _:
            sys.exit(
                "usage: python -m commentdesk.ledger migrate | check | dump FILE | "
                f"load FILE [{_ERASED}] | export [{_FULL}]"
            )


async def _plant(settings: Settings) -> None:
    ledger = Ledger(settings)
    await plant_starter_words(ledger)
    await ledger.close()


async def _check(settings: Settings) -> None:
    ledger = Ledger(settings)
    await ledger.database.ping()
    await ledger.close()
    connect_blocking(settings.redis_url).ping()


if __name__ == "__main__":
    main(sys.argv[1:])
