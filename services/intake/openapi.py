"""What intake answers, as OpenAPI 3.1."""

from typing import Any

from commentdesk.domain.state import State
from commentdesk.web.openapi import BODY_STATUSES, PROBLEM, problems
from services.intake import consent, receipts_openapi
from services.intake.asking import Ask
from services.intake.facts import HONEYPOT, WidgetFacts
from services.intake.forms import CODE_FIELDS, FIELDS


def _answer(description: str, content: str = "", schema: dict[str, Any] | None = None) -> Any:
    answer: dict[str, Any] = {"description": description}
    if content:
        answer["content"] = {content: {"schema": schema or {}}}
    return answer


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, **schema: str) -> dict[str, Any]:
    schema = {"type": "string", **schema}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]


_COMMENT: dict[str, Any] = {
    "type": "object",
    "required": [field.name for field in FIELDS if field.required],
    "properties": {
        **{
            field.name: {
                "type": "string",
                "description": f"at most {field.limit} user-perceived characters after NFC",
            }
            for field in (*FIELDS, *CODE_FIELDS)
        },
        HONEYPOT: {
            "type": "string",
            "description": "Left empty by people, who do not see it; else a fact for moderators",
        },
        "consent": {
            "type": ["boolean", "string"],
            "description": "Ticked, where the site asks for it (as for phone and title)",
        },
        "consent_version": {"type": "string", "description": "Of the text that was shown"},
        "facts": {
            "anyOf": [_reference("Facts"), {"type": "string"}],
            "description": "How the form was filled in, for moderators to see: a Facts by the "
            "widget, by the form without script the text that its page carries. What is neither "
            "is dropped, and the comment taken all the same",
        },
    },
}
_TOKEN = {"type": "string"}
_URL_OR_NONE = {"type": ["string", "null"]}
_SCHEMAS: dict[str, Any] = {
    "Comment": _COMMENT,
    "Facts": WidgetFacts.model_json_schema(),
    "Draft": {"type": "object", "description": "A Comment, however much of it is filled in"},
    "Accepted": {
        "type": "object",
        "required": ["id", "state", "status_url", "receipt"],
        "properties": {
            "id": _TOKEN,
            "state": {"const": "received"},
            "status_url": _TOKEN,
            "receipt": _reference("GivenReceipt"),
        },
    },
    **receipts_openapi.SCHEMAS,
    "Captcha": {
        "type": "object",
        "required": ["id", "ask", "image_url", "audio_url", "work", "expires_at"],
        "properties": {
            "id": _TOKEN,
            "ask": {
                "enum": [str(ask) for ask in Ask],
                "description": "image: type the code; either: that, or do the work; work: do the "
                "work; both: the two",
            },
            "image_url": _URL_OR_NONE,
            "audio_url": _URL_OR_NONE,
            "work": {
                "type": ["object", "null"],
                "description": "A challenge of ALTCHA's protocol, version 2; its payload is sent "
                "as captcha_work. In a 422 with the captcha that was sent, it is work to be done "
                "before the same form is sent again",
            },
            "expires_at": {"type": "string", "format": "date-time"},
        },
    },
    "PhoneCode": {
        "type": "object",
        "required": ["phone_code_session", "seconds"],
        "properties": {
            "phone_code_session": {
                "type": "string",
                "description": "To be sent along with the code, and when asking for another",
            },
            "seconds": {"type": "integer", "minimum": 1},
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
        **PROBLEM,
        "properties": {
            **PROBLEM["properties"],
            "captcha": _reference("Captcha"),
            "consent": consent.SCHEMA,
        },
    },
}


def _operation(
    summary: str, answers: dict[str, Any], *parameters: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {"summary": summary, "parameters": list(parameters), "responses": answers, **more}


def _bodies(schema: str) -> dict[str, Any]:
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"required": True, "content": {kind: {"schema": _reference(schema)} for kind in kinds}}


_CAPTCHA_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["article"],
                "properties": {"article": _TOKEN, "replaces": _TOKEN},
            }
        }
    },
}
_CODE_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["article", "phone", "captcha_id"],
                "properties": dict.fromkeys(
                    (
                        *("article", "phone", "captcha_id", "captcha_answer", "captcha_work"),
                        "phone_code_session",
                    ),
                    _TOKEN,
                ),
            }
        }
    },
}
_ARTICLE = _parameter("article")
_CAPTCHA = _parameter("id", pattern="^[A-Za-z0-9_-]+$")
_LANGUAGE = _query("lang")
_PAGE = {"200": _answer("The page", "text/html", _TOKEN)}
# No such article, comments closed, too fast.
_AT_THE_DOOR = (404, 409, 429)


def _in_a_page(*statuses: int) -> dict[str, Any]:
    """A browser that asked for a page is told in one, with the reader's text still in it."""
    answers = problems(*statuses)
    for answer in answers.values():
        answer["content"] |= {"text/html": {"schema": _TOKEN}}
    return answers


def _captcha_operations(article_answers: dict[str, Any]) -> dict[str, Any]:
    gone = problems(404, 410, 429, 503)
    return {
        "/v1/captchas": {
            "post": _operation(
                "A fresh captcha; the one it replaces is burnt",
                {
                    "201": _answer("The captcha", "application/json", _reference("Captcha")),
                    **article_answers,
                },
                requestBody=_CAPTCHA_BODY,
            )
        },
        "/v1/captchas/{id}/image": {
            "get": _operation("The picture", {"200": _answer("PNG", "image/png"), **gone}, _CAPTCHA)
        },
        "/v1/captchas/{id}/audio": {
            "get": _operation(
                "The sound: digits, in Vietnamese or English",
                {"200": _answer("WAV", "audio/wav"), **gone},
                _CAPTCHA,
                *_LANGUAGE,
            )
        },
    }


def _code_operations(article_answers: dict[str, Any]) -> dict[str, Any]:
    sent = _answer(
        "Whatever becomes of it: a code that is sent, and none, are answered alike",
        "application/json",
        _reference("PhoneCode"),
    )
    return {
        "/v1/phone-codes": {
            "post": _operation(
                "Have a one-time code sent to a phone, for a captcha solved (it stays good for the "
                "comment, and for no other code); 404 while codes are off",
                {"202": sent, **article_answers},
                requestBody=_CODE_BODY,
            )
        }
    }


def _form_operations() -> dict[str, Any]:
    return {
        "/v1/articles/{article}/comments": {
            "post": _operation(
                "Send a comment; 202 once it is committed",
                {
                    "202": _answer("Received", "application/json", _reference("Accepted")),
                    "303": _answer("A plain form: to the page of its receipt"),
                    **_in_a_page(*BODY_STATUSES, *_AT_THE_DOOR, 422),
                },
                _ARTICLE,
                *_LANGUAGE,
                requestBody=_bodies("Comment"),
            )
        },
        "/v1/articles/{article}/form": {
            "get": _operation(
                "The form as a page",
                {**_PAGE, **_in_a_page(*_AT_THE_DOOR)},
                _ARTICLE,
                *_query("lang", "return_url", "parent_id"),
            ),
            "post": _operation(
                "The form again, with its text and a fresh captcha",
                {**_PAGE, **_in_a_page(*BODY_STATUSES, *_AT_THE_DOOR)},
                _ARTICLE,
                *_LANGUAGE,
                requestBody=_bodies("Draft"),
            ),
        },
    }


OPENAPI: dict[str, Any] = {
    "info": {"title": "Commentdesk intake", "version": "1"},
    "components": {"schemas": _SCHEMAS},
    "paths": {
        **_captcha_operations(problems(*BODY_STATUSES, *_AT_THE_DOOR, 422)),
        **_code_operations(problems(*BODY_STATUSES, *_AT_THE_DOOR, 422)),
        **_form_operations(),
        **receipts_openapi.paths(),
        "/v1/submissions/{id}": {
            "get": _operation(
                "What became of a submission",
                {
                    "200": _answer("Its state", "application/json", _reference("State")),
                    **problems(404),
                },
                _parameter("id", format="uuid"),
            )
        },
        "/widget.js": {
            "get": _operation("The custom element", {"200": _answer("Script", "text/javascript")})
        },
        "/widget-more.js": {
            "get": _operation(
                "What few readers need of it: a module that it loads by itself",
                {"200": _answer("Script", "text/javascript")},
            )
        },
        "/embed/{article}": {
            "get": _operation(
                "The widget in a page of its own, for an iframe",
                {"200": _answer("Page", "text/html")},
                _parameter("article"),
                *_query("lang", "theme", "sort", "phone-field", "title-field"),
            )
        },
    },
}
