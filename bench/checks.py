"""What the checks cost a worker: microseconds a comment, memory, and the time to be ready."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from commentdesk.domain.submission import Submission

BAR_MICROSECONDS, BAR_LOAD_MILLISECONDS, BAR_MEGABYTES = 300, 50, 40
COMMENTS, ROUNDS = 1_000, 7
_HERE = Path(__file__).parents[1]
_PAGE = os.sysconf("SC_PAGE_SIZE")


async def run() -> list[str]:
    """Measured in a process of its own, which begins with what every worker has loaded."""
    command = [sys.executable, "-m", "bench.checks"]
    done = subprocess.run(command, cwd=_HERE, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return [
        f"## Checks: all together, on {COMMENTS} comments of our own, half of them advertisements",
        "",
        "| | measured | bar |",
        "|---|---|---|",
        f"| a comment, CPU time, median of {ROUNDS} rounds | {found['each']:.0f} µs "
        f"| {BAR_MICROSECONDS} µs |",
        f"| the spam model, loaded | {found['load']:.1f} ms | {BAR_LOAD_MILLISECONDS} ms |",
        f"| the spam model, memory | {found['model']:.1f} MB | {BAR_MEGABYTES} MB |",
        f"| the first comment, with every table and list made ready | {found['first']:.0f} ms | |",
        f"| all checks after {COMMENTS} comments, memory | {found['checks']:.1f} MB | |",
        f"| the process before them, memory | {found['before']:.0f} MB | |",
        "",
    ]


def _measured() -> dict[str, float]:
    """In this order: what was loaded once stays."""
    # What a worker has without any check.
    import rq  # noqa: F401
    import sqlalchemy.ext.asyncio  # noqa: F401

    import commentdesk.phones  # noqa: F401

    before = _megabytes()
    from workers.checks.spam.model import SHIPPED, Model

    loaded = _megabytes()
    started = time.perf_counter()
    model = Model.read(SHIPPED)
    load, with_model = time.perf_counter() - started, _megabytes()
    from training.generate import Writer
    from workers.checks import run_checks
    from workers.labelled import a_new_site

    kinds = [(kind, language) for kind in ("honest", "spam") for language in ("vi", "en")]
    written = Writer(7).examples(dict.fromkeys(kinds, COMMENTS // len(kinds)))
    comments = [_submission(one.text, one.lang) for one in written]
    without = _megabytes()
    started = time.perf_counter()
    run_checks(comments[0], a_new_site())
    first = time.perf_counter() - started
    rounds = []
    for _ in range(ROUNDS):
        spent = time.process_time()
        for comment in comments:
            run_checks(comment, a_new_site())
        rounds.append((time.process_time() - spent) / len(comments))
    return {
        "before": before,
        "load": load * 1e3,
        "model": with_model - loaded,
        "first": first * 1e3,
        "checks": _megabytes() - without + with_model - before,
        "each": median(rounds) * 1e6 if model.weights else 0,
    }


def _submission(text: str, language: str) -> Submission:
    at = datetime(2026, 9, 2, tzinfo=UTC)
    return Submission("1", "a", "Nguyễn Thị Mai", "Ý kiến", text, language, at, phone="0912345678")


def _megabytes() -> float:
    """What the process has in memory (resident set, proc(5))."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


if __name__ == "__main__":
    print(json.dumps(_measured()))
