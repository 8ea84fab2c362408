"""What every service's OpenAPI document says of problems, said once."""

from http import HTTPStatus
from typing import Any

_TEXT = {"type": "string"}
_NEEDED_HEADERS: dict[HTTPStatus, dict[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": _TEXT},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": {"type": "integer", "minimum": 1}},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": {"type": "integer", "minimum": 1}},
}

# What a body can be refused for before anyone looks at what it says.
BODY_STATUSES = (400, 413, 415)

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457, in the caller's language; `errors` has an entry for each wrong field",
    "required": ["type", "title", "status", "code", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {"field": _TEXT, "code": _TEXT, "message": _TEXT},
            },
        },
    },
}


def problems(*statuses: int) -> dict[str, Any]:
    """The answers with these statuses, and 503, which any call gets while a database is away."""
    return {str(int(status)): _problem(HTTPStatus(status)) for status in [*sorted(statuses), 503]}


def _problem(status: HTTPStatus) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    headers = _NEEDED_HEADERS.get(status, {})
    return {
        "description": status.phrase,
        "headers": {name: {"required": True, "schema": kind} for name, kind in headers.items()},
        "content": {"application/problem+json": {"schema": schema}},
    }
