"""Making and running a service."""

import functools
import hmac
import sys
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from commentdesk.log import configure, log
from commentdesk.settings import Settings, read_settings
from commentdesk.web import body, connections, health
from commentdesk.web.cors import cors
from commentdesk.web.errors import Problem, problems
from commentdesk.web.lag import watch_lag
from commentdesk.web.language import TEXTS, Texts

SETTINGS = web.AppKey("settings", Settings)
_LINGERING_SECONDS = 10.0
# aiohttp waits this long twice, first for answers, then for bodies still being read; both must
# fit into the seconds a service is given to stop (commentdesk/processes.py).
ANSWER_SECONDS = 10.0


def create_service(  # noqa: PLR0913
    settings: Settings,
    name: str,
    routes: Sequence[web.AbstractRouteDef],
    openapi: dict[str, Any],
    *,
    ready: health.Readiness,
    texts: Texts,
    public_origins: bool = False,
    max_bytes: int = body.MAX_BYTES,
) -> web.Application:
    """An application with this house's errors, health, metrics and, if asked, CORS."""
    middlewares: list[Middleware] = [health.measure, problems]
    if public_origins:
        middlewares.insert(0, cors(settings.allowed_origins))
    app = web.Application(middlewares=middlewares, client_max_size=max_bytes)
    app[SETTINGS] = settings
    app[TEXTS] = texts
    app[body.SECONDS] = settings.body_seconds
    app[health.READINESS] = ready
    app[health.OPENAPI] = {"openapi": "3.1.0", **openapi}
    app.add_routes([*health.ROUTES, *routes])
    app.on_response_prepare.append(_taken_at_its_word)
    app.cleanup_ctx.append(watch_lag)
    app.on_response_prepare.append(_answers_must_be_taken)
    log.debug("service_made", service=name)
    return app


async def _taken_at_its_word(_request: web.Request, response: web.StreamResponse) -> None:
    """No browser may find a script or a page in what we call something else."""
    response.headers["X-Content-Type-Options"] = "nosniff"


def service_only(handler: Handler) -> Handler:
    """Let only callers with the service token in."""

    @functools.wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not has_service_token(request):
            raise Problem(401, "unauthorized")
        return await handler(request)

    return guarded


def has_service_token(request: web.Request) -> bool:
    """Whether the caller is one of this installation's servers."""
    token = request.app[SETTINGS].service_token.get_secret_value()
    return same_secret(request.headers.get("Authorization", ""), f"Bearer {token}")


def same_secret(offered: str, expected: str) -> bool:
    """Compare without telling by the time how much of it was right."""
    # Header bytes that are no UTF-8 come as surrogates.
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), expected.encode())


def run(create_app: Callable[[Settings], web.Application], name: str, port_field: str) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    settings = read_settings()
    configure(name, settings.log_level)
    connections.keep_nonsense_out_of_the_log()
    connections.allow_many()
    # A thread that works beside the loop lets it go on after half a millisecond, not after five.
    sys.setswitchinterval(0.0005)
    web.run_app(
        create_app(settings),
        host=settings.host,
        port=getattr(settings, port_field),
        access_log=None,
        print=None,
        # Room for a crowd to wait in while the loop is busy; others try again after a second.
        backlog=1_024,
        shutdown_timeout=ANSWER_SECONDS,
        keepalive_timeout=settings.idle_seconds,
        # What is left of a refused body is read and thrown away: closing at once would reset the
        # connection before the sender has read why.
        lingering_time=min(_LINGERING_SECONDS, settings.body_seconds),
        handler_cancellation=False,
        # Packed bodies are refused; aiohttp would unpack them even while throwing them away.
        auto_decompress=False,
    )


async def _answers_must_be_taken(request: web.Request, _response: web.StreamResponse) -> None:
    connections.drop_if_not_taken(request, request.app[SETTINGS].idle_seconds)
