"""What intake answers, as OpenAPI 3.1."""

from typing import Any

from commentdesk.domain.state import State
from commentdesk.web.openapi import (
    BODY_STATUSES,
    PROBLEM,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    Schema,
    an_object,
    in_path,
    in_query,
    problems,
    ref,
)
from services.intake import receipts_openapi
from services.intake.asking import Ask
from services.intake.facts import HONEYPOT, WidgetFacts
from services.intake.forms import CODE_FIELDS, FIELDS


def _answer(description: str, content: str = "", schema: Schema | None = None) -> Any:
    answer: Schema = {"description": description}
    if content:
        answer["content"] = {content: {"schema": schema or {}}}
    return answer


def _parameter(name: str, **schema: str) -> Schema:
    return in_path(name, {**TEXT, **schema})


def _query(*names: str) -> list[Schema]:
    return [in_query(name) for name in names]


_COMMENT: Schema = {
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
            "anyOf": [ref("Facts"), {"type": "string"}],
            "description": "How the form was filled in, for moderators to see: a Facts by the "
            "widget, by the form without script the text that its page carries. What is neither "
            "is dropped, and the comment taken all the same",
        },
    },
}
_SCHEMAS: Schema = {
    "Comment": _COMMENT,
    "Facts": WidgetFacts.model_json_schema(),
    "Draft": {"type": "object", "description": "A Comment, however much of it is filled in"},
    "Accepted": an_object(
        id=TEXT, state={"const": "received"}, status_url=TEXT, receipt=ref("GivenReceipt")
    ),
    **receipts_openapi.SCHEMAS,
    "Captcha": an_object(
        id=TEXT,
        ask={
            "enum": [str(ask) for ask in Ask],
            "description": "image: type the code; either: that, or do the work; work: do the "
            "work; both: the two",
        },
        image_url=TEXT_OR_NULL,
        audio_url=TEXT_OR_NULL,
        work={
            "type": ["object", "null"],
            "description": "A challenge of ALTCHA's protocol, version 2; its payload is sent "
            "as captcha_work. In a 422 with the captcha that was sent, it is work to be done "
            "before the same form is sent again: in a surge, and beside a sound's digits",
        },
        expires_at=TIME,
    ),
    "PhoneCode": an_object(
        phone_code_session={
            **TEXT,
            "description": "To be sent along with the code, and when asking for another",
        },
        seconds={"type": "integer", "minimum": 1},
    ),
    "Agreement": {
        **an_object(version=TEXT, privacy_url=TEXT, words=TEXT),
        "description": "What has to be agreed to now, where nothing was or something else: "
        "`version` is sent as consent_version, `words` are in the reader's language",
    },
    "State": an_object(id=TEXT, state={"enum": [str(state) for state in State]}),
    "Problem": {
        **PROBLEM,
        "properties": {
            **PROBLEM["properties"],
            "captcha": ref("Captcha"),
            "consent": ref("Agreement"),
        },
    },
}


def _operation(summary: str, answers: Schema, *parameters: Schema, **more: Any) -> Schema:
    return {"summary": summary, "parameters": list(parameters), "responses": answers, **more}


def _bodies(schema: str) -> Schema:
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"required": True, "content": {kind: {"schema": ref(schema)} for kind in kinds}}


_CAPTCHA_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["article"],
                "properties": {"article": TEXT, "replaces": TEXT},
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
                    TEXT,
                ),
            }
        }
    },
}
_ARTICLE = _parameter("article")
_CAPTCHA = _parameter("id", pattern="^[A-Za-z0-9_-]+$")
_LANGUAGE = _query("lang")
_PAGE = {"200": _answer("The page", "text/html", TEXT)}
# No such article, comments closed, too fast.
_AT_THE_DOOR = (404, 409, 429)


def _in_a_page(*statuses: int) -> Schema:
    """A browser that asked for a page is told in one, with the reader's text still in it."""
    answers = problems(*statuses)
    for answer in answers.values():
        answer["content"] |= {"text/html": {"schema": TEXT}}
    return answers


def _captcha_operations(article_answers: Schema) -> Schema:
    gone = problems(404, 410, 429, 503)
    return {
        "/v1/captchas": {
            "post": _operation(
                "A fresh captcha; the one it replaces is burnt",
                {
                    "201": _answer("The captcha", "application/json", ref("Captcha")),
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


def _code_operations(article_answers: Schema) -> Schema:
    sent = _answer(
        "Whatever becomes of it: a code that is sent, and none, are answered alike",
        "application/json",
        ref("PhoneCode"),
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


def _form_operations() -> Schema:
    return {
        "/v1/articles/{article}/comments": {
            "post": _operation(
                "Send a comment; 202 once it is committed",
                {
                    "202": _answer("Received", "application/json", ref("Accepted")),
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


OPENAPI: Schema = {
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
                    "200": _answer("Its state", "application/json", ref("State")),
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
