"""Wiring of the moderation service."""

from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from commentdesk.ledger import Ledger
from commentdesk.limits import Limits
from commentdesk.live import Live
from commentdesk.queues import Queues
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Texts, create_service
from commentdesk.web.streams import Streams
from services.moderation.accounts.openid import Provider
from services.moderation.desk.departures import Departures
from services.moderation.desk.presence import Presence
from services.moderation.keys import (
    AUDIT,
    BOOKS,
    DEPARTURES,
    FIGURES,
    LEDGER,
    LIMITS,
    LIVE,
    OPENID,
    PRESENCE,
    QUEUES,
    STREAMS,
    WAITING,
)
from services.moderation.openapi import document
from services.moderation.oversight.audit_watch import AuditWatch
from services.moderation.oversight.bookkeeper import Bookkeeper
from services.moderation.oversight.figures import RecentFigures
from services.moderation.oversight.waiting_watch import WaitingWatch
from services.moderation.oversight.watch import Watch
from services.moderation.pages import CONSOLE, Console, page_problems
from services.moderation.routes import guarded_routes


def create_app(settings: Settings) -> web.Application:
    """The service, opening what it needs when it starts and closing it when it stops."""
    texts = Texts("moderation", settings)
    app = create_service(
        settings, "moderation", guarded_routes(), document(), ready=_ready, texts=texts
    )
    app.middlewares.append(page_problems)
    app[CONSOLE] = Console(settings, texts)
    app[STREAMS] = Streams()
    app.cleanup_ctx.append(_open)
    if settings.oidc_issuer:
        app.cleanup_ctx.append(_open_provider)
    app.on_response_prepare.append(_for_one_person)
    app.on_shutdown.append(_end_streams)
    return app


async def _open(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    ledger, live, queues = Ledger(settings), Live(settings.redis_url), Queues(settings)
    app[LEDGER], app[LIVE], app[QUEUES] = ledger, live, queues
    app[LIMITS] = Limits(settings.redis_url, enabled=settings.limits)
    app[DEPARTURES], app[PRESENCE] = Departures(queues), Presence()
    app[FIGURES] = RecentFigures(ledger, settings.zone)
    app[BOOKS], app[AUDIT] = Bookkeeper(ledger), AuditWatch(ledger)
    app[WAITING] = WaitingWatch(ledger, timedelta(minutes=settings.waiting_target_minutes))
    watches: tuple[Watch, ...] = app[BOOKS], app[AUDIT], app[WAITING]
    await live.start()
    for watch in watches:
        await watch.start()
    yield
    for watch in watches:
        await watch.close()
    app[DEPARTURES].close()
    await live.close()
    queues.close()
    await ledger.close()


async def _open_provider(app: web.Application) -> AsyncIterator[None]:
    app[OPENID] = Provider(app[SETTINGS])
    yield
    await app[OPENID].close()


async def _ready(app: web.Application) -> dict[str, str]:
    """The ledger is needed; without Redis decisions still count and are carried out later."""
    parts = {"ledger": "ok", "redis": "ok", "limits": "ok"}
    try:
        await app[LEDGER].database.ping()
    except (SQLAlchemyError, OSError) as error:
        parts["ledger"] = f"down: {type(error).__name__}"
    if not app[LIVE].healthy:
        parts["redis"] = "degraded: away; live updates and limits in this process only"
    if not app[SETTINGS].limits:
        parts["limits"] = "degraded: switched off"
    return parts


async def _for_one_person(_request: web.Request, response: web.StreamResponse) -> None:
    """What the desk shows is no cache's to keep; its static files say nothing of anybody."""
    if not isinstance(response, web.FileResponse):
        response.headers["Cache-Control"] = "no-store"


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].stop()
