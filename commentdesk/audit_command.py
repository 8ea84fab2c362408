"""The words of `commentdesk audit`; the ledger carries them out."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be said after `commentdesk audit`."""
    parser.add_argument("--data", type=Path, help="data folder (default ./data)")
    parser.add_argument(
        "deed", choices=["verify", "reseal"], help="verify the chain, or sign it anew"
    )
    parser.add_argument(
        "--head", metavar="NUMBER:MAC", help="verify: a head written down before must be in it"
    )
    parser.add_argument(
        "--old-secret-file", type=Path, metavar="FILE", help="reseal: what signed it until now"
    )
    parser.add_argument(
        "--broken", action="store_true", help="reseal: even though the chain does not hold"
    )


def ledger_words(chosen: argparse.Namespace) -> list[str]:
    """The same as the ledger's own command line takes it."""
    if chosen.deed == "verify":
        return ["audit", "verify", *([chosen.head] if chosen.head else [])]
    old = str(chosen.old_secret_file.resolve()) if chosen.old_secret_file else ""
    return ["audit", "reseal", old, *(["--broken"] if chosen.broken else [])]
