"""Alembic's entry for the ledger."""

from commentdesk.database import run_migrations
from commentdesk.ledger.tables import metadata

run_migrations(metadata)
