"""What readers of an article's page hear of, live."""

from collections.abc import Iterable

from commentdesk.live import Live
from services.articles.records import Change


async def announce(live: Live, changes: Iterable[Change]) -> None:
    """Tell the readers of each article what changed under it."""
    announcements = [
        (channel(change.article), {"id": change.id, "type": change.type}) for change in changes
    ]
    if announcements:
        await live.announce_all(announcements)


def channel(article: str) -> str:
    """Where changes under the article are announced."""
    return f"article:{article}"
