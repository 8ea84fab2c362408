"""Orders on campaigns and second looks, in OpenAPI's words."""

from typing import Any

from commentdesk.domain.agreement import DecidedBy, Opinion
from commentdesk.domain.state import Action
from commentdesk.web.openapi import BODY_STATUSES, problems
from services.moderation.campaigns import OrderBody

Schema = dict[str, Any]

_SESSION: list[dict[str, list[str]]] = [{"session": []}]
_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "A campaign's, or a submission's that may become one",
    "schema": {"type": "string", "format": "uuid"},
}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": _ref(schema)}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def _operation(summary: str, answers: Schema, **more: Any) -> Schema:
    return {"summary": summary, "security": _SESSION, "responses": answers, **more}


def _body(schema: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def _share(**limits: int) -> Schema:
    return {"type": ["number", "null"], **limits}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_OPINION: Schema = {"enum": [str(each) for each in Opinion]}
_TALLIES: Schema = {"type": "object", "additionalProperties": _ref("Tally")}
_LOOKS: Schema = {
    "Tally": _object(
        looked=_COUNT,
        agreed=_COUNT,
        published_kept=_COUNT,
        published_overturned=_COUNT,
        rejected_kept=_COUNT,
        rejected_overturned=_COUNT,
        percent=_share(minimum=0, maximum=100),
        kappa={**_share(minimum=-1, maximum=1), "description": "Cohen's"},
    ),
    "Conflict": _object(
        submission=_TEXT,
        title=_TEXT,
        state=_TEXT,
        decided_by={"enum": [str(DecidedBy.MACHINE), str(DecidedBy.ORDER)]},
        decided=_OPINION,
        answer=_OPINION,
        reason=_TEXT,
        looker=_TEXT,
        checks={"type": "array", "items": _TEXT},
        answered_at=_TIME,
    ),
    "Proposal": _object(
        decided=_OPINION,
        looked=_COUNT,
        overturned=_COUNT,
        found={**_COUNT, "description": "One in so many was overturned"},
        promised={**_COUNT, "description": "One in so many may be"},
        step={"type": ["integer", "null"], "description": "What to choose instead; 0 is never"},
    ),
    "AgreementDetails": {
        **_object(
            checks=_TALLIES,
            reasons=_TALLIES,
            conflicts={"type": "array", "items": _ref("Conflict")},
            proposals={"type": "array", "items": _ref("Proposal")},
        ),
        "type": ["object", "null"],
        "description": "null but for editors",
    },
    "Agreement": _object(
        days=_COUNT,
        overall=_ref("Tally"),
        by=_object(**{str(each): _ref("Tally") for each in DecidedBy}),
        own_decisions=_ref("Tally"),
        own_looks=_ref("Tally"),
        details=_ref("AgreementDetails"),
    ),
}
SCHEMAS: Schema = {
    **_LOOKS,
    "OrderBody": OrderBody.model_json_schema(),
    "CampaignOrder": _object(
        campaign={**_TEXT, "description": "The id of its first submission"},
        action={"enum": [str(Action.HOLD), str(Action.REJECT)]},
        until=_TIME,
        actor=_TEXT,
        at=_TIME,
        caught={**_COUNT, "description": "How many like it were received since"},
    ),
    "CampaignOrders": _object(
        items={"type": "array", "items": _ref("CampaignOrder")},
        next={"type": "null"},
    ),
    "OrderEnded": _object(id=_TEXT, ended={"const": True}),
}
PATHS: Schema = {
    "/v1/second-look/agreement": {
        "get": _operation(
            "How far second looks of the last days agree with what had been decided",
            _answers("Agreement", 401, 403),
        )
    },
    "/v1/campaigns/orders": {
        "get": _operation(
            "Orders on campaigns that stand, the newest first", _answers("CampaignOrders", 401, 403)
        )
    },
    "/v1/campaigns/{id}/order": {
        "parameters": [_ID],
        "post": _operation(
            "Have the next ones like this held or rejected by themselves, for some hours; 422 "
            "nothing_alike for a text too short to know others by",
            _answers("CampaignOrder", 401, 403, *BODY_STATUSES, 404, 422),
            requestBody=_body("OrderBody"),
        ),
        "delete": _operation("End the order", _answers("OrderEnded", 401, 403, 404)),
    },
}
