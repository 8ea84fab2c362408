"""The ledger's tables."""

from commentdesk.ledger.tables.accounts import accounts, sessions
from commentdesk.ledger.tables.audit import audit, audit_head
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
    "audit_head",
    "bans",
    "decisions",
    "events",
    "fingerprints",
    "learned",
    "metadata",
    "policies",
    "sessions",
    "submissions",
    "verdicts",
    "words",
]
