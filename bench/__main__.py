"""`python -m bench`: run every benchmark and write bench/results.md."""

import asyncio
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import attacks, checks, intake, pipeline, reading, recovery, rehearsal

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
    for benchmark in (reading, checks, intake, pipeline, recovery, rehearsal, attacks):
        lines += await benchmark.run()
    text = "\n".join(lines)
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
