"""`commentdesk evaluate FILE`: how well all checks together tell spam from honest comments."""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from workers.checks.spam.model import Model
from workers.curves import draw
from workers.labelled import Row, a_new_site, read_rows, score_of
from workers.measures import Scores

_FALSE_ALARMS = 0.01
_FEWEST_FOR_A_CURVE = 20
_COLUMNS = ("spam", "honest", "AUC", "recall", "precision", "F1", "Brier", "ECE")


def main() -> None:
    wish = _parser().parse_args()
    rows = read_rows(wish.file)
    site = a_new_site()
    if wish.model:
        site = replace(site, model=Model.read(wish.model))
    started = time.process_time()
    scores = [score_of(row, site) for row in rows]
    seconds = time.process_time() - started
    if wish.scores:
        answers = [{"id": row["id"], "score": s} for row, s in zip(rows, scores, strict=True)]
        wish.scores.write_text("".join(json.dumps(answer) + "\n" for answer in answers), "utf-8")
    groups = grouped(rows, scores)
    print_table(groups)
    print(f"\n{len(rows)} comments, {seconds / max(len(rows), 1) * 1e6:.0f} µs of processor each")
    if wish.curves:
        wish.curves.mkdir(parents=True, exist_ok=True)
        (wish.curves / "roc.svg").write_text(
            draw({name: group.curve() for name, group in groups.items() if _drawn(name, group)}),
            "utf-8",
        )


def _drawn(name: str, group: Scores) -> bool:
    """A language by itself, with enough of both to tell something."""
    few = min(len(group.spam), len(group.honest)) < _FEWEST_FOR_A_CURVE
    return " " not in name and not few


def grouped(rows: Sequence[Row], scores: Sequence[float]) -> dict[str, Scores]:
    """By language, and by slice against its language's honest comments; labelled rows alone.

    Honest are the readers' comments on news where the language has such a slice, else all.
    """
    spam: dict[str, list[float]] = defaultdict(list)
    honest: dict[str, list[float]] = defaultdict(list)
    news: dict[str, list[float]] = defaultdict(list)
    slices: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row, score in zip(rows, scores, strict=True):
        if row.get("y") is None:
            continue
        language = str(row.get("lang", "?"))
        (spam if row["y"] else honest)[language].append(score)
        if row["y"]:
            slices[language, str(row.get("slice", "?"))].append(score)
        elif str(row.get("slice", "")).endswith("_news"):
            news[language].append(score)
    known = {language: news[language] or honest[language] for language in sorted(spam)}
    found = {lang: Scores.of(spam[lang], good) for lang, good in known.items() if good}
    for (language, name), caught in sorted(slices.items()):
        if language in found:
            found[f"{language} {name}"] = Scores.of(caught, found[language].honest)
    return found


def print_table(groups: dict[str, Scores]) -> None:
    print("| | " + " | ".join(_COLUMNS) + " |")
    print("|---" * (len(_COLUMNS) + 1) + "|")
    for name, group in groups.items():
        print(f"| {name} | {len(group.spam)} | {len(group.honest)} | " + _figures(group) + " |")
    print(f"\nrecall, precision, F1 at {_FALSE_ALARMS:.0%} false alarms")


def _figures(group: Scores) -> str:
    at = group.threshold(_FALSE_ALARMS)
    figures: Iterable[float] = (
        group.area_under_curve(),
        group.recall(at),
        group.precision(at),
        group.f1(at),
        group.brier(),
        group.calibration_error(),
    )
    return " | ".join(f"{figure:.3f}" for figure in figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commentdesk evaluate", description=__doc__)
    parser.add_argument("file", type=Path, help="rows {id, text, lang, slice, y}, .jsonl[.gz]")
    parser.add_argument("--scores", type=Path, help="write {id, score} a row to this file")
    parser.add_argument("--model", type=Path, help="another spam model than the one that ships")
    parser.add_argument("--curves", type=Path, help="draw the curves into this folder (SVG)")
    return parser


if __name__ == "__main__":
    main()
