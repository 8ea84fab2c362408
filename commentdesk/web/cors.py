"""CORS for the newsroom's sites alone; origins are compared as origins, not as text."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from commentdesk.domain.addresses import Origin

_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Accept-Language",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
}


def cors(allowed: frozenset[Origin]) -> Middleware:
    """Name the caller's origin in the answer if it is one of `allowed`; no credentials ever."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        preflight = (
            request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        )
        response = web.Response(status=204) if preflight else await handler(request)
        if not response.prepared:
            response.headers.add("Vary", "Origin")
            origin = request.headers.get("Origin")
            if origin and is_allowed(origin, allowed):
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers.update(_HEADERS)
        return response

    return middleware


def is_allowed(url: str, allowed: frozenset[Origin]) -> bool:
    """Whether the URL's origin is among the allowed."""
    try:
        return Origin.parse(url) in allowed
    except ValueError:
        return False
