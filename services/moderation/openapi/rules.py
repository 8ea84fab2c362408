"""Words, policies, reasons and rehearsals in OpenAPI's words."""

from pydantic import BaseModel

from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.ledger.rehearsals import RehearsalState
from commentdesk.ledger.words import WordKind, WordMatch
from commentdesk.web.openapi import (
    BODY_STATUSES,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    TIME_OR_NULL,
    Schema,
    a_body,
    a_list,
    an_object,
    in_path,
    in_query,
    ref,
)
from services.moderation.openapi.parts import READER, SESSION, answers, id_in_path
from services.moderation.rules.policies import TighteningBody
from services.moderation.rules.policy_api import SCOPE_PATTERN, PolicyBody
from services.moderation.rules.reasons import ReasonBody
from services.moderation.rules.rehearsals import BanRehearsal, ThresholdRehearsal, WordsRehearsal
from services.moderation.rules.words import WordsBody

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
    heap = an_object(count=NUMBER, examples=a_list(an_object(id=TEXT, marks=a_list({}))))
    refused = an_object(line=NUMBER, text=TEXT, code=TEXT)
    return {
        **{name: body.model_json_schema() for name, body in _BODIES.items()},
        "PolicyBody": {**PolicyBody.model_json_schema(), "minProperties": 1},
        "Policies": an_object(
            site=_policy(),
            tightened=a_list(an_object(scope=TEXT, until=TIME, actor=TEXT)),
            items=a_list(an_object(**_override())),
            next={"type": "null"},
        ),
        "ScopePolicy": an_object(
            scope=TEXT,
            holds=_policy(),
            says={"type": "object"},
            tight_until=TIME_OR_NULL,
        ),
        "RehearsalBody": {"oneOf": [ref(name) for name in _REHEARSALS]},
        "Words": an_object(
            items=a_list(_word()),
            next={"type": ["string", "null"]},
            counts={"type": "object", "additionalProperties": NUMBER},
        ),
        "AddedWords": an_object(new=NUMBER, moved=NUMBER, known=NUMBER, refused=a_list(refused)),
        "RemovedWord": an_object(id=TEXT, removed={"const": True}),
        "Reason": _reason(),
        "Reasons": an_object(items=a_list(ref("Reason")), next={"type": "null"}),
        "Rehearsal": _rehearsal(heap),
        "Rehearsals": an_object(items=a_list(ref("Rehearsal")), next={"type": "null"}),
    }


def _words() -> Schema:
    kinds = {"enum": [*(str(kind) for kind in WordKind), ""]}
    query = [
        in_query("kind", kinds),
        in_query("q", TEXT),
        in_query("cursor", TEXT),
        in_query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
    ]
    return {
        "/v1/words": {
            "get": _call("Words, hosts and patterns, by text", READER, "Words", (401, 422), query),
            "post": _sends(
                "Add some; a word of another list moves. 422 where none could be added",
                "WordsBody",
                "AddedWords",
            ),
        },
        "/v1/words/{id}": {
            "parameters": [id_in_path()],
            "delete": _call("Take it off its list", SESSION, "RemovedWord", (401, 403, 404)),
        },
    }


def _policies() -> Schema:
    scope = {"type": "string", "pattern": f"^({SCOPE_PATTERN})$"}
    return {
        "/v1/policies": {
            "get": _call("The site's policy, and every override", READER, "Policies", (401,))
        },
        "/v1/policies/{scope}": {
            "parameters": [in_path("scope", scope)],
            "get": _call(
                "What holds there, and what it says itself", READER, "ScopePolicy", (401, 404)
            ),
            "put": _sends("Say this and nothing else", "PolicyBody", "ScopePolicy", (404,)),
            "delete": _call("Say nothing", SESSION, "ScopePolicy", (401, 403, 404)),
        },
        "/v1/policies/{scope}/tightening": {
            "parameters": [in_path("scope", scope)],
            "put": _sends(
                "A breaking story: tighten all at once for some hours",
                "TighteningBody",
                "ScopePolicy",
                (404,),
            ),
            "delete": _call("End it", SESSION, "ScopePolicy", (401, 403, 404)),
        },
    }


def _reasons() -> Schema:
    code = {"type": "string", "pattern": f"^{CODE_PATTERN}$"}
    return {
        "/v1/reasons": {"get": _call("Why moderators refuse", READER, "Reasons", (401,))},
        "/v1/reasons/{code}": {
            "parameters": [in_path("code", code)],
            "put": _sends("Add it or write it anew", "ReasonBody", "Reason", (404,)),
            "delete": _call("Offer it no more", SESSION, "Reason", (401, 403, 404)),
        },
    }


def _rehearsals() -> Schema:
    return {
        "/v1/rehearsals": {
            "get": _call("One's own of the last day", SESSION, "Rehearsals", (401, 403)),
            "post": _sends(
                "Try a rule on what came in the last 30 days; one's own one before ends",
                "RehearsalBody",
                "Rehearsal",
            ),
        },
        "/v1/rehearsals/{id}": {
            "parameters": [id_in_path()],
            "get": _call("How far it is, or its result", SESSION, "Rehearsal", (401, 403, 404)),
            "delete": _call("Cancel one's own", SESSION, "Rehearsal", (401, 403, 404)),
        },
    }


def _policy() -> Schema:
    return an_object(
        hold_one_in={"enum": list(HOLD_STEPS)},
        reject_one_in={"enum": list(REJECT_STEPS)},
        publish_clean={"type": "boolean"},
        comments={"enum": ["open", "closed", None], "description": "null: as the store says"},
    )


def _override() -> dict[str, Schema]:
    return {"scope": TEXT, "says": {"type": "object"}, "actor": TEXT, "at": TIME}


def _word() -> Schema:
    return an_object(
        id=TEXT,
        kind={"enum": [str(kind) for kind in WordKind]},
        text=TEXT,
        match={"enum": [str(match) for match in WordMatch]},
        actor=TEXT,
        at=TIME,
    )


def _reason() -> Schema:
    return an_object(
        code=TEXT,
        words={
            "type": "object",
            "additionalProperties": TEXT,
            "description": "By language; none where the console says its own",
        },
        reader_words={
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Told to readers, by language; none: in the product's words",
        },
        place=NUMBER,
        spam={**FLAG, "description": "What is refused for it teaches the spam check"},
        retired_at=TIME_OR_NULL,
    )


def _rehearsal(heap: Schema) -> Schema:
    result = an_object(
        looked_at=NUMBER,
        meant={**NUMBER, "description": "Refused by people for the reason the rule is about"},
        caught=heap,
        wrong={**heap, "description": "Caught, and stands published"},
        right={**heap, "description": "Caught, and was refused"},
        waiting={**heap, "description": "Caught, and still waits"},
        missed={**heap, "description": "Of `meant`, not caught"},
    )
    return an_object(
        id=TEXT,
        actor=TEXT,
        state={"enum": [str(state) for state in RehearsalState]},
        seen=NUMBER,
        total=NUMBER,
        at=TIME,
        ended_at=TIME_OR_NULL,
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
        "responses": answers(schema, *fails),
    }


def _sends(summary: str, body: str, schema: str, fails: tuple[int, ...] = ()) -> Schema:
    return {
        "summary": f"{summary}; for editors",
        "security": SESSION,
        "requestBody": a_body(body),
        "responses": answers(schema, 401, 403, *BODY_STATUSES, *fails, 422),
    }
