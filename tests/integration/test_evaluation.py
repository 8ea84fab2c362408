"""`commentdesk evaluate` and `commentdesk explain`, as an operator runs them."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.operator import succeeds
from tests.prepared import ROOT
from workers.measures import Scores

SPAM = "Cho vay tiền nhanh không thế chấp, lãi suất thấp, zalo {}"
HONEST = "Bài viết rất hay, đoạn đường này sáng nào cũng kẹt xe {}."


def commentdesk(*arguments: str, typed: str = "") -> str:
    if not typed:
        return succeeds(*arguments)
    command = [sys.executable, "-m", "commentdesk", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, input=typed, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"id": f"s{n}", "text": SPAM.format(f"091234{n:04}"), "lang": "vi", "slice": "ads", "y": 1}
        for n in range(20)
    ]
    rows += [
        {"id": f"h{n}", "text": HONEST.format(n), "lang": "vi", "slice": "vi_news", "y": 0}
        for n in range(20)
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_labelled_rows_give_a_table_scores_and_curves(labelled: Path, tmp_path: Path) -> None:
    scores, curves = tmp_path / "scores.jsonl", tmp_path / "curves"
    told = commentdesk("evaluate", str(labelled), "--scores", str(scores), "--curves", str(curves))
    assert "| vi | 20 | 20 | 1.000 | 1.000 | 1.000 | 1.000 |" in told
    answers = [json.loads(line) for line in scores.read_text("utf-8").splitlines()]
    assert [answer["id"][0] for answer in answers] == ["s"] * 20 + ["h"] * 20
    assert all(0 <= answer["score"] <= 1 for answer in answers)
    ElementTree.parse(curves / "roc.svg")


def test_rows_without_labels_are_scored_all_the_same(tmp_path: Path) -> None:
    file, scores = tmp_path / "rows.jsonl", tmp_path / "scores.jsonl"
    file.write_text(json.dumps({"id": "a", "text": SPAM, "lang": "xx"}) + "\n", "utf-8")
    commentdesk("evaluate", str(file), "--scores", str(scores))
    assert json.loads(scores.read_text("utf-8"))["id"] == "a"


def test_a_comment_is_explained_with_its_evidence_marked() -> None:
    told = commentdesk("explain", "--title", "Vay", SPAM.format("0912 345 678"))
    assert told.startswith(("hold", "reject"))
    assert "contact_phone 0912 345 678" in told
    assert "[0912 345 678]" in told


def test_what_a_reader_typed_has_no_power_over_the_terminal() -> None:
    hostile = "\x1b]0;chiếm\x07 \x1b[31mđỏ\x9b2J \u202eđảo\u202c http://evil.example/\x1b[8m"
    told = commentdesk("explain", "--name", "\x1b[2J", typed=hostile)
    assert all(c.isprintable() or c == "\n" for c in told)
    assert "\\u001b" in told


def test_figures_are_what_they_are_called() -> None:
    scores = Scores.of(spam=[0.9, 0.8, 0.3], honest=[0.1, 0.2, 0.4, 0.3])
    assert scores.area_under_curve() == pytest.approx((4 + 4 + 2.5) / 12)
    at = scores.threshold(0.25)
    assert at == 0.3
    assert scores.recall(at) == pytest.approx(2 / 3)
    assert scores.precision(at) == pytest.approx(2 / 3)
    assert scores.f1(at) == pytest.approx(2 / 3)
    assert Scores.of([1.0], [0.0]).brier() == Scores.of([1.0], [0.0]).calibration_error() == 0
    assert Scores.of([0.5, 0.5], [0.5, 0.5]).calibration_error() == pytest.approx(0)
    assert scores.curve()[0] == (0.0, 0.0)
    assert scores.curve()[-1] == (1.0, 1.0)
