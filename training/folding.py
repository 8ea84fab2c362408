"""`python -m training.folding DATA`: what would stand as one card, of spam and of honest comments.

All rows of a line are taken as if they had come within the days of floods. The last column is for
one phone alone: the rows that would be told as alike besides, had all been sent with the same.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from commentdesk.domain.memory import Tie
from commentdesk.ledger.fingerprints import NEAR_BITS, NEAR_BITS_OF_ONE_PHONE
from commentdesk.ledger.ways_out import FEWEST
from workers.checks.fingerprint import Fingerprint, fingerprint
from workers.checks.reading import read_submission
from workers.checks.ways import ways_of
from workers.labelled import Row, a_new_site, read_rows, written

_TITLES = ("rows", "folded", "text", "link", "number", "contact", "only two", "one phone")
_ALL_BITS = 2**64 - 1
# Rows that stand in a card together.
_Together = Iterator[set[int]]


def main() -> None:
    rows = read_rows(Path(sys.argv[1]))
    honest = [row for row in rows if not row["y"]]
    news = [row for row in honest if "_news" in row["slice"]]
    spam = [row for row in rows if row["y"]]
    lines = {
        "honest, on news": news,
        "honest, elsewhere": [row for row in honest if "_news" not in row["slice"]],
        "spam": spam,
        **{f"spam, {name}": [] for name in sorted({row["slice"] for row in spam})},
    }
    for row in spam:
        lines[f"spam, {row['slice']}"].append(row)
    print("| | " + " | ".join(_TITLES) + " |")
    print("|---" * (len(_TITLES) + 1) + "|")
    for name, some in lines.items():
        print(f"| {name} | " + " | ".join(map(str, _figures(some))) + " |")


def _figures(rows: Sequence[Row]) -> Iterator[int]:
    """In the order of the titles; `only two` are rows of which only two advertise the same."""
    site = a_new_site()
    readings = [read_submission(written(row)) for row in rows]
    prints = [fingerprint(reading) for reading in readings]
    carriers: defaultdict[tuple[Tie, str], set[int]] = defaultdict(set)
    for number, reading in enumerate(readings):
        for way in ways_of(reading, site):
            carriers[way.tie, way.same].add(number)
    by_text = _members(_near(prints, NEAR_BITS))
    by_way = {
        tie: _members(
            those for (kind, _), those in carriers.items() if kind is tie and len(those) >= FEWEST
        )
        for tie in (Tie.LINK, Tie.NUMBER, Tie.CONTACT)
    }
    yield len(rows)
    yield len(by_text.union(*by_way.values()))
    yield len(by_text)
    yield from (len(those) for those in by_way.values())
    yield len(_members(those for those in carriers.values() if 1 < len(those) < FEWEST))
    yield len(_members(_near(prints, NEAR_BITS_OF_ONE_PHONE)) - by_text)


def _members(together: _Together) -> set[int]:
    return set().union(*together)


def _near(prints: Sequence[Fingerprint | None], bits: int) -> _Together:
    sharing: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, each in enumerate(prints):
        if each is None:
            continue
        others = {other for key in enumerate(each.least) for other in sharing[key]}
        for other in others:
            known = prints[other]
            if known and ((each.simhash ^ known.simhash) & _ALL_BITS).bit_count() <= bits:
                yield {number, other}
        for key in enumerate(each.least):
            sharing[key].append(number)


if __name__ == "__main__":
    main()
