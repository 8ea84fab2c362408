"""Wiring of the intake service."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from commentdesk.articlestore import BuiltinStore
from commentdesk.ledger import Ledger
from commentdesk.limits import Limits
from commentdesk.live import Live
from commentdesk.queues import Queues
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Texts, create_service, templates
from commentdesk.web.language import TEXTS
from services.intake import keys
from services.intake.admission import GroupCommit
from services.intake.burnt import BurntCaptchas
from services.intake.captcha.minting import CaptchaMint
from services.intake.captcha.surge import Surge
from services.intake.captcha.work import Works
from services.intake.code_budget import CodeBudget
from services.intake.code_dispatch import CodeDispatch
from services.intake.code_senders import open_sender
from services.intake.code_store import PURPOSE as CODES_PURPOSE
from services.intake.code_store import CodeStore
from services.intake.facts import PURPOSE as FACTS_PURPOSE
from services.intake.facts import CarriedFacts
from services.intake.known_articles import KnownArticles
from services.intake.mint import PURPOSE
from services.intake.newsroom import Newsroom
from services.intake.openapi import OPENAPI
from services.intake.studio import Studio
from services.intake.views import ROUTES

_HERE = Path(__file__).parent


def create_app(settings: Settings) -> web.Application:
    """The service, opening what it needs when it starts and closing it when it stops."""
    app = create_service(
        settings,
        "intake",
        ROUTES,
        OPENAPI,
        ready=_ready,
        texts=Texts("intake", settings),
        public_origins=True,
    )
    secret = settings.secret.get_secret_value()
    app[keys.CAPTCHAS] = CaptchaMint(Sealing(secret, PURPOSE), settings.captcha_seconds)
    app[keys.WORKS] = Works(secret)
    app[keys.FACTS] = CarriedFacts(Sealing(secret, FACTS_PURPOSE))
    app[keys.TEMPLATES] = templates(_HERE / "templates", site_name=settings.site_name)
    # The studio first: it gets ready while the rest is opened.
    app.cleanup_ctx.extend([_open_studio, _open])
    if settings.asks_for_codes:
        app.cleanup_ctx.append(_open_codes)
    return app


async def _open_studio(app: web.Application) -> AsyncIterator[None]:
    app[keys.STUDIO] = studio = Studio()
    studio.start()
    yield
    await studio.close()


async def _open(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    store = BuiltinStore(settings.store_url, settings.service_token.get_secret_value())
    ledger, live, queues = Ledger(settings), Live(settings.redis_url), Queues(settings)
    burnt = BurntCaptchas(settings.redis_url, settings.captcha_seconds)
    commits = GroupCommit(ledger, queues, live, burnt)
    app[keys.LEDGER], app[keys.LIVE], app[keys.QUEUES] = ledger, live, queues
    app[keys.BURNT], app[keys.COMMITS] = burnt, commits
    app[keys.LIMITS] = Limits(settings.redis_url, enabled=settings.limits)
    app[keys.NEWSROOM] = Newsroom(ledger)
    app[keys.ARTICLES] = KnownArticles(store, ledger, app[keys.NEWSROOM])
    app[keys.SURGE] = surge = Surge(settings)
    await commits.start()
    surge.start()
    yield
    await surge.close()
    await commits.close()
    await live.close()
    await burnt.close()
    await store.close()
    await ledger.close()
    queues.close()


async def _open_codes(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    sealing = Sealing(settings.secret.get_secret_value(), CODES_PURPOSE)
    store, budget = CodeStore(settings, sealing), CodeBudget(settings, sealing)
    dispatch = CodeDispatch(settings, app[TEXTS], store, budget, open_sender(settings))
    app[keys.CODE_STORE], app[keys.CODE_BUDGET], app[keys.CODE_DISPATCH] = store, budget, dispatch
    dispatch.start()
    yield
    await dispatch.close()
    await store.close()


async def _ready(app: web.Application) -> dict[str, str]:
    parts = {"ledger": "ok", "redis": "ok", "limits": "ok", "captchas": app[keys.SURGE].told()}
    if not app[keys.STUDIO].is_well:
        parts["captchas"] = "degraded: no picture or sound can be made now"
    try:
        await app[keys.LEDGER].database.ping()
    except Exception as error:
        parts["ledger"] = f"down: {type(error).__name__}"
    if not app[keys.BURNT].healthy or not await _redis_answers(app):
        parts["redis"] = "degraded: away; attempts, limits and live updates in this process only"
    if not app[SETTINGS].limits:
        parts["limits"] = "degraded: switched off"
    if app[SETTINGS].asks_for_codes and app[SETTINGS].phone_code_sender == "console":
        parts["phone_codes"] = "degraded: written to the log, sent to nobody"
    return parts


async def _redis_answers(app: web.Application) -> bool:
    await app[keys.BURNT].among(["readiness"])
    return app[keys.BURNT].healthy
