"""Orders on campaigns and second looks, in OpenAPI's words."""

from typing import Any

from commentdesk.domain.agreement import DecidedBy, Opinion
from commentdesk.domain.memory import Tie
from commentdesk.domain.state import Action
from commentdesk.web.openapi import (
    BODY_STATUSES,
    TEXT,
    TIME,
    Schema,
    a_body,
    a_list,
    an_object,
    ref,
)
from services.moderation.desk.campaigns import OrderBody
from services.moderation.openapi.parts import SESSION, answers

_COUNT: Schema = {"type": "integer", "minimum": 0}
_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "A campaign's, or a submission's that may become one",
    "schema": {"type": "string", "format": "uuid"},
}


def _operation(summary: str, answers: Schema, **more: Any) -> Schema:
    return {"summary": summary, "security": SESSION, "responses": answers, **more}


def _share(**limits: int) -> Schema:
    return {"type": ["number", "null"], **limits}


_OPINION: Schema = {"enum": [str(each) for each in Opinion]}
_TALLIES: Schema = {"type": "object", "additionalProperties": ref("Tally")}
_LOOKS: Schema = {
    "Tally": an_object(
        looked=_COUNT,
        agreed=_COUNT,
        published_kept=_COUNT,
        published_overturned=_COUNT,
        rejected_kept=_COUNT,
        rejected_overturned=_COUNT,
        percent=_share(minimum=0, maximum=100),
        kappa={**_share(minimum=-1, maximum=1), "description": "Cohen's"},
    ),
    "Conflict": an_object(
        submission=TEXT,
        title=TEXT,
        state=TEXT,
        decided_by={"enum": [str(DecidedBy.MACHINE), str(DecidedBy.ORDER)]},
        decided=_OPINION,
        answer=_OPINION,
        reason=TEXT,
        looker=TEXT,
        checks=a_list(TEXT),
        answered_at=TIME,
    ),
    "Proposal": an_object(
        decided=_OPINION,
        looked=_COUNT,
        overturned=_COUNT,
        found={**_COUNT, "description": "One in so many was overturned"},
        promised={**_COUNT, "description": "One in so many may be"},
        step={"type": ["integer", "null"], "description": "What to choose instead; 0 is never"},
    ),
    "AgreementDetails": {
        **an_object(
            checks=_TALLIES,
            reasons=_TALLIES,
            conflicts=a_list(ref("Conflict")),
            proposals=a_list(ref("Proposal")),
        ),
        "type": ["object", "null"],
        "description": "null but for editors",
    },
    "Agreement": an_object(
        days=_COUNT,
        overall=ref("Tally"),
        by=an_object(**{str(each): ref("Tally") for each in DecidedBy}),
        own_decisions=ref("Tally"),
        own_looks=ref("Tally"),
        details=ref("AgreementDetails"),
    ),
}
SCHEMAS: Schema = {
    **_LOOKS,
    "OrderBody": OrderBody.model_json_schema(),
    "CampaignOrder": an_object(
        campaign={**TEXT, "description": "The id of its first submission"},
        action={"enum": [str(Action.HOLD), str(Action.REJECT)]},
        until=TIME,
        actor=TEXT,
        at=TIME,
        caught={**_COUNT, "description": "How many like it were received since"},
        by=a_list(ref("Common")),
    ),
    "Common": {
        **an_object(
            tie={"enum": [str(tie) for tie in Tie]},
            count={**_COUNT, "description": "How many have it in common"},
            shown={**TEXT, "description": "A host, a contact, a number masked, or empty"},
        ),
        "description": "What those of a campaign have in common",
    },
    "CampaignOrders": an_object(
        items=a_list(ref("CampaignOrder")),
        next={"type": "null"},
    ),
    "OrderEnded": an_object(id=TEXT, ended={"const": True}),
}
PATHS: Schema = {
    "/v1/second-look/agreement": {
        "get": _operation(
            "How far second looks of the last days agree with what had been decided",
            answers("Agreement", 401, 403),
        )
    },
    "/v1/campaigns/orders": {
        "get": _operation(
            "Orders on campaigns that stand, the newest first", answers("CampaignOrders", 401, 403)
        )
    },
    "/v1/campaigns/{id}/order": {
        "parameters": [_ID],
        "post": _operation(
            "Have the next ones like this held or rejected by themselves, for some hours; 422 "
            "nothing_alike for a text too short to know others by that advertises nothing",
            answers("CampaignOrder", 401, 403, *BODY_STATUSES, 404, 422),
            requestBody=a_body("OrderBody"),
        ),
        "delete": _operation("End the order", answers("OrderEnded", 401, 403, 404)),
    },
}
