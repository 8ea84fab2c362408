"""Words, policies, reasons and rehearsals in OpenAPI's words."""

from typing import Any

from pydantic import BaseModel

from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.ledger.rehearsals import RehearsalState
from commentdesk.ledger.words import WordKind, WordMatch
from commentdesk.web.openapi import BODY_STATUSES, problems
from services.moderation.policies import SCOPE_PATTERN, PolicyBody
from services.moderation.rules.policies import TighteningBody
from services.moderation.rules.reasons import ReasonBody
from services.moderation.rules.rehearsals import (
    BanRehearsal,
    ThresholdRehearsal,
    WordsRehearsal,
)
from services.moderation.rules.words import WordsBody

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_YES_OR_NO: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_SESSION: list[dict[str, list[str]]] = [{"session": []}]
_READER: list[dict[str, list[str]]] = [{"session": []}, {"serviceToken": []}]
_BODIES: dict[str, type[BaseModel]] = {
    "WordsBody": WordsBody,
    "ReasonBody": ReasonBody,
    "TighteningBody": TighteningBody,
    "WordsRehearsal": WordsRehearsal,
    "ThresholdRehearsal": ThresholdRehearsal,
    "BanRehearsal": BanRehearsal,
}
_REHEARSALS = ("WordsRehearsal", "ThresholdRehearsal", "BanRehearsal")


def paths() -> Schema:
    """The calls, beside those of openapi.py."""
    return {**_words(), **_policies(), **_reasons(), **_rehearsals()}


def schemas() -> Schema:
    """Bodies and answers."""
    heap = _object(count=_NUMBER, examples=_array(_object(id=_TEXT, marks=_array({}))))
    refused = _object(line=_NUMBER, text=_TEXT, code=_TEXT)
    return {
        **{name: body.model_json_schema() for name, body in _BODIES.items()},
        "PolicyBody": {**PolicyBody.model_json_schema(), "minProperties": 1},
        "Policies": _object(
            site=_policy(),
            tightened=_array(_object(scope=_TEXT, until=_TIME, actor=_TEXT)),
            items=_array(_object(**_override())),
            next={"type": "null"},
        ),
        "ScopePolicy": _object(
            scope=_TEXT,
            holds=_policy(),
            says={"type": "object"},
            tight_until=_TIME_OR_NULL,
        ),
        "RehearsalBody": {"oneOf": [_ref(name) for name in _REHEARSALS]},
        "Words": _object(
            items=_array(_word()),
            next={"type": ["string", "null"]},
            counts={"type": "object", "additionalProperties": _NUMBER},
        ),
        "AddedWords": _object(new=_NUMBER, moved=_NUMBER, known=_NUMBER, refused=_array(refused)),
        "RemovedWord": _object(id=_TEXT, removed={"const": True}),
        "Reason": _reason(),
        "Reasons": _object(items=_array(_ref("Reason")), next={"type": "null"}),
        "Rehearsal": _rehearsal(heap),
        "Rehearsals": _object(items=_array(_ref("Rehearsal")), next={"type": "null"}),
    }


def _words() -> Schema:
    kinds = {"enum": [*(str(kind) for kind in WordKind), ""]}
    query = [
        _query("kind", kinds),
        _query("q", _TEXT),
        _query("cursor", _TEXT),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
    ]
    return {
        "/v1/words": {
            "get": _call("Words, hosts and patterns, by text", _READER, "Words", (401, 422), query),
            "post": _sends(
                "Add some; a word of another list moves. 422 where none could be added",
                "WordsBody",
                "AddedWords",
            ),
        },
        "/v1/words/{id}": {
            "parameters": [_id()],
            "delete": _call("Take it off its list", _SESSION, "RemovedWord", (401, 403, 404)),
        },
    }


def _policies() -> Schema:
    scope = {"type": "string", "pattern": f"^({SCOPE_PATTERN})$"}
    return {
        "/v1/policies": {
            "get": _call("The site's policy, and every override", _READER, "Policies", (401,))
        },
        "/v1/policies/{scope}": {
            "parameters": [_path("scope", scope)],
            "get": _call(
                "What holds there, and what it says itself", _READER, "ScopePolicy", (401, 404)
            ),
            "put": _sends("Say this and nothing else", "PolicyBody", "ScopePolicy", (404,)),
            "delete": _call("Say nothing", _SESSION, "ScopePolicy", (401, 403, 404)),
        },
        "/v1/policies/{scope}/tightening": {
            "parameters": [_path("scope", scope)],
            "put": _sends(
                "A breaking story: tighten all at once for some hours",
                "TighteningBody",
                "ScopePolicy",
                (404,),
            ),
            "delete": _call("End it", _SESSION, "ScopePolicy", (401, 403, 404)),
        },
    }


def _reasons() -> Schema:
    code = {"type": "string", "pattern": f"^{CODE_PATTERN}$"}
    return {
        "/v1/reasons": {"get": _call("Why moderators refuse", _READER, "Reasons", (401,))},
        "/v1/reasons/{code}": {
            "parameters": [_path("code", code)],
            "put": _sends("Add it or write it anew", "ReasonBody", "Reason", (404,)),
            "delete": _call("Offer it no more", _SESSION, "Reason", (401, 403, 404)),
        },
    }


def _rehearsals() -> Schema:
    return {
        "/v1/rehearsals": {
            "get": _call("One's own of the last day", _SESSION, "Rehearsals", (401, 403)),
            "post": _sends(
                "Try a rule on what came in the last 30 days; one's own one before ends",
                "RehearsalBody",
                "Rehearsal",
            ),
        },
        "/v1/rehearsals/{id}": {
            "parameters": [_id()],
            "get": _call("How far it is, or its result", _SESSION, "Rehearsal", (401, 403, 404)),
            "delete": _call("Cancel one's own", _SESSION, "Rehearsal", (401, 403, 404)),
        },
    }


def _policy() -> Schema:
    return _object(
        hold_one_in={"enum": list(HOLD_STEPS)},
        reject_one_in={"enum": list(REJECT_STEPS)},
        publish_clean={"type": "boolean"},
        comments={"enum": ["open", "closed", None], "description": "null: as the store says"},
    )


def _override() -> dict[str, Schema]:
    return {"scope": _TEXT, "says": {"type": "object"}, "actor": _TEXT, "at": _TIME}


def _word() -> Schema:
    return _object(
        id=_TEXT,
        kind={"enum": [str(kind) for kind in WordKind]},
        text=_TEXT,
        match={"enum": [str(match) for match in WordMatch]},
        actor=_TEXT,
        at=_TIME,
    )


def _reason() -> Schema:
    return _object(
        code=_TEXT,
        vi=_TEXT,
        en=_TEXT,
        place=_NUMBER,
        spam={**_YES_OR_NO, "description": "What is refused for it teaches the spam check"},
        retired_at=_TIME_OR_NULL,
    )


def _rehearsal(heap: Schema) -> Schema:
    result = _object(
        looked_at=_NUMBER,
        meant={**_NUMBER, "description": "Refused by people for the reason the rule is about"},
        caught=heap,
        wrong={**heap, "description": "Caught, and stands published"},
        right={**heap, "description": "Caught, and was refused"},
        waiting={**heap, "description": "Caught, and still waits"},
        missed={**heap, "description": "Of `meant`, not caught"},
    )
    return _object(
        id=_TEXT,
        actor=_TEXT,
        state={"enum": [str(state) for state in RehearsalState]},
        seen=_NUMBER,
        total=_NUMBER,
        at=_TIME,
        ended_at=_TIME_OR_NULL,
        rule={"type": "object"},
        result={"anyOf": [result, {"type": "null"}]},
    )


def _call(
    summary: str,
    security: list[dict[str, list[str]]],
    schema: str,
    fails: tuple[int, ...],
    parameters: list[Schema] | None = None,
) -> Schema:
    return {
        "summary": summary,
        "security": security,
        "parameters": parameters or [],
        "responses": _answers(schema, *fails),
    }


def _sends(summary: str, body: str, schema: str, fails: tuple[int, ...] = ()) -> Schema:
    content = {"application/json": {"schema": _ref(body)}}
    return {
        "summary": f"{summary}; for editors",
        "security": _SESSION,
        "requestBody": {"required": True, "content": content},
        "responses": _answers(schema, 401, 403, *BODY_STATUSES, *fails, 422),
    }


def _answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": _ref(schema)}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def _id() -> Schema:
    return _path("id", {"type": "string", "format": "uuid"})


def _path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
