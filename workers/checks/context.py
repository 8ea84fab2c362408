"""What a check may know beside the submission."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ListedWord:
    kind: str
    text: str
    folded: str


@dataclass(frozen=True)
class CheckContext:
    """The site's facts: phone region, word lists, its own hosts."""

    region: str
    words: tuple[ListedWord, ...] = ()
    own_hosts: frozenset[str] = frozenset()

    @classmethod
    def build(
        cls,
        region: str,
        words: Iterable[tuple[str, str, str]],
        own_hosts: frozenset[str],
    ) -> "CheckContext":
        return cls(region, tuple(ListedWord(*word) for word in words), own_hosts)
