"""Moments, for machines."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
