"""What stands above every page of the console as long as something is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from commentdesk.ledger.accounts import Role
from commentdesk.web import Texts
from services.moderation.desk.showing import ago
from services.moderation.keys import AUDIT, BOOKS, WAITING


@dataclass(frozen=True)
class Alarm:
    """A text by its key, and where those of a role find more."""

    key: str
    path: str
    menu: str
    role: Role = Role.MODERATOR
    values: Mapping[str, object] = field(default_factory=dict)


def alarms(app: web.Application, language: str, texts: Texts) -> Iterator[Alarm]:
    """Those that are on; none before the service has started."""
    if BOOKS not in app:
        return
    if difference := app[BOOKS].difference:
        yield Alarm("books.alarm", "/books", "books", values={"count": difference})
    if app[AUDIT].holds is False:
        yield Alarm("audit.alarm", "/audit", "audit", Role.ADMIN)
    waiting = app[WAITING]
    if waiting.is_late and waiting.oldest:
        values = {
            "ago": ago(waiting.oldest, language, texts),
            "target": f"{waiting.target.total_seconds() / 60:g}",
        }
        yield Alarm("statistics.alarm", "/statistics", "statistics", values=values)
