"""The ledger's tables."""

from commentdesk.ledger.tables.accounts import accounts, audit, sessions
from commentdesk.ledger.tables.base import metadata
from commentdesk.ledger.tables.rules import (
    bans,
    learned,
    policies,
    reasons,
    rehearsals,
    tightenings,
    words,
)
from commentdesk.ledger.tables.submissions import (
    articles,
    decisions,
    events,
    fingerprints,
    submissions,
    verdicts,
)

__all__ = [
    "accounts",
    "articles",
    "audit",
    "bans",
    "decisions",
    "events",
    "fingerprints",
    "learned",
    "metadata",
    "policies",
    "reasons",
    "rehearsals",
    "sessions",
    "submissions",
    "tightenings",
    "verdicts",
    "words",
]
