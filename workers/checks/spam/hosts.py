"""What kind of place a link leads to, as far as its host tells."""

import re
from collections import defaultdict
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

_LISTED = Path(__file__).parent / "hosts.txt"
# Endings that are given to public bodies, schools and universities alone.
_PUBLIC = re.compile(r"(?:^|\.)(?:gov|edu|mil|int|gc\.ca|(?:gov|gob|gouv|go|edu|ac)\.[a-z]{2})$")


class Place(StrEnum):
    """Where a link leads."""

    KNOWN = "known_link"
    SOCIAL = "social_link"
    MESSENGER = "messenger"
    SHORTENER = "shortener"
    CHEAP = "cheap_ending"
    OTHER = "link"


_PLACES = {
    "known": Place.KNOWN,
    "social": Place.SOCIAL,
    "messenger": Place.MESSENGER,
    "shortener": Place.SHORTENER,
}


@lru_cache(maxsize=2000)
def place_of(host: str) -> Place:
    """The kind of place a host is; a subdomain is what its parent is."""
    labels = host.split(".")
    parents = {".".join(labels[n:]) for n in range(len(labels) - 1)}
    listed = _listed()
    for name, place in _PLACES.items():
        if parents & listed[name]:
            return place
    if _PUBLIC.search(host):
        return Place.KNOWN
    return Place.CHEAP if labels[-1] in listed["cheap"] else Place.OTHER


@cache
def _listed() -> dict[str, set[str]]:
    """The hosts of each name in the file."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in _LISTED.read_text("utf-8").splitlines():
        name, _, hosts = line.partition(": ")
        if not line.startswith("#"):
            found[name].update(hosts.split())
    return found
