"""`python -m training.halves DATA FOLDER`: half.model, and half.jsonl with rows it has not seen.

For `commentdesk evaluate half.jsonl --model half.model`: how well all checks together do on rows
that the model was not trained on. The halves are drawn by chance, seeded.
"""

import json
import sys
from pathlib import Path

from training.__main__ import SEED, examples_of
from training.fit import fit
from training.rows import half_of, may_ship
from workers.labelled import read_rows


def main() -> None:
    rows, folder = read_rows(Path(sys.argv[1])), Path(sys.argv[2])
    unseen = half_of(rows, SEED)
    known = [row for row in rows if may_ship(row) and row["id"] not in unseen]
    folder.mkdir(parents=True, exist_ok=True)
    fit(examples_of(known), {}, SEED).write(folder / "half.model")
    asked = [row for row in rows if row["id"] in unseen or not may_ship(row)]
    (folder / "half.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")


if __name__ == "__main__":
    main()
