"""What failed in the last run, once more and alone: how `make test` ends in CI.

Among thousands of tests on a busy machine one may fail by chance. That is a fault to be looked
into, and its name is printed as one; but it says nothing against the change that CI is asked about.
More than a few that fail together are never chance.
"""

import json
import sys
from pathlib import Path

import pytest

_FEW = 3
_LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main() -> int:
    """The exit code: 0 when all of the few that failed pass now."""
    names = sorted(json.loads(_LAST_FAILED.read_text()))
    if not 0 < len(names) <= _FEW:
        return 1
    print(f"\nOnce more, alone: {', '.join(names)}", flush=True)
    if failed := pytest.main(["--last-failed", "--last-failed-no-failures", "none"]):
        return int(failed)
    print(f"\nUNSTEADY, failed once and passed alone: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
