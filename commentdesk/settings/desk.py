"""The settings of the moderators' desk."""

from pydantic import Field
from pydantic_settings import BaseSettings


class DeskSettings(BaseSettings):
    """How moderators work; a part of all settings."""

    undo_seconds: float = Field(
        10.0,
        ge=0,
        le=600,
        description="How long an approval can be undone before it leaves for the article, "
        "seconds; 0: it leaves at once",
    )
