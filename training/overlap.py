"""Do our own comments quote rows that may not be trained on? `python -m training.overlap DATA`.

Whoever writes templates may have read those rows. Runs of words that our templates share with
them, and that few of them have, are printed, so that a person writes that template anew.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from training.generate import Writer, template_lines
from training.rows import NOT_FOR_WEIGHTS
from workers.checks.reading import Reading
from workers.labelled import read_rows

_WORD = re.compile(r"\w+")
# An address is nobody's sentence.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
# Six syllables are three or four words of Vietnamese; what many rows have is a common saying.
_RUN = 6
_COMMON = 3
_SAMPLES = 40


def quoted(line: str, rare: set[str], seed: int = 1) -> set[str]:
    """Runs of words, of the comments that a template makes, that only few rows have."""
    writer = Writer(seed)
    return {run for _ in range(_SAMPLES) for run in _runs(writer.filled(line)) if run in rare}


def rare_runs(texts: Iterator[str]) -> set[str]:
    """Runs of words that stand in few of the texts."""
    counted = Counter(run for text in texts for run in set(_runs(text)))
    return {run for run, count in counted.items() if count < _COMMON}


def _runs(text: str) -> Iterator[str]:
    words = _WORD.findall(_ADDRESS.sub(" ", Reading(text).plain.text))
    for start in range(len(words) - _RUN + 1):
        yield " ".join(words[start : start + _RUN])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.overlap", description=__doc__)
    parser.add_argument("data", type=Path)
    rows = read_rows(parser.parse_args().data)
    rare = rare_runs(row["text"] for row in rows if row["slice"] in NOT_FOR_WEIGHTS)
    found = [(line, runs) for line in template_lines() if (runs := quoted(line, rare))]
    for line, runs in found:
        sys.stdout.write(f"{line}\n    {'; '.join(sorted(runs))}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
