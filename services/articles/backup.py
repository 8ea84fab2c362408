"""The article store's part of a backup."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import Database
from commentdesk.settings import Settings
from commentdesk.snapshot import Part, both_agreed, dump, load, say
from services.articles.app import MIGRATIONS

PART = Part("articles", MIGRATIONS)


async def dump_articles(settings: Settings, file: Path) -> None:
    """Add the articles and their comments to the backup."""
    database = Database(settings.articles_database_url)
    try:
        say(await dump(database, PART, file))
    finally:
        await database.close()


async def load_articles(settings: Settings, file: Path) -> None:
    """Fill an empty article store; committed when standard input says so."""
    database = Database(settings.articles_database_url)
    try:
        await load(database, PART, file, _as_it_is, both_agreed)
    finally:
        await database.close()


async def _as_it_is(_connection: AsyncConnection) -> None:
    pass
