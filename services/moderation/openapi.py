"""The desk's JSON API as OpenAPI 3.1; the pages are for people and not described."""

from typing import Any

from commentdesk.domain.state import State
from commentdesk.ledger.books import PLACES
from commentdesk.ledger.order import CURSOR_PATTERN, SORTS
from commentdesk.web.openapi import BODY_STATUSES, PROBLEM, problems
from services.moderation import oversight
from services.moderation.api import DecisionBody
from services.moderation.bans import BAN, BanBody
from services.moderation.findings import FINDING
from services.moderation.openapi_looks import PATHS, SCHEMAS
from services.moderation.rules import openapi as rules

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_NUMBER: Schema = {"type": "integer"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_SESSION: list[dict[str, list[str]]] = [{"session": []}]
_READER: list[dict[str, list[str]]] = [{"session": []}, {"serviceToken": []}]
_STATES = [str(state) for state in State]


def document() -> Schema:
    """The document, without its version line."""
    body = DecisionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    nested = body.pop("$defs")
    return {
        "info": {"title": "Commentdesk moderation", "version": "1"},
        "paths": _paths(),
        "components": {
            "schemas": {
                **nested,
                "DecisionBody": body,
                "BanBody": BanBody.model_json_schema(),
                **(SCHEMAS | _schemas()),
                **oversight.schemas(),
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
    looks = PATHS
    return {**_reading(), **_deciding(), **_bans(), **rules.paths(), **looks, **oversight.paths()}


def _reading() -> Schema:
    return {
        "/v1/submissions": {
            "get": _reads("Submissions, oldest first", "Submissions", _query(), fails=(400, 422))
        },
        "/v1/submissions/{id}": {
            "parameters": [_id()],
            "get": _reads("One submission with findings and history", "History", fails=(404,)),
        },
        "/v1/events": {"get": _streams()},
        "/v1/stats": {"get": _reads("Counts by state", "Stats")},
        "/v1/books": {"get": _reads("All ever received, and the place each is in", "Books")},
    }


def _deciding() -> Schema:
    return {
        "/v1/submissions/{id}/reveal": {
            "parameters": [_id()],
            "post": _posts(
                "Phone and address in full; written to the audit", None, "Revealed", fails=(404,)
            ),
        },
        "/v1/submissions/{id}/erase": {
            "parameters": [_id()],
            "post": _posts("Forget it for good; for admins", None, "Erased", fails=(404,)),
        },
        "/v1/decisions": {
            "post": _posts(
                "Decide; 409 if a single item was decided meanwhile, with that decision",
                "DecisionBody",
                "Results",
                fails=(404, 409, 422),
            )
        },
    }


def _bans() -> Schema:
    lifted = {"security": _SESSION, "responses": _answers("Lifted", 401, 403, 404)}
    return {
        "/v1/bans": {
            "get": {
                **_reads("Bans, the newest first", "Bans", [_cursor()], fails=(400,)),
                "security": _SESSION,
            },
            "post": _posts("Ban what a submission holds", "BanBody", "Ban", (404, 422)),
        },
        "/v1/bans/{id}": {
            "parameters": [_id()],
            "delete": {"summary": "Lift it", **lifted},
        },
    }


def _reads(
    summary: str,
    schema: str,
    parameters: list[Schema] | None = None,
    fails: tuple[int, ...] = (),
) -> Schema:
    return {
        "summary": summary,
        "security": _READER,
        "parameters": parameters or [],
        "responses": _answers(schema, 401, *fails),
    }


def _posts(summary: str, body: str | None, schema: str, fails: tuple[int, ...]) -> Schema:
    content = {"application/json": {"schema": _ref(body) if body else {"type": "object"}}}
    return {
        "summary": summary,
        "security": _SESSION,
        "requestBody": {"required": True, "content": content},
        "responses": _answers(schema, 401, 403, *BODY_STATUSES, *fails),
    }


def _streams() -> Schema:
    summary = "Live stream; event `change` with data {type, id, article, state}"
    answer = {"description": summary, "content": {"text/event-stream": {"schema": _TEXT}}}
    return {
        "summary": summary,
        "security": _SESSION,
        "responses": {"200": answer, **problems(401)},
    }


def _answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": _ref(schema)}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def _id() -> Schema:
    schema = {"type": "string", "format": "uuid"}
    return {"name": "id", "in": "path", "required": True, "schema": schema}


def _cursor() -> Schema:
    schema = {"type": "string", "pattern": "^([0-9a-f-]{36})?$"}
    return {"name": "cursor", "in": "query", "schema": schema}


def _query() -> list[Schema]:
    kinds: dict[str, Schema] = {
        # Empty is unsaid, as a form sends it.
        "state": {"enum": [*_STATES, "all", ""]},
        "article": _TEXT,
        "q": _TEXT,
        "sort": {"enum": [*SORTS, ""]},
        "cursor": {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    }
    return [{"name": name, "in": "query", "schema": kind} for name, kind in kinds.items()]


def _schemas() -> Schema:
    return {
        "Submission": _object(**_submission()),
        "History": _object(**_submission(), history=_array(_ref("AuditRow"))),
        "Submissions": _object(items=_array(_ref("Submission")), next=_TEXT_OR_NULL),
        "Results": _object(results=_array(_result())),
        "Revealed": _object(phone=_TEXT, address=_TEXT),
        "Erased": _object(id=_TEXT, state={"const": str(State.ERASED)}),
        "Books": _object(
            received=_NUMBER,
            places=_object(**dict.fromkeys([*PLACES.values(), "stuck"], _NUMBER)),
            difference=_NUMBER,
        ),
        "Stats": _object(
            counts={"type": "object", "additionalProperties": _NUMBER},
            waiting_since={"type": ["string", "null"], "format": "date-time"},
        ),
        "Bans": _object(items=_array(_ref("Ban")), next=_TEXT_OR_NULL),
        "Ban": BAN,
        "Lifted": _object(id=_TEXT, lifted={"const": True}),
        "Decision": {"type": ["object", "null"]},
        "Finding": FINDING,
        **rules.schemas(),
        "Problem": PROBLEM,
    }


def _submission() -> Schema:
    return {
        "id": _TEXT,
        "version": _NUMBER,
        "state": {"enum": _STATES},
        "article_id": _TEXT,
        "article_title": _TEXT,
        "name": _TEXT,
        "title": _TEXT,
        "content": _TEXT,
        "language": _TEXT,
        "parent_id": _TEXT_OR_NULL,
        "received_at": _TIME,
        "phone_masked": _TEXT_OR_NULL,
        "phone_proven": {
            "type": "boolean",
            "description": "The reader typed the code that was sent to the phone",
        },
        "address_masked": _TEXT_OR_NULL,
        "score": {"type": ["number", "null"]},
        "findings": _array(_ref("Finding")),
        "decision": _ref("Decision"),
        "work": _TEXT_OR_NULL,
        "stuck": {"type": "boolean"},
        "error": _TEXT_OR_NULL,
        "attempts": _NUMBER,
        "campaign": {
            **_TEXT_OR_NULL,
            "description": "The first of those with the same or nearly the same text",
        },
    }


def _result() -> Schema:
    return _object(
        id=_TEXT,
        result={"enum": ["done", "conflict", "unknown", "impossible"]},
        state=_TEXT_OR_NULL,
        version={"type": ["integer", "null"]},
        decision=_ref("Decision"),
    )


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
