"""Scores for an editor's "at most 1 in N honest comments": the curve, measured and read.

`python -m workers.thresholds train.jsonl.gz` measures it anew, on honest comments of readers of
news, with the checks and the model as they are, and writes it beside the model.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from commentdesk.domain.policy import HonestCurve
from workers.labelled import Row, read_rows, score_of

CURVE = Path(__file__).parent / "checks" / "spam" / "honest_curve.json"
HONEST_SLICES = frozenset({"en_news", "vi_news"})
# Thinned to so many steps a tenfold: an editor's choices are coarser by far.
_STEPS_IN_TEN = 20
_FALLING = 10 ** (-1 / _STEPS_IN_TEN)


@cache
def honest_curve() -> HonestCurve:
    """The curve that ships; read once."""
    document = json.loads(CURVE.read_text("utf-8"))
    return HonestCurve(tuple((score, share) for score, share in document["honest_share_at"]))


def measure(rows: Iterable[Row]) -> dict[str, Any]:
    """The curve's document from labelled rows `{text, lang, slice, label}`.

    Rows count that are of HONEST_SLICES and labelled `ham`. A share is (k + 1) / (n + 1) where k
    of n score so much or more: what holds for the next comment too, and not only for those
    measured (the p-value of conformal prediction: Vovk, Gammerman, Shafer, "Algorithmic Learning
    in a Random World", 2005, §2.2).
    """
    honest = [r for r in rows if r["slice"] in HONEST_SLICES and r["label"] == "ham"]
    scores = sorted(score_of(row) for row in honest)
    return {
        "honest_share_at": [[round(score, 6), share] for score, share in _thinned(scores)],
        "measured_on": dict(sorted(Counter(row["slice"] for row in honest).items())),
    }


def write_curve(rows: Iterable[Row], file: Path = CURVE) -> None:
    """Measure and write; training calls it when it has a new model."""
    file.write_text(json.dumps(measure(rows)) + "\n", "utf-8")


def _thinned(scores: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(score, share) where the share has fallen by a step since the last one, and the last."""
    number, wanted = len(scores), 1.0
    for at, score in enumerate(scores):
        if at and score == scores[at - 1]:
            continue
        share = (number - at + 1) / (number + 1)
        if share <= wanted or at == 0:
            yield score, round(share, 8)
            wanted = share * _FALLING
    # Above all that were measured.
    yield scores[-1] + 1e-6, round(1 / (number + 1), 8)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python -m workers.thresholds train.jsonl.gz")
    write_curve(read_rows(Path(sys.argv[1])))
