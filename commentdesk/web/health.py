"""/healthz (alive), /readyz (able to serve, and what is degraded), /metrics, /openapi.json."""

import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

Readiness = Callable[[web.Application], Awaitable[dict[str, str]]]
READINESS: web.AppKey[Readiness] = web.AppKey("readiness")
OPENAPI: web.AppKey[dict[str, Any]] = web.AppKey("openapi")
REQUIRED = "down"

REQUESTS = Counter(
    "commentdesk_http_requests_total", "Requests answered", ["method", "route", "status"]
)
SECONDS = Histogram("commentdesk_http_request_seconds", "Seconds to answer", ["route"])


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every answer by its route's pattern, never by its path."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unmatched"
    requests, seconds = _metrics(request.method, route, response.status)
    requests.inc()
    seconds.observe(time.perf_counter() - started)
    return response


@lru_cache(maxsize=1_024)
def _metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Those of one kind of answer; the library takes longer to find them than to count."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


async def healthz(_request: web.Request) -> web.Response:
    """200 as long as the process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Each part as ok, degraded … or down; 503 where one is down."""
    parts = await request.app[READINESS](request.app)
    down = any(state.startswith(REQUIRED) for state in parts.values())
    body = {"status": "down" if down else "ok", "parts": parts}
    return web.json_response(body, status=503 if down else 200)


async def metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def openapi(request: web.Request) -> web.Response:
    return web.json_response(request.app[OPENAPI])


ROUTES = [
    web.get("/healthz", healthz),
    web.get("/readyz", readyz),
    web.get("/metrics", metrics),
    web.get("/openapi.json", openapi),
]
