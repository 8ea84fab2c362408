"""The settings of the reader's form: what it asks for, and how long a reader may correct it."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from commentdesk.domain.addresses import Origin

Asked = Literal["off", "optional", "required"]


class FormSettings(BaseSettings):
    """Fields, consent, corrections; a part of all settings."""

    phone_field: Asked = Field(
        "optional", description="Whether the form asks for a phone: off, optional, required"
    )
    title_field: Asked = Field(
        "required", description="Whether the form asks for a title: off, optional, required"
    )
    consent: Literal["off", "required"] = Field(
        "off",
        description="Whether a reader has to tick that they agree to what is kept: off, required",
    )
    consent_version: str = Field(
        "2026-11-26",
        min_length=1,
        max_length=100,
        description="What is agreed to, kept with each comment: change it with the wording; pages "
        "open meanwhile ask anew",
    )
    privacy_url: str = Field(
        "", description="Address of the site's own page on personal data; empty: none"
    )
    correction_seconds: int = Field(
        300,
        ge=0,
        description="How long a reader may correct or withdraw what still waits, seconds; 0: not "
        "at all",
    )
    receipts_limit: str = Field("60/minute", description="Looks at receipts per address")

    @field_validator("privacy_url")
    @classmethod
    def _page_on_the_web(cls, value: str) -> str:
        if value:
            Origin.parse(value)
        return value
