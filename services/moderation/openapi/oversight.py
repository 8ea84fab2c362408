"""The audit and the statistics as OpenAPI 3.1."""

from commentdesk.ledger.coverage import COUNTED
from commentdesk.ledger.judgement import BANDS
from commentdesk.ledger.verification import FaultKind
from commentdesk.web.openapi import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    Schema,
    a_list,
    an_object,
    in_query,
    ref,
)
from services.moderation.openapi.parts import READER, SESSION, answers
from services.moderation.oversight.audit import CURSOR_PATTERN
from services.moderation.oversight.figures import WINDOWS

_AMOUNT_OR_NULL: Schema = {"type": ["number", "null"]}
# Empty is unsaid, as a form sends it.
_DAY: Schema = {"type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}


def paths() -> Schema:
    """What is asked of whom."""
    window = {"enum": [*WINDOWS, ""]}
    return {
        "/v1/audit": {
            "get": {
                "summary": "The audit, the newest first, and whether its chain holds; for admins",
                "security": SESSION,
                "parameters": [in_query(name, kind) for name, kind in _audit_query().items()],
                "responses": answers("Audit", 400, 401, 403, 422),
            }
        },
        "/v1/statistics": {
            "get": {
                "summary": "Figures of the site and one's own; for editors by section and article",
                "security": READER,
                "parameters": [in_query("window", window)],
                "responses": answers("Statistics", 401, 422),
            }
        },
    }


def schemas() -> Schema:
    """What is answered."""
    return {
        "AuditRow": _audit_row(),
        "Audit": an_object(
            items=a_list(ref("AuditRow")),
            next=TEXT_OR_NULL,
            chain=_chain(),
        ),
        "Statistics": an_object(
            window={"enum": list(WINDOWS)},
            since=TIME,
            at=TIME,
            columns=a_list(an_object(at=TIME, arrived=NUMBER, by_people=NUMBER, by_machine=NUMBER)),
            waiting=_waiting(),
            machine=_machine(),
            own=_or_null(an_object(decided=NUMBER, per_hour=_AMOUNT_OR_NULL, undone=NUMBER)),
            sections=_or_null(a_list(_part())),
            articles=_or_null(a_list(_part())),
        ),
    }


def _audit_row() -> Schema:
    """A deed, with its place in the chain."""
    return an_object(
        id=TEXT,
        number=NUMBER,
        at=TIME,
        actor=TEXT,
        action=TEXT,
        submission=TEXT_OR_NULL,
        detail={"type": "object"},
        mac=TEXT,
        note_erased=FLAG,
    )


def _audit_query() -> Schema:
    return {
        "actor": TEXT,
        "action": {
            **TEXT,
            "description": "`personal_data` is every deed that shows phone numbers in full",
        },
        "submission": TEXT,
        "after": {**_DAY, "description": "From this day on, by the site's clocks"},
        "before": {**_DAY, "description": "To the end of this day"},
        "q": {**TEXT, "description": "Text in the detail, whatever the case and diacritics"},
        "cursor": {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    }


def _chain() -> Schema:
    fault = an_object(kind={"enum": [str(kind) for kind in FaultKind]}, number=NUMBER, last=NUMBER)
    return an_object(
        holds={"type": ["boolean", "null"], "description": "null until all of it was looked at"},
        number=NUMBER,
        mac=TEXT,
        checked=NUMBER,
        faults=a_list(fault),
    )


def _waiting() -> Schema:
    return an_object(
        number=NUMBER,
        oldest=TIME_OR_NULL,
        oldest_seconds=_AMOUNT_OR_NULL,
        target_seconds={"type": "number"},
        late=FLAG,
        hours_to_clear={**_AMOUNT_OR_NULL, "description": "null where it does not shrink"},
        to_decision=_quantiles(),
        to_publication=_quantiles(),
    )


def _machine() -> Schema:
    bands = {"type": "array", "items": NUMBER, "minItems": BANDS, "maxItems": BANDS}
    return an_object(
        share=_AMOUNT_OR_NULL,
        published=NUMBER,
        published_removed=NUMBER,
        rejected=NUMBER,
        rejected_restored=NUMBER,
        agreement_of_held=_AMOUNT_OR_NULL,
        approved_by_risk=bands,
        refused_by_risk=bands,
    )


def _part() -> Schema:
    return an_object(
        name=TEXT,
        title=TEXT,
        entered=an_object(**{str(state): NUMBER for state in COUNTED}),
        waiting=NUMBER,
        oldest=TIME_OR_NULL,
        to_decision=_quantiles(),
    )


def _quantiles() -> Schema:
    return an_object(number=NUMBER, p50=_AMOUNT_OR_NULL, p95=_AMOUNT_OR_NULL)


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
