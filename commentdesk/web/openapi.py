"""What every service's OpenAPI document is put together from, and what all say of problems."""

from http import HTTPStatus
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_NEEDED_HEADERS: dict[HTTPStatus, Schema] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": TEXT},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": {"type": "integer", "minimum": 1}},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": {"type": "integer", "minimum": 1}},
}

# What a body can be refused for before anyone looks at what it says.
BODY_STATUSES = (400, 413, 415)

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457, in the caller's language; `errors` has an entry for each wrong field",
    "required": ["type", "title", "status", "code", "errors"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "code": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {"field": TEXT, "code": TEXT, "message": TEXT},
            },
        },
    },
}


def an_object(**properties: Schema) -> Schema:
    """All of them are there."""
    return {"type": "object", "required": list(properties), "properties": properties}


def a_list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    """A schema of the document's own, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def a_body(name: str) -> Schema:
    """A body of JSON, by its schema's name."""
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def problems(*statuses: int) -> Schema:
    """The answers with these statuses, and 503, which any call gets while a database is away."""
    return {str(int(status)): _problem(HTTPStatus(status)) for status in [*sorted(statuses), 503]}


def _problem(status: HTTPStatus) -> Schema:
    headers = _NEEDED_HEADERS.get(status, {})
    return {
        "description": status.phrase,
        "headers": {name: {"required": True, "schema": kind} for name, kind in headers.items()},
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
