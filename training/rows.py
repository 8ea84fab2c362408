"""Which of the labelled rows may be trained on, by their licences."""

import random
from collections.abc import Iterable

from workers.labelled import Row

# Weights that are passed on may be learned from these.
MAY_SHIP = frozenset(
    {"en_youtube", "en_sms", "tg", "en_news_toxic", "en_blogform", "vi_hust", "vi_mt_sms"}
)
# From these not; thresholds and figures may.
NOT_FOR_WEIGHTS = frozenset({"en_news", "vi_news", "vi_social"})


def may_ship(row: Row) -> bool:
    """Whether weights may be learned from the row; a slice that is not known may not."""
    return row["slice"] in MAY_SHIP


def half_of(rows: Iterable[Row], seed: int) -> set[str]:
    """The ids of half of the rows, drawn by chance: what a model is asked that learns the rest."""
    chance = random.Random(seed)
    return {row["id"] for row in rows if chance.random() < 0.5}
