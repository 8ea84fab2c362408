"""The ledger's tables."""

from commentdesk.ledger.tables.accounts import (
    accounts,
    audit,
    identities,
    recovery_codes,
    second_factors,
    sessions,
    tickets,
)
from commentdesk.ledger.tables.base import metadata
from commentdesk.ledger.tables.rules import bans, learned, policies, words
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
    "identities",
    "learned",
    "metadata",
    "policies",
    "recovery_codes",
    "second_factors",
    "sessions",
    "submissions",
    "tickets",
    "verdicts",
    "words",
]
