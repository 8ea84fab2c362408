"""The article store, wired together."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from commentdesk.database import Database
from commentdesk.languages import added_files
from commentdesk.live import Live
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Texts, create_service
from commentdesk.web.streams import Streams
from services.articles.answers import Answers
from services.articles.keys import (
    ANSWERS,
    DATABASE,
    LIVE,
    PAGES,
    READERS,
    STAMP,
    STREAMS,
    TEXTS,
    VERSIONS,
    VIEW_COUNT,
)
from services.articles.openapi import document
from services.articles.page import Pages
from services.articles.readers import Readers
from services.articles.versions import Versions
from services.articles.viewcount import ViewCount
from services.articles.views import ROUTES

FOLDER = Path(__file__).parent
MIGRATIONS = FOLDER / "migrations"
# Room for two hundred of the longest comments intake can accept, each escaped as \uXXXX. The
# token is asked for before a body is read.
MAX_BYTES = 48 * 2**20


def create_app(settings: Settings) -> web.Application:
    """The application; it opens nothing until it is started."""
    texts = Texts("articles", settings)
    app = create_service(
        settings, "articles", ROUTES, document(), ready=ready, texts=texts, max_bytes=MAX_BYTES
    )
    app[TEXTS] = texts
    app[PAGES] = Pages(settings, texts)
    app[ANSWERS] = Answers()
    app[READERS] = Readers(settings.zone, settings.trusted_proxies)
    app[STAMP] = _stamp(settings)
    app[STREAMS] = Streams()
    app.cleanup_ctx.extend([_with_database, _with_live, _with_view_count])
    app.on_response_prepare.append(_readable_by_every_site)
    app.on_shutdown.append(_end_streams)
    return app


async def ready(app: web.Application) -> dict[str, str]:
    """The database is needed; without Redis live updates reach this process's readers alone."""
    live = "ok" if app[LIVE].healthy else "degraded: announcements stay in this process"
    try:
        await app[DATABASE].ping()
    except (SQLAlchemyError, OSError):
        return {"database": "down", "live": live}
    return {"database": "ok", "live": live}


def _stamp(settings: Settings) -> str:
    """Another one after an upgrade or where settings show on the page."""
    shown = (settings.site_name, settings.intake_url, settings.articles_url, settings.time_zone)
    digest = hashlib.sha256(repr((*shown, settings.default_language)).encode())
    own = (path for path in sorted(FOLDER.rglob("*")) if path.suffix in {".py", ".html", ".json"})
    for path in (*own, *added_files(settings.texts_folder)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def _with_database(app: web.Application) -> AsyncIterator[None]:
    app[DATABASE] = Database(app[SETTINGS].articles_database_url)
    app[VERSIONS] = Versions(app[DATABASE])
    yield
    await app[DATABASE].close()


async def _with_live(app: web.Application) -> AsyncIterator[None]:
    app[LIVE] = Live(app[SETTINGS].redis_url)
    await app[LIVE].start()
    yield
    await app[LIVE].close()


async def _with_view_count(app: web.Application) -> AsyncIterator[None]:
    app[VIEW_COUNT] = ViewCount(app[DATABASE])
    stopping = asyncio.Event()
    flushing = asyncio.create_task(app[VIEW_COUNT].keep_flushing(stopping))
    yield
    stopping.set()
    await flushing


async def _readable_by_every_site(request: web.Request, response: web.StreamResponse) -> None:
    """What everyone may read, a page of any site may show; nothing here knows who asks."""
    if request.method in {"GET", "HEAD"} and request.path.startswith("/v1/"):
        response.headers["Access-Control-Allow-Origin"] = "*"


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].stop()
