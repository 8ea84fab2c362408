"""What intake answers, as OpenAPI 3.1."""

from typing import Any

from commentdesk.domain.state import State
from services.intake.forms import FIELDS


def _answer(description: str, content: str = "", schema: dict[str, Any] | None = None) -> Any:
    answer: dict[str, Any] = {"description": description}
    if content:
        answer["content"] = {content: {"schema": schema or {}}}
    return answer


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


_PROBLEM = "application/problem+json"
_PROBLEMS = {
    "default": _answer("A problem, in the reader's language", _PROBLEM, _reference("Problem")),
}
_COMMENT: dict[str, Any] = {
    "type": "object",
    "required": [field.name for field in FIELDS if field.required],
    "properties": {
        **{
            field.name: {
                "type": "string",
                "description": f"at most {field.limit} user-perceived characters after NFC",
            }
            for field in FIELDS
        },
        "consent": {"type": ["boolean", "string"]},
    },
}
_TOKEN = {"type": "string"}
_SCHEMAS: dict[str, Any] = {
    "Comment": _COMMENT,
    "Receipt": {
        "type": "object",
        "required": ["id", "state", "status_url"],
        "properties": {"id": _TOKEN, "state": {"const": "received"}, "status_url": _TOKEN},
    },
    "Captcha": {
        "type": "object",
        "required": ["id", "image_url", "audio_url", "expires_at"],
        "properties": {
            "id": _TOKEN,
            "image_url": _TOKEN,
            "audio_url": _TOKEN,
            "expires_at": {"type": "string", "format": "date-time"},
        },
    },
    "State": {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": _TOKEN,
            "state": {"enum": [str(state) for state in State]},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "errors"],
        "properties": {
            "type": _TOKEN,
            "title": _TOKEN,
            "status": {"type": "integer"},
            "code": _TOKEN,
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "code", "message"],
                    "properties": {"field": _TOKEN, "code": _TOKEN, "message": _TOKEN},
                },
            },
            "captcha": _reference("Captcha"),
        },
    },
}


def _operation(summary: str, answers: dict[str, Any], *path: str, **more: Any) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": [_parameter(name) for name in path],
        "responses": {**answers, **_PROBLEMS},
        **more,
    }


_FORM_BODY = {"schema": _reference("Comment")}
_BODIES = {
    "content": {
        "application/json": _FORM_BODY,
        "application/x-www-form-urlencoded": _FORM_BODY,
        "multipart/form-data": _FORM_BODY,
    }
}
_CAPTCHA_BODY = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["article"],
                "properties": {"article": _TOKEN, "replaces": _TOKEN},
            }
        }
    }
}
_PAGE = _answer("The page", "text/html", _TOKEN)

OPENAPI: dict[str, Any] = {
    "info": {"title": "Commentdesk intake", "version": "1"},
    "components": {"schemas": _SCHEMAS},
    "paths": {
        "/v1/captchas": {
            "post": _operation(
                "A fresh captcha; the one it replaces is burnt",
                {"201": _answer("The captcha", "application/json", _reference("Captcha"))},
                requestBody=_CAPTCHA_BODY,
            )
        },
        "/v1/captchas/{id}/image": {
            "get": _operation("The picture", {"200": _answer("PNG", "image/png")}, "id")
        },
        "/v1/captchas/{id}/audio": {
            "get": _operation("The sound", {"200": _answer("WAV", "audio/wav")}, "id")
        },
        "/v1/articles/{article}/comments": {
            "post": _operation(
                "Send a comment; 202 once it is committed",
                {
                    "202": _answer("Received", "application/json", _reference("Receipt")),
                    "303": _answer("A plain form: to the thank-you page"),
                },
                "article",
                requestBody=_BODIES,
            )
        },
        "/v1/articles/{article}/form": {
            "get": _operation("The form as a page", {"200": _PAGE}, "article"),
            "post": _operation(
                "The form again, with its text and a fresh captcha",
                {"200": _PAGE},
                "article",
                requestBody=_BODIES,
            ),
        },
        "/v1/thanks": {"get": _operation("Thanks, and the way back", {"200": _PAGE})},
        "/v1/submissions/{id}": {
            "get": _operation(
                "What became of a submission",
                {"200": _answer("Its state", "application/json", _reference("State"))},
                "id",
            )
        },
        "/widget.js": {
            "get": _operation("The custom element", {"200": _answer("Script", "text/javascript")})
        },
    },
}
