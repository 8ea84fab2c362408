"""Processes beside the first installation: on the same ledger, with the same key."""

from pathlib import Path

from tests.installation import Installation


def neighbour(first: Installation, folder: Path, **extra: str) -> Installation:
    """An installation whose intake shares ledger, Redis and article store with the first."""
    return Installation(
        folder,
        first.redis,
        (first.settings.ledger_url, first.settings.articles_database_url),
        SECRET=first.settings.secret.get_secret_value(),
        SERVICE_TOKEN=first.token,
        ARTICLES_URL=first.articles,
        **extra,
    )
