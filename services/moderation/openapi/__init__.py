"""The console's JSON API as OpenAPI 3.1; the pages are for people and not described."""

from commentdesk.ledger.books import PLACES
from commentdesk.web.openapi import (
    NUMBER,
    PROBLEM,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    a_list,
    an_object,
    ref,
)
from services.moderation.desk.bans import BAN, BanBody
from services.moderation.openapi import desk, looks, oversight, rules
from services.moderation.openapi.parts import (
    SESSION,
    answers,
    cursor_in_query,
    id_in_path,
    posts,
    reads,
)


def document() -> Schema:
    """The document, without its version line."""
    return {
        "info": {"title": "Commentdesk moderation", "version": "1"},
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "commentdesk_session",
                    "description": "With https __Host-commentdesk_session. Every call but a "
                    "GET also needs the session's token in X-CSRF-Token.",
                },
                "serviceToken": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _paths() -> Schema:
    return {
        **desk.paths(),
        **_figures(),
        **_bans(),
        **rules.paths(),
        **looks.PATHS,
        **oversight.paths(),
    }


def _schemas() -> Schema:
    return {
        **desk.schemas(),
        **_figures_and_bans(),
        **rules.schemas(),
        **looks.SCHEMAS,
        **oversight.schemas(),
        "Problem": PROBLEM,
    }


def _figures() -> Schema:
    return {
        "/v1/stats": {"get": reads("Counts by view and by state", "Stats")},
        "/v1/books": {"get": reads("All ever received, and the place each is in", "Books")},
    }


def _bans() -> Schema:
    lifted = {"security": SESSION, "responses": answers("Lifted", 401, 403, 404)}
    return {
        "/v1/bans": {
            "get": {
                **reads("Bans, the newest first", "Bans", [cursor_in_query()], fails=(400,)),
                "security": SESSION,
            },
            "post": posts("Ban what a submission holds", "BanBody", "BanMade", (404, 422)),
        },
        "/v1/bans/{id}": {
            "parameters": [id_in_path()],
            "delete": {"summary": "Lift it", **lifted},
        },
    }


def _figures_and_bans() -> Schema:
    return {
        "Books": an_object(
            received=NUMBER,
            places=an_object(**dict.fromkeys([*PLACES.values(), "stuck"], NUMBER)),
            difference=NUMBER,
        ),
        "Stats": an_object(
            counts={"type": "object", "additionalProperties": NUMBER},
            waiting_since={"type": ["string", "null"], "format": "date-time"},
        ),
        "BanBody": BanBody.model_json_schema(),
        "Bans": an_object(items=a_list(ref("Ban")), next=TEXT_OR_NULL),
        "Ban": BAN,
        "BanMade": {
            "allOf": [ref("Ban"), an_object(batch=TEXT_OR_NULL, rejected=NUMBER)],
            "description": "With what was rejected of the same, to be undone by its batch",
        },
        "Lifted": an_object(id=TEXT, lifted={"const": True}),
    }
