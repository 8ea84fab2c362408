"""`python -m commentdesk.ledger …`: migrate, check, and the ledger's part of backups."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from commentdesk.database import migrate, reach
from commentdesk.ledger.backup import MIGRATIONS, dump_ledger, load_ledger
from commentdesk.ledger.books import books
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.export import export
from commentdesk.ledger.inspection import reseal_audit, verify_audit
from commentdesk.ledger.words import plant_starter_words
from commentdesk.log import configure
from commentdesk.redis_client import connect_blocking
from commentdesk.settings import Settings, read_settings
from commentdesk.snapshot import json_line, run_plainly

_ERASED = "--without-personal-data"
_FULL = "--personal-data"
_BROKEN = "--broken"


def main(arguments: list[str]) -> None:
    settings = read_settings()
    match arguments:
        case ["migrate"]:
            configure("ledger", settings.log_level)
            run_plainly(reach(settings.ledger_url))
            migrate(settings.ledger_url, MIGRATIONS)
            asyncio.run(_plant(settings))
        # Standard output is for what these write; they keep no log.
        case ["check"]:
            run_plainly(_check(settings))
        case ["dump", file]:
            run_plainly(dump_ledger(settings, Path(file)))
        case ["load", file, *options] if options in ([], [_ERASED]):
            run_plainly(load_ledger(settings, Path(file), erased=bool(options)))
        case ["export", *options] if options in ([], [_FULL]):
            run_plainly(export(settings, full=bool(options)))
        case ["audit", "verify"]:
            run_plainly(verify_audit(settings, None))
        case ["audit", "verify", pinned]:
            run_plainly(verify_audit(settings, pinned))
        case ["audit", "reseal", secret_file, *options] if options in ([], [_BROKEN]):
            old = Path(secret_file).read_text("utf-8").strip() if secret_file else ""
            run_plainly(reseal_audit(settings, old, broken=bool(options)))
        case _:
            sys.exit(
                "usage: python -m commentdesk.ledger migrate | check | dump FILE | "
                f"load FILE [{_ERASED}] | export [{_FULL}] | "
                f"audit verify [HEAD] | audit reseal OLD-SECRET-FILE [{_BROKEN}]"
            )


async def _plant(settings: Settings) -> None:
    ledger = Ledger(settings)
    await plant_starter_words(ledger)
    await ledger.close()


async def _check(settings: Settings) -> None:
    ledger = Ledger(settings)
    try:
        found = await books(ledger)
    finally:
        await ledger.close()
    connect_blocking(settings.redis_url).ping()
    sys.stdout.write(json_line({**asdict(found), "difference": found.difference}))


if __name__ == "__main__":
    main(sys.argv[1:])
