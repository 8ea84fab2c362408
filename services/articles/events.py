"""What readers of an article's page hear of, live."""

from typing import Any

from commentdesk.live import Live
from services.articles.records import Change, Written


async def announce(live: Live, written: Written) -> None:
    """Tell the readers of each article what changed under it, and how it stands since."""
    announcements = []
    for change in written.changes:
        standing = written.standings[change.article]
        event = told(change) | {"count": standing.count, "version": standing.version}
        announcements.append((channel(change.article), event))
    if announcements:
        await live.announce_all(announcements)


def told(change: Change) -> dict[str, Any]:
    """The change as readers' pages are told of it."""
    return {"id": change.id, "type": change.type, "thread": change.thread}


def channel(article: str) -> str:
    """Where changes under the article are announced."""
    return f"article:{article}"
