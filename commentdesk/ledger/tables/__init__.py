"""The ledger's tables."""

from commentdesk.ledger.tables.accounts import (
    accounts,
    identities,
    recovery_codes,
    second_factors,
    sessions,
    tickets,
)
from commentdesk.ledger.tables.audit import audit, audit_head
from commentdesk.ledger.tables.base import metadata
from commentdesk.ledger.tables.looks import second_look_skips, second_looks
from commentdesk.ledger.tables.rules import (
    bans,
    campaign_orders,
    learned,
    policies,
    reasons,
    rehearsals,
    tightenings,
    words,
)
from commentdesk.ledger.tables.submissions import (
    HAS_DOUBTS,
    HAS_RISK,
    IS_HELD,
    IS_STUCK,
    articles,
    decisions,
    events,
    fingerprints,
    notes,
    revisions,
    submissions,
    verdicts,
    ways_out,
)

__all__ = [
    "HAS_DOUBTS",
    "HAS_RISK",
    "IS_HELD",
    "IS_STUCK",
    "accounts",
    "articles",
    "audit",
    "audit_head",
    "bans",
    "campaign_orders",
    "decisions",
    "events",
    "fingerprints",
    "identities",
    "learned",
    "metadata",
    "notes",
    "policies",
    "reasons",
    "recovery_codes",
    "rehearsals",
    "revisions",
    "second_factors",
    "second_look_skips",
    "second_looks",
    "sessions",
    "submissions",
    "tickets",
    "tightenings",
    "verdicts",
    "ways_out",
    "words",
]
