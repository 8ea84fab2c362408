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
    """The site's facts: phone region, word lists, its own hosts, logins of its staff, its names."""

    region: str
    words: tuple[ListedWord, ...] = ()
    own_hosts: frozenset[str] = frozenset()
    staff: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()

    @classmethod
    def build(
        cls,
        region: str,
        words: Iterable[tuple[str, str, str]],
        own_hosts: frozenset[str],
        staff: Iterable[str] = (),
        reserved: Iterable[str] = (),
    ) -> "CheckContext":
        listed = tuple(ListedWord(*word) for word in words)
        return cls(region, listed, own_hosts, tuple(staff), tuple(reserved))
