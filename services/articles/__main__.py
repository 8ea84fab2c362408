"""`python -m services.articles` serves; `… migrate` prepares the database; `… demo` fills it."""

import asyncio
import sys

from commentdesk.database import Database, migrate
from commentdesk.settings import Settings, read_settings
from commentdesk.web import run
from services.articles.app import MIGRATIONS, create_app
from services.articles.demo import insert_demo


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            run(create_app, "articles", "articles_port")
        case ["migrate"]:
            migrate(read_settings().articles_database_url, MIGRATIONS)
        case ["demo"]:
            asyncio.run(_demo(read_settings()))
        case _:
            sys.exit("usage: python -m services.articles [migrate | demo]")


async def _demo(settings: Settings) -> None:
    database = Database(settings.articles_database_url)
    try:
        await insert_demo(database)
    finally:
        await database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
