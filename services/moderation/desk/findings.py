"""Findings as the API shows them, in OpenAPI's words."""

from typing import Any

from commentdesk.domain.finding import Outcome

_REASON: dict[str, Any] = {
    "type": "object",
    "required": ["code", "text"],
    "properties": {
        "code": {"type": "string"},
        "text": {"type": "string", "description": "What was seen, or what it was compared with"},
        "field": {
            "type": ["string", "null"],
            "enum": ["name", "title", "content", None],
            "description": "The field it was seen in; null where it is about no text",
        },
        "span": {
            "type": ["array", "null"],
            "items": {"type": "integer", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
            "description": "Where in that field: from this code point to before that one, as typed",
        },
    },
}
FINDING: dict[str, Any] = {
    "type": "object",
    "required": ["check", "outcome", "score", "reasons"],
    "properties": {
        "check": {"type": "string"},
        "outcome": {"enum": [str(outcome) for outcome in Outcome]},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "reasons": {"type": "array", "items": _REASON},
        "holds": {"type": "boolean", "description": "A person should look, whatever the score"},
    },
}
