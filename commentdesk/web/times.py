"""Moments as readers see them, and as programs do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """As Vietnamese papers print it: 09:50 24/06/2020, by the clocks of that zone."""
    return moment.astimezone(zone).strftime("%H:%M %d/%m/%Y")


def stamp(moment: datetime) -> str:
    """For a machine: RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
