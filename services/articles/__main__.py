"""`python -m services.articles` serves; `… migrate` prepares the database; `… demo` fills it.

`… dump` and `… load` are the article store's part of backups.
"""

import asyncio
import sys
from pathlib import Path

from commentdesk.database import Database, migrate, reach
from commentdesk.settings import Settings, read_settings
from commentdesk.snapshot import run_plainly
from commentdesk.web import run
from services.articles.app import MIGRATIONS, create_app
from services.articles.backup import dump_articles, load_articles
from services.articles.demo import insert_demo


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            run(create_app, "articles", "articles_port")
        case ["migrate"]:
            url = read_settings().articles_database_url
            run_plainly(reach(url))
            migrate(url, MIGRATIONS)
        case ["demo"]:
            asyncio.run(_demo(read_settings()))
        case ["dump", file]:
            run_plainly(dump_articles(read_settings(), Path(file)))
        case ["load", file]:
            run_plainly(load_articles(read_settings(), Path(file)))
        case _:
            sys.exit("usage: python -m services.articles [migrate | demo | dump FILE | load FILE]")


async def _demo(settings: Settings) -> None:
    database = Database(settings.articles_database_url)
    try:
        await insert_demo(database)
    finally:
        await database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
