"""The ledger's tables."""

from commentdesk.ledger.tables.accounts import accounts, audit, sessions
from commentdesk.ledger.tables.base import metadata
from commentdesk.ledger.tables.rules import bans, learned, policies, words
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
    submissions,
    verdicts,
)

__all__ = [
    "HAS_DOUBTS",
    "HAS_RISK",
    "IS_HELD",
    "IS_STUCK",
    "accounts",
    "articles",
    "audit",
    "bans",
    "decisions",
    "events",
    "fingerprints",
    "learned",
    "metadata",
    "notes",
    "policies",
    "sessions",
    "submissions",
    "verdicts",
    "words",
]
