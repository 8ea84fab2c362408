"""The shipped model: its size, its file, its evidence; and that training can be repeated."""

import json
import random
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commentdesk.domain.finding import Outcome
from commentdesk.domain.submission import Submission
from tests.prepared import ROOT
from training.disguise import WRITINGS, writing
from training.generate import Writer
from workers.checks import CheckContext, SiteFacts
from workers.checks.spam.check import check_spam
from workers.checks.spam.model import SHIPPED, Model, ModelUnreadable, shipped_model

SITE = SiteFacts("VN")
BLANK = Submission("1", "a", "", "", "", "vi", datetime(2026, 9, 2, tzinfo=UTC))
KINDS = {("spam", "vi"): 60, ("spam", "en"): 60}
# The bar is that of the plain text; broken links may cost two points (and one text in sixty).
MAY_COST = {"broken_links": 0.04}


def score(text: str) -> float:
    submission = replace(BLANK, content=text)
    return check_spam(submission, CheckContext.of(submission, SITE)).score


def test_the_model_is_small() -> None:
    assert SHIPPED.stat().st_size <= 2**20


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.model"
    for raw in (b"", b"CDM0" + bytes(100), SHIPPED.read_bytes()[:-1]):
        file.write_bytes(raw)
        with pytest.raises(ModelUnreadable):
            Model.read(file)


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    shipped_model().write(tmp_path / "again.model")
    assert (tmp_path / "again.model").read_bytes() == SHIPPED.read_bytes()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_words_that_weighed_are_quoted_where_they_stand(form: str) -> None:
    title = unicodedata.normalize(form, "Hỗ trợ vay tiền")  # type: ignore[arg-type]
    text = unicodedata.normalize(form, "Duyệt vay nhanh, lãi suất thấp, zalo 0912 345 678")  # type: ignore[arg-type]
    submission = replace(BLANK, title=title, content=text)
    finding = check_spam(submission, CheckContext.of(submission, SITE))
    assert finding.outcome is Outcome.SUSPECT
    words = [reason for reason in finding.reasons if reason.code == "spam_word"]
    assert {reason.field for reason in words} == {"title", "content"}
    for reason in words:
        assert reason.span is not None
        typed = (title if reason.field == "title" else text)[slice(*reason.span)]
        assert reason.text == typed
        # Whole letters: no mark is left behind.
        assert unicodedata.normalize("NFC", typed).isalpha()


@pytest.mark.parametrize("name", [name for name in WRITINGS if name != "small_letters"])
def test_a_disguise_hides_no_advertisement(name: str) -> None:
    """At the same score at least as many are caught as of the plain texts."""
    chance = random.Random(7)
    plain = [example.text for example in Writer(99).examples(KINDS)]
    disguised = [writing(name, text, chance) for text in plain]
    caught, hidden = (sum(score(t) >= 0.5 for t in texts) for texts in (plain, disguised))
    assert hidden >= caught - MAY_COST.get(name, 0.02) * len(plain)


def test_training_can_be_repeated(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "text": f"chữ {n} mua ngay", "slice": "vi_hust", "y": n % 2, "lang": "vi"}
        for n in range(40)
    ]
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    made = []
    for run in ("one", "two"):
        out = tmp_path / f"{run}.model"
        command = [sys.executable, "-m", "training", str(data), "--out", str(out), "--thin", "100"]
        subprocess.run(command, cwd=ROOT, check=True)
        made.append(out.read_bytes())
    assert made[0] == made[1]
