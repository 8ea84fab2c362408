"""Moments as readers see them."""

from datetime import datetime
from zoneinfo import ZoneInfo

NEWSROOM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def clock(moment: datetime) -> str:
    """09:50 24/06/2020, the newsroom's time."""
    return moment.astimezone(NEWSROOM_TIME).strftime("%H:%M %d/%m/%Y")
