"""Receipts in OpenAPI's words."""

from typing import Any

from commentdesk.domain.receipt_code import PATTERN
from commentdesk.web.openapi import BODY_STATUSES, problems
from services.intake.forms import FIELDS, WORDING
from services.intake.receipt_words import STATUSES

Schema = dict[str, Any]
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_TIME = {"type": "string", "format": "date-time"}
_TIME_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
_GIVEN: dict[str, Schema] = {
    "code": {"type": "string", "pattern": f"^{PATTERN}$"},
    "url": {**_TEXT, "description": "The page for people"},
    "editable_until": _TIME_OR_NULL,
}
_RECEIPT: dict[str, Schema] = {
    "code": _TEXT,
    "id": _TEXT,
    "article": _TEXT,
    "article_url": _TEXT,
    "status": {"enum": list(STATUSES)},
    "reason": {
        **_TEXT_OR_NULL,
        "description": "Why it was refused or removed, a sentence in the caller's language",
    },
    "name": _TEXT,
    "title": _TEXT,
    "content": _TEXT,
    "parent_id": _TEXT_OR_NULL,
    "received_at": _TIME,
    "editable_until": {**_TIME_OR_NULL, "description": "null: it can no longer be changed"},
    "permalink": {**_TEXT_OR_NULL, "description": "Where it stands, once it is published"},
}
SCHEMAS: dict[str, Schema] = {
    "GivenReceipt": {"type": "object", "required": list(_GIVEN), "properties": _GIVEN},
    "Receipt": {"type": "object", "required": list(_RECEIPT), "properties": _RECEIPT},
    "Correction": {
        "type": "object",
        "description": "Without a name, the name stays; a title where the site asks for one",
        "required": ["title", "content"],
        "properties": {
            field.name: {
                "type": "string",
                "description": f"at most {field.limit} user-perceived characters after NFC",
            }
            for field in FIELDS
            if field.name in WORDING
        },
    },
}
_CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "12 letters and digits; case, blanks and dashes do not count",
    "schema": {"type": "string", "pattern": f"^{PATTERN}$"},
}
_QUERY = [{"name": name, "in": "query", "schema": _TEXT} for name in ("lang", "return_url", "done")]


def paths() -> Schema:
    """Both faces: for programs, and for people without script."""
    return {
        "/v1/receipts/{code}": {
            "parameters": [_CODE],
            "get": _call("What became of a comment", 404, 429),
            "put": {
                **_call(
                    "Correct it while it waits; every check runs again",
                    *(*BODY_STATUSES, 404, 409, 422, 429),
                ),
                "requestBody": _body("Correction", "application/json"),
            },
            "delete": _call("Withdraw it while it waits, for good", 404, 409, 429),
        },
        "/receipts": {
            "parameters": _QUERY[:1],
            "get": _page("A line to type a code into", {"200": _html("The page")}),
            "post": _page(
                "To the code's page", {"303": _LED, **_told(*BODY_STATUSES, 422)}, {"code": _TEXT}
            ),
        },
        "/receipts/{code}": {
            "parameters": [_CODE, *_QUERY],
            "get": _page("The comment as a page", {"200": _html("The page"), **_told(404, 429)}),
            "post": _page(
                "Correct it, or with `withdraw` take it back; then the page again",
                {"303": _LED, **_told(*BODY_STATUSES, 404, 409, 422, 429)},
                {**SCHEMAS["Correction"]["properties"], "withdraw": _TEXT},
            ),
        },
    }


_LED = {"description": "To the page of the code"}


def _call(summary: str, *statuses: int) -> Schema:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}}
    good = {"description": "The receipt", "content": content}
    return {"summary": summary, "responses": {"200": good, **problems(*statuses)}}


def _page(summary: str, answers: Schema, fields: Schema | None = None) -> Schema:
    operation: Schema = {"summary": summary, "responses": answers}
    if fields:
        kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
        schema = {"type": "object", "properties": fields}
        operation["requestBody"] = {"content": {kind: {"schema": schema} for kind in kinds}}
    return operation


def _html(description: str) -> Schema:
    return {"description": description, "content": {"text/html": {"schema": _TEXT}}}


def _told(*statuses: int) -> Schema:
    """What went wrong, told in a page."""
    answers = problems(*statuses)
    for answer in answers.values():
        answer["content"] |= {"text/html": {"schema": _TEXT}}
    return answers


def _body(schema: str, kind: str) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"required": True, "content": {kind: {"schema": reference}}}
