"""`python -m bench`: run every benchmark and write bench/results.md.

`python -m bench desk …` runs those named and prints them.
"""

import asyncio
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    attacks,
    captchas,
    checks,
    clearing,
    desk,
    intake,
    page,
    pipeline,
    reading,
    recovery,
    rehearsal,
    scrolling,
    thread,
    work,
)
from tests.installation import Installation

BENCHMARKS = {
    "reading": reading.run,
    "checks": checks.run,
    "intake": intake.run,
    "pipeline": pipeline.run,
    "recovery": recovery.run,
    "rehearsal": rehearsal.run,
    "attacks": attacks.run,
    "captcha": captchas.run,
    "desk": desk.run,
    "clearing": clearing.run,
    "thread": thread.run,
    "page": page.run,
    "scrolling": scrolling.run,
    "work": work.run,
}
RESULTS = Path(__file__).parent / "results.md"


async def main() -> None:
    lines = [
        "# Results of `make bench`",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, client and servers on one machine. The ratios count; "
        "the absolute figures are this machine's.",
        "",
    ]
    # Whatever of the tests was imported: services are started as an operator starts them.
    Installation.forks = False
    named = sys.argv[1:]
    for benchmark in named or BENCHMARKS:
        lines += await BENCHMARKS[benchmark]()
    text = "\n".join(lines)
    if not named:
        RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
