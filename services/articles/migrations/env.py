"""Alembic enters here; see commentdesk.database.migrate."""

from commentdesk.database import run_migrations
from services.articles.tables import metadata

run_migrations(metadata)
