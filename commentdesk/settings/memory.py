"""The settings of what is remembered: floods, bursts, people."""

from pydantic import Field
from pydantic_settings import BaseSettings


class MemorySettings(BaseSettings):
    """How long and how much; a part of all settings."""

    flood_days: int = Field(
        7, gt=0, description="Days in which texts are compared, and then forgotten"
    )
    flood_copies: int = Field(
        3,
        ge=0,
        description="Comments that have the same or nearly the same text from which one more is "
        "held; 0: any number",
    )
    burst_minutes: float = Field(10.0, gt=0, description="What counts as at once, minutes")
    burst_address: int = Field(
        20, ge=0, description="Comments at once from one address before more are held; 0: any"
    )
    burst_phone: int = Field(
        10, ge=0, description="Comments at once with one phone before more are held; 0: any"
    )
    burst_article: int = Field(
        300, ge=0, description="Comments at once on one article that are told as a sign; 0: none"
    )
    names_per_phone: int = Field(
        5, ge=0, description="Names a day one phone may come with before it is doubted; 0: any"
    )
    phones_per_address: int = Field(
        20, ge=0, description="Phones a day one address may give before it is doubted; 0: any"
    )
    person_days: int = Field(
        90, gt=0, description="Days back in which a phone's or a browser's comments are counted"
    )
    newcomers_held: int = Field(
        0, ge=0, description="Hold everyone until so many comments of theirs were approved; 0: no"
    )
    trusted_after: int = Field(
        10,
        ge=0,
        description="Comments of one phone and browser that moderators approved, none rejected, "
        "after which doubts no longer hold; 0: never",
    )
