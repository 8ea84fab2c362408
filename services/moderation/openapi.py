"""The desk's JSON API as OpenAPI 3.1; the pages are for people and not described."""

from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS
from commentdesk.ledger.books import PLACES
from commentdesk.web.openapi import PROBLEM
from services.moderation.bans import BAN, BanBody
from services.moderation.openapi_desk import desk_paths, desk_schemas
from services.moderation.openapi_parts import (
    NUMBER,
    SESSION,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    Schema,
    a_list,
    an_object,
    answers,
    cursor_in_query,
    id_in_path,
    posts,
    reads,
    ref,
)
from services.moderation.policies import SCOPE_PATTERN, PolicyBody


def document() -> Schema:
    """The document, without its version line."""
    policy = PolicyBody.model_json_schema()
    return {
        "info": {"title": "Commentdesk moderation", "version": "1"},
        "paths": _paths(),
        "components": {
            "schemas": {
                **desk_schemas(),
                "BanBody": BanBody.model_json_schema(),
                "PolicyBody": {**policy, "minProperties": 1},
                **_schemas(),
            },
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
    return {**desk_paths(), **_figures(), **_policies(), **_bans()}


def _figures() -> Schema:
    return {
        "/v1/stats": {"get": reads("Counts by view and by state", "Stats")},
        "/v1/books": {"get": reads("All ever received, and the place each is in", "Books")},
    }


def _policies() -> Schema:
    scope = {"type": "string", "pattern": f"^({SCOPE_PATTERN})$"}
    written = {
        "security": SESSION,
        "responses": answers("ScopePolicy", 401, 403, 404),
    }
    return {
        "/v1/policies": {"get": reads("The site's policy, and every override", "Policies")},
        "/v1/policies/{scope}": {
            "parameters": [{"name": "scope", "in": "path", "required": True, "schema": scope}],
            "get": reads("What holds there, and what it says itself", "ScopePolicy", fails=(404,)),
            "put": posts("Say this instead; for admins", "PolicyBody", "ScopePolicy", (404, 422)),
            "delete": {"summary": "Say nothing; for admins", **written},
        },
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


def _schemas() -> Schema:
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
        "Bans": an_object(items=a_list(ref("Ban")), next=TEXT_OR_NULL),
        "Ban": BAN,
        "BanMade": {
            "allOf": [ref("Ban"), an_object(batch=TEXT_OR_NULL, rejected=NUMBER)],
            "description": "With what was rejected of the same, to be undone by its batch",
        },
        "Lifted": an_object(id=TEXT, lifted={"const": True}),
        "Policies": an_object(
            site=_policy(), items=a_list(an_object(**_override())), next={"type": "null"}
        ),
        "ScopePolicy": an_object(scope=TEXT, holds=_policy(), says={"type": "object"}),
        "Problem": PROBLEM,
    }


def _policy() -> Schema:
    return an_object(
        hold_one_in={"enum": list(HOLD_STEPS)},
        reject_one_in={"enum": list(REJECT_STEPS)},
        publish_clean={"type": "boolean"},
    )


def _override() -> dict[str, Schema]:
    return {"scope": TEXT, "says": {"type": "object"}, "actor": TEXT, "at": TIME}
