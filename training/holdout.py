"""`make holdout DATA=…`: what a model says of sources it was not trained on, in one table.

Each line trains without some rows and measures on them: spam against readers' comments on news,
which no training here sees. The halves are drawn by chance, so near relatives stand on both
sides; a source left out whole is the harder and the more honest question.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from training.__main__ import SEED, examples_of
from training.fit import fit, margin_of
from training.rows import half_of, may_ship
from workers.labelled import Row, read_rows
from workers.measures import Scores

_VIDEOS = ("KatyPerry", "LMFAO", "Psy")
Choice = Callable[[Row], bool]


def main() -> None:
    rows = read_rows(Path(sys.argv[1]))
    half = half_of(rows, SEED)
    lines: dict[str, tuple[Choice, Choice]] = {
        "en, half": (lambda row: row["id"] in half, lambda row: row["lang"] == "en"),
        "vi, half": (lambda row: row["id"] in half, lambda row: row["lang"] == "vi"),
        **{name: (_in(name), _in(name)) for name in ("en_youtube", "en_sms", "en_blogform")},
        **{f"en_youtube, {video}": (_video(video), _video(video)) for video in _VIDEOS},
        "tg, English": (_in("tg"), lambda row: row["slice"] == "tg" and row["lang"] == "en"),
        "vi_hust": (_in("vi_hust"), _in("vi_hust")),
        "vi_mt_sms": (_in("vi_mt_sms"), _in("vi_mt_sms")),
        "every Russian row": (lambda row: row["lang"] == "ru", lambda row: row["slice"] == "tg"),
    }
    print("| left out | spam | honest | AUC | recall at 1 % false alarms |")
    print("|---|---|---|---|---|")
    for name, (left_out, asked) in lines.items():
        found = _measured(rows, left_out, asked)
        at = found.threshold(0.01)
        print(
            f"| {name} | {len(found.spam)} | {len(found.honest)} "
            f"| {found.area_under_curve():.3f} | {found.recall(at):.3f} |",
            flush=True,
        )


def _measured(rows: list[Row], left_out: Choice, asked: Choice) -> Scores:
    known = [r for r in rows if may_ship(r) and not left_out(r)]
    seen = {row["lang"] for row in known}
    unseen = frozenset() if "ru" in seen else frozenset({"ru", "uk"})
    model = fit(examples_of(known, without=unseen), {}, SEED)
    spam = [row for row in rows if row["y"] and left_out(row) and asked(row)]
    language = spam[0]["lang"]
    news = [row for row in rows if row["slice"] == f"{language}_news" and not row["y"]]
    honest = news or [row for row in rows if not row["y"] and left_out(row) and asked(row)]
    return Scores.of(
        [margin_of(model, row["text"]) for row in spam],
        [margin_of(model, row["text"]) for row in honest],
    )


def _video(name: str) -> Choice:
    return lambda row: row["slice"] == "en_youtube" and row["group"] == name


def _in(*names: str) -> Choice:
    return lambda row: row["slice"] in names


if __name__ == "__main__":
    main()
