"""The ledger: every submission accepted and all that became of it. The truth; Redis is a hint."""

from commentdesk.ledger.connection import Ledger

__all__ = ["Ledger"]
