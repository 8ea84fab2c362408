"""Where a new comment stands: at the top, or in the thread of its parent. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Reply(Protocol):
    """As much of a comment as placing it needs."""

    @property
    def id(self) -> str: ...
    @property
    def article(self) -> str: ...
    @property
    def parent_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A comment's article and the top comment of its thread (itself, when it is the top)."""

    article: str
    top: str


def place(arrivals: Iterable[Reply], standing: Mapping[str, Place]) -> dict[str, Place]:
    """Give every arrival a place; what stands already keeps its own.

    A reply to a reply joins the thread's top. A parent that is unknown, or stands under another
    article, makes the comment a top one.
    """
    waiting = {arrival.id: arrival for arrival in arrivals}
    places = dict(standing)
    joined: set[str] = set()
    for arrival in waiting.values():
        for reply in reversed(_unplaced_line(arrival, waiting, places)):
            parent = places.get(reply.parent_id or "")
            # In a ring the first comes last, when another may stand under it already.
            if parent and parent.article == reply.article and reply.id not in joined:
                places[reply.id] = parent
                joined.add(parent.top)
    return places


def _unplaced_line(
    arrival: Reply, waiting: Mapping[str, Reply], places: dict[str, Place]
) -> list[Reply]:
    """The arrival and its ancestors that have no place yet, each put at the top for now.

    Being put there at once is what ends a ring of comments that answer each other.
    """
    line: list[Reply] = []
    current: Reply | None = arrival
    while current is not None and current.id not in places:
        places[current.id] = Place(current.article, current.id)
        line.append(current)
        current = waiting.get(current.parent_id or "")
    return line
