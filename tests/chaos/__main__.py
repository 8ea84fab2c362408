"""`make chaos MINUTES=10`: the promise under fire, on SQLite and on PostgreSQL."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.plan import BREAKS, Plan
from tests.chaos.run import Result, run

_SHOWN = 20


def main() -> None:
    wish = _parser().parse_args()
    databases = ["sqlite", "postgresql"] if wish.database == "both" else [wish.database]
    results = []
    for database in databases:
        plan = Plan(
            database,
            wish.minutes * 60,
            wish.seed,
            lease=wish.lease,
            rehint=wish.rehint,
            broken=wish.broken,
        )
        with tempfile.TemporaryDirectory(prefix="commentdesk-chaos-") as folder:
            results.append(asyncio.run(run(plan, Path(folder))))
        _tell(results[-1])
    sys.exit(not all(result.holds for result in results))


def _tell(result: Result) -> None:
    plan, found = result.plan, result.reckoning
    print(f"{plan.database} for {plan.seconds / 60:g} min, seed {plan.seed}: {result.line}")
    print(f"  kills: {result.kills}\n  strikes: {result.strikes}")
    print(f"  sent again: {result.retries}, replayed: {result.replayed}", flush=True)
    for kind, lines in (("LOST", found.lost), ("TWICE", found.duplicates)):
        for line in lines[:_SHOWN]:
            print(f"  {kind} {line}")
    if not found.absorbed:
        print("  nothing was absorbed: the run was too gentle to prove anything")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="for each database")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--lease", type=float, default=2.0, help="seconds a claim lasts")
    parser.add_argument("--rehint", type=float, default=1.0, help="seconds before a new hint")
    parser.add_argument("--broken", choices=BREAKS, default="", help="break the promise on purpose")
    return parser


if __name__ == "__main__":
    main()
