"""The settings of alarms."""

from pydantic import Field
from pydantic_settings import BaseSettings


class AlarmSettings(BaseSettings):
    """From when on something is wrong; a part of all settings."""

    waiting_target_minutes: float = Field(
        60.0,
        gt=0,
        description="How long a comment should wait for a moderator at most, minutes; older ones "
        "are an alarm",
    )
