"""The settings of second looks."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LookSettings(BaseSettings):
    """How many decisions come back blind to another moderator; a part of all settings."""

    second_look_percent_machine: float = Field(
        1.0,
        ge=0,
        le=100,
        description="Of the machine's decisions, how many in a hundred come back blind to a "
        "moderator; 0: none",
    )
    second_look_percent_people: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Of moderators' decisions, how many in a hundred come back blind to another; "
        "0: none",
    )
