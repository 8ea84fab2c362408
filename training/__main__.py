"""`make train DATA=train.jsonl.gz`: labelled rows and comments of our own to the shipped model."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from training.fit import Examples, fit
from training.generate import Writer
from training.rows import may_ship
from workers.checks.spam.model import SHIPPED
from workers.labelled import Row, read_rows
from workers.thresholds import write_curve

OF_OUR_OWN = {
    ("honest", "vi"): 12_000,
    ("spam", "vi"): 5_000,
    ("honest", "en"): 4_000,
    ("spam", "en"): 3_000,
    ("honest", "other"): 3_000,
    ("spam", "other"): 3_000,
}
SEED = 20261125


def main() -> None:
    wish = _parser().parse_args()
    all_rows = read_rows(wish.data)
    rows = [row for row in all_rows if may_ship(row)]
    examples = examples_of(rows, wish.seed, wish.thin)
    facts = {
        "seed": wish.seed,
        "rows": dict(sorted(Counter(row["slice"] for row in rows).items())),
        "own": len(examples.texts) - len(rows),
    }
    fit(examples, facts, wish.seed).write(wish.out)
    if wish.out == SHIPPED:
        # What an editor's "at most 1 in N honest comments" means with the new weights.
        write_curve(all_rows)


def examples_of(
    rows: Sequence[Row],
    seed: int = SEED,
    thin: int = 1,
    without: frozenset[str] = frozenset(),
) -> Examples:
    """The rows, and comments of our own, every `thin`-th of them, `without` some languages."""
    counts = {kind: count // thin for kind, count in OF_OUR_OWN.items()}
    ours = [one for one in Writer(seed).examples(counts) if one.lang not in without]
    return Examples(
        [row["text"] for row in rows] + [example.text for example in ours],
        [bool(row["y"]) for row in rows] + [example.spam for example in ours],
        [_worth(row) for row in rows] + [1.0] * len(ours),
    )


def _worth(row: Row) -> float:
    """Honest messages that a machine translated are not what people write."""
    return 0.05 if row["slice"] == "vi_mt_sms" and not row["y"] else 1.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make train", description=__doc__)
    parser.add_argument("data", type=Path, help="labelled rows, .jsonl or .jsonl.gz")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--thin", type=int, default=1, help="every so many of our own comments")
    return parser


if __name__ == "__main__":
    main()
