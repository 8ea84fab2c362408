"""What the three services promise: their routes, their OpenAPI documents, who calls them."""

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from commentdesk.web.health import ROUTES as COMMON
from services.articles.openapi import document as articles_document
from services.articles.views import ROUTES as ARTICLES
from services.intake.openapi import OPENAPI as INTAKE_DOCUMENT
from services.intake.views import ROUTES as INTAKE
from services.moderation.openapi import document as moderation_document
from services.moderation.routes import guarded_routes

ROUTES: dict[str, list[web.AbstractRouteDef]] = {
    "intake": [*COMMON, *INTAKE],
    "moderation": [*COMMON, *guarded_routes()],
    "articles": [*COMMON, *ARTICLES],
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "intake": {"openapi": "3.1.0", **INTAKE_DOCUMENT},
    "moderation": {"openapi": "3.1.0", **moderation_document()},
    "articles": {"openapi": "3.1.0", **articles_document()},
}
Call = tuple[str, str]


def calls(service: str) -> list[Call]:
    """Every method and path of the service as its router has them; HEAD comes with each GET."""
    app = web.Application()
    app.add_routes(ROUTES[service])
    return sorted(
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    )


def documented(service: str) -> Iterator[Call]:
    """Every method and path of the service's OpenAPI document."""
    for path, item in DOCUMENTS[service]["paths"].items():
        yield from ((method.upper(), path) for method in item if method != "parameters")
