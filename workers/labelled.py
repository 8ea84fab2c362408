"""Labelled comments from a file, and what the checks as they ship say of each."""

import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from commentdesk.domain.policy import combined
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from workers.checks import SiteFacts, run_checks

# `text`, `lang`, and where known `id`, `slice`, `label`, `y` (1 for spam).
Row = dict[str, Any]
_STARTER_WORDS = Path(__file__).parents[1] / "commentdesk" / "ledger" / "starter_words.json"


def read_rows(file: Path) -> list[Row]:
    """The rows of a JSON-lines file, gzipped or not."""
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def score_of(row: Row, site: SiteFacts | None = None) -> float:
    """What all checks together say of a row's text, 0..1: the score the policy goes by."""
    return combined(run_checks(written(row), site or a_new_site()))


def written(row: Row) -> Submission:
    """The row's text as if a reader had sent it, without a name and a title."""
    return Submission(
        id="",
        article="",
        name="",
        title="",
        content=row["text"],
        language=row.get("lang", ""),
        received_at=datetime(2020, 1, 1, tzinfo=UTC),
    )


@cache
def a_new_site() -> SiteFacts:
    """A site as it begins: in Vietnam, with the starter words."""
    starter: dict[str, list[str]] = json.loads(_STARTER_WORDS.read_text("utf-8"))
    words = [(kind, text, fold(text)) for kind, texts in starter.items() for text in texts]
    return SiteFacts.build("VN", words, frozenset())
