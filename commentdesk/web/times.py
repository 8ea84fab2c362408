"""Moments as readers see them, and as programs do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NEWSROOM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def clock(moment: datetime) -> str:
    """09:50 24/06/2020, the newsroom's time."""
    return moment.astimezone(NEWSROOM_TIME).strftime("%H:%M %d/%m/%Y")


def stamp(moment: datetime) -> str:
    """For a machine: RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
