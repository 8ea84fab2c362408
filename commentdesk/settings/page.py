"""The settings of what readers are shown."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class PageSettings(BaseSettings):
    """How pages and the widget say times; a part of all settings."""

    time_zone: str = Field(
        "Asia/Ho_Chi_Minh",
        description="Time zone of all times shown, to readers and moderators, as IANA names it",
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError("no time zone of this name") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)
