"""Receipts in OpenAPI's words."""

from commentdesk.domain.receipt_code import PATTERN
from commentdesk.web.openapi import (
    BODY_STATUSES,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    Schema,
    a_body,
    an_object,
    in_path,
    in_query,
    problems,
    ref,
)
from services.intake.forms import FIELDS, WORDING
from services.intake.receipt_words import STATUSES

_GIVEN: dict[str, Schema] = {
    "code": {"type": "string", "pattern": f"^{PATTERN}$"},
    "url": {**TEXT, "description": "The page for people"},
    "editable_until": TIME_OR_NULL,
}
_RECEIPT: dict[str, Schema] = {
    "code": TEXT,
    "id": TEXT,
    "article": TEXT,
    "article_url": TEXT,
    "status": {"enum": list(STATUSES)},
    "reason": {
        **TEXT_OR_NULL,
        "description": "Why it was refused or removed, a sentence in the caller's language",
    },
    "name": TEXT,
    "title": TEXT,
    "content": TEXT,
    "parent_id": TEXT_OR_NULL,
    "received_at": TIME,
    "editable_until": {**TIME_OR_NULL, "description": "null: it can no longer be changed"},
    "permalink": {**TEXT_OR_NULL, "description": "Where it stands, once it is published"},
}
SCHEMAS: dict[str, Schema] = {
    "GivenReceipt": an_object(**_GIVEN),
    "Receipt": an_object(**_RECEIPT),
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
    **in_path("code", {"type": "string", "pattern": f"^{PATTERN}$"}),
    "description": "12 letters and digits; case, blanks and dashes do not count",
}
_QUERY = [in_query(name) for name in ("lang", "return_url", "done")]


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
                "requestBody": a_body("Correction"),
            },
            "delete": _call("Withdraw it while it waits, for good", 404, 409, 429),
        },
        "/receipts": {
            "parameters": _QUERY[:1],
            "get": _page("A line to type a code into", {"200": _html("The page")}),
            "post": _page(
                "To the code's page", {"303": _LED, **_told(*BODY_STATUSES, 422)}, {"code": TEXT}
            ),
        },
        "/receipts/{code}": {
            "parameters": [_CODE, *_QUERY],
            "get": _page("The comment as a page", {"200": _html("The page"), **_told(404, 429)}),
            "post": _page(
                "Correct it, or with `withdraw` take it back; then the page again",
                {"303": _LED, **_told(*BODY_STATUSES, 404, 409, 422, 429)},
                {**SCHEMAS["Correction"]["properties"], "withdraw": TEXT},
            ),
        },
    }


_LED = {"description": "To the page of the code"}


def _call(summary: str, *statuses: int) -> Schema:
    content = {"application/json": {"schema": ref("Receipt")}}
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
    return {"description": description, "content": {"text/html": {"schema": TEXT}}}


def _told(*statuses: int) -> Schema:
    """What went wrong, told in a page."""
    answers = problems(*statuses)
    for answer in answers.values():
        answer["content"] |= {"text/html": {"schema": TEXT}}
    return answers
