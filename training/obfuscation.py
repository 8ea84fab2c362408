"""`python -m training.obfuscation DATA`: what disguises cost, at the threshold of the plain texts.

Trains on half of the rows and asks of the other half: how much spam is caught as it is and in each
disguise, and how many honest comments on news are alarms as they are and in the ways people write.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path

from training.__main__ import SEED, examples_of
from training.disguise import writing
from training.fit import fit, margin_of
from training.rows import half_of, may_ship
from workers.checks.spam.model import Model
from workers.labelled import read_rows

_DISGUISES = (
    *("zero_width", "twins", "leetspeak", "apart", "full_width", "mathematical", "no_diacritics"),
    *("decomposed", "capitals", "mixed", "broken_links"),
)
_HABITS = ("no_diacritics", "teencode", "decomposed", "small_letters")
_MOST_HONEST = 3_000


def main() -> None:
    rows = read_rows(Path(sys.argv[1]))
    half = half_of(rows, SEED)
    known = [row for row in rows if may_ship(row) and row["id"] not in half]
    model = fit(examples_of(known), {}, SEED)
    print("| | " + " | ".join(("plain", *_DISGUISES)) + " |")
    print("|---" * (len(_DISGUISES) + 2) + "|")
    for language in ("en", "vi"):
        news = [r["text"] for r in rows if r["slice"] == f"{language}_news"][:_MOST_HONEST]
        scores = sorted(margin_of(model, text) for text in news)
        at = scores[-len(scores) // 100 - 1]
        spam = [
            r["text"]
            for r in rows
            if r["y"] and r["id"] in half and r["lang"] == language and may_ship(r)
        ]
        _print_line(f"{language}: caught", model, spam, at, _DISGUISES)
        _print_line(f"{language}: alarms", model, news, at, _HABITS)


def _print_line(
    name: str, model: Model, texts: Sequence[str], at: float, ways: Sequence[str]
) -> None:
    """The share above the threshold, plain and written in each way."""
    shares = [_above(model, texts, at)]
    for way in ways:
        chance = random.Random(SEED)
        shares.append(_above(model, [writing(way, text, chance) for text in texts], at))
    ways_named = "" if ways == _DISGUISES else f" ({', '.join(('plain', *ways))})"
    print(f"| {name}{ways_named} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")


def _above(model: Model, texts: Sequence[str], at: float) -> float:
    return sum(margin_of(model, text) > at for text in texts) / len(texts)


if __name__ == "__main__":
    main()
