"""The audit and the statistics as OpenAPI 3.1."""

from typing import Any

from commentdesk.ledger.coverage import COUNTED
from commentdesk.ledger.judgement import BANDS
from commentdesk.ledger.verification import FaultKind
from commentdesk.web.openapi import problems
from services.moderation.audit import CURSOR_PATTERN
from services.moderation.figures import WINDOWS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_NUMBER: Schema = {"type": "integer"}
_AMOUNT_OR_NULL: Schema = {"type": ["number", "null"]}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_FLAG: Schema = {"type": "boolean"}
# Empty is unsaid, as a form sends it.
_DAY: Schema = {"type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}


def paths() -> Schema:
    """What is asked of whom."""
    window = {"enum": [*WINDOWS, ""]}
    return {
        "/v1/audit": {
            "get": {
                "summary": "The audit, the newest first, and whether its chain holds; for admins",
                "security": [{"session": []}],
                "parameters": [_in_query(name, kind) for name, kind in _audit_query().items()],
                "responses": _answers("Audit", 400, 401, 403, 422),
            }
        },
        "/v1/statistics": {
            "get": {
                "summary": "Figures of the site and one's own; for editors by section and article",
                "security": [{"session": []}, {"serviceToken": []}],
                "parameters": [_in_query("window", window)],
                "responses": _answers("Statistics", 401, 422),
            }
        },
    }


def schemas() -> Schema:
    """What is answered."""
    return {
        "AuditRow": _audit_row(),
        "Audit": _object(
            items={"type": "array", "items": {"$ref": "#/components/schemas/AuditRow"}},
            next=_TEXT_OR_NULL,
            chain=_chain(),
        ),
        "Statistics": _object(
            window={"enum": list(WINDOWS)},
            since=_TIME,
            at=_TIME,
            columns=_array(
                _object(at=_TIME, arrived=_NUMBER, by_people=_NUMBER, by_machine=_NUMBER)
            ),
            waiting=_waiting(),
            machine=_machine(),
            own=_or_null(_object(decided=_NUMBER, per_hour=_AMOUNT_OR_NULL, undone=_NUMBER)),
            sections=_or_null(_array(_part())),
            articles=_or_null(_array(_part())),
        ),
    }


def _audit_row() -> Schema:
    """A deed, with its place in the chain."""
    return _object(
        id=_TEXT,
        number=_NUMBER,
        at=_TIME,
        actor=_TEXT,
        action=_TEXT,
        submission=_TEXT_OR_NULL,
        detail={"type": "object"},
        mac=_TEXT,
        note_erased=_FLAG,
    )


def _audit_query() -> Schema:
    return {
        "actor": _TEXT,
        "action": {
            **_TEXT,
            "description": "`personal_data` is every deed that shows phone numbers in full",
        },
        "submission": _TEXT,
        "after": {**_DAY, "description": "From this day on, the newsroom's time"},
        "before": {**_DAY, "description": "To the end of this day"},
        "q": {**_TEXT, "description": "Text in the detail, whatever the case and diacritics"},
        "cursor": {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    }


def _chain() -> Schema:
    fault = _object(kind={"enum": [str(kind) for kind in FaultKind]}, number=_NUMBER, last=_NUMBER)
    return _object(
        holds={"type": ["boolean", "null"], "description": "null until all of it was looked at"},
        number=_NUMBER,
        mac=_TEXT,
        checked=_NUMBER,
        faults=_array(fault),
    )


def _waiting() -> Schema:
    return _object(
        number=_NUMBER,
        oldest=_TIME_OR_NULL,
        oldest_seconds=_AMOUNT_OR_NULL,
        target_seconds={"type": "number"},
        late=_FLAG,
        hours_to_clear={**_AMOUNT_OR_NULL, "description": "null where it does not shrink"},
        to_decision=_quantiles(),
        to_publication=_quantiles(),
    )


def _machine() -> Schema:
    bands = {"type": "array", "items": _NUMBER, "minItems": BANDS, "maxItems": BANDS}
    return _object(
        share=_AMOUNT_OR_NULL,
        published=_NUMBER,
        published_removed=_NUMBER,
        rejected=_NUMBER,
        rejected_restored=_NUMBER,
        agreement_of_held=_AMOUNT_OR_NULL,
        approved_by_risk=bands,
        refused_by_risk=bands,
    )


def _part() -> Schema:
    return _object(
        name=_TEXT,
        title=_TEXT,
        entered=_object(**{str(state): _NUMBER for state in COUNTED}),
        waiting=_NUMBER,
        oldest=_TIME_OR_NULL,
        to_decision=_quantiles(),
    )


def _quantiles() -> Schema:
    return _object(number=_NUMBER, p50=_AMOUNT_OR_NULL, p95=_AMOUNT_OR_NULL)


def _answers(schema: str, *fails: int) -> Schema:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"200": {"description": schema, "content": content}, **problems(*fails)}


def _in_query(name: str, kind: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": kind}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}
