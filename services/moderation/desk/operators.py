"""The language of the search box: words, "phrases", and operators such as `reason:spam`.

What is no known operator is text. Values and phrases may stand in quotes; a quote that is never
closed goes to the end.
"""

import re
from dataclasses import dataclass, field

from commentdesk.domain.text import fold

# What is written before the colon, and the filter it sets.
OPERATORS = {
    "phone": "phone",
    "ip": "ip",
    "name": "name",
    "article": "article",
    "section": "section",
    "reason": "reason",
    "check": "check",
    "by": "decided_by",
    "lang": "language",
    "after": "after",
    "before": "before",
    "state": "state",
    "campaign": "campaign",
}
_TOKEN = re.compile(
    rf"""(?:(?P<operator>{"|".join(OPERATORS)}):\s*)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Search:
    """Filters by name, and the text that is left, its words and phrases as they were typed."""

    filters: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the search box shows again."""
        return " ".join(self.words)

    @property
    def terms(self) -> tuple[str, ...]:
        """What must occur, each as the ledger compares; of the same word one."""
        folded = (fold(word.strip('"')) for word in self.words)
        return tuple(dict.fromkeys(term for term in folded if term))


def read_search(typed: str) -> Search:
    """What was asked for; of an operator given twice the last counts."""
    filters: dict[str, str] = {}
    words: list[str] = []
    for token in _TOKEN.finditer(typed):
        quoted = token["phrase"] is not None
        value = token["phrase"] if quoted else token["word"]
        if token["operator"] and value.strip():
            filters[OPERATORS[token["operator"].lower()]] = value.strip()
        elif value.strip():
            words.append(f'"{value}"' if quoted else value)
    return Search(filters, tuple(words))
