"""Moments as readers see them."""

from datetime import datetime
from zoneinfo import ZoneInfo


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """As Vietnamese papers print it: 09:50 24/06/2020, by the clocks of that zone."""
    return moment.astimezone(zone).strftime("%H:%M %d/%m/%Y")
