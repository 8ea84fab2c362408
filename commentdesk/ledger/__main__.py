"""`python -m commentdesk.ledger migrate` makes or updates the ledger; `check` asks it."""

import asyncio
import sys
from pathlib import Path

from commentdesk.database import migrate
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.words import plant_starter_words
from commentdesk.log import configure
from commentdesk.redis_client import connect_blocking
from commentdesk.settings import Settings, read_settings


def main() -> None:
    settings = read_settings()
    configure("ledger", settings.log_level)
    match sys.argv[1:]:
        case ["migrate"]:
            migrate(settings.ledger_url, Path(__file__).parent / "migrations")
            asyncio.run(_plant(settings))
        case ["check"]:
            asyncio.run(_check(settings))
        case _:
            sys.exit("usage: python -m commentdesk.ledger migrate|check")


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
    main()
