"""Orders on campaigns and second looks, in OpenAPI's words."""

from typing import Any

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
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def _operation(summary: str, answers: Schema, **more: Any) -> Schema:
    return {"summary": summary, "security": _SESSION, "responses": answers, **more}


def _body(schema: str) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


SCHEMAS: Schema = {
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
        items={"type": "array", "items": {"$ref": "#/components/schemas/CampaignOrder"}},
        next={"type": "null"},
    ),
    "OrderEnded": _object(id=_TEXT, ended={"const": True}),
}
PATHS: Schema = {
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
