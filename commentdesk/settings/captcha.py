"""The settings of captchas: what is asked of a reader, how often, and when more of it."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class CaptchaSettings(BaseSettings):
    """What a form has to prove, in quiet times and in a surge; a part of all settings."""

    captcha: Literal["image", "image-or-work", "work"] = Field(
        "image",
        description="What a comment costs: image (a code to type, seen or heard), image-or-work "
        "(that, or a proof of work that the browser does unasked while the reader writes; the "
        "reader chooses), work (that alone; the form without script has its picture all the same)",
    )
    captcha_seconds: int = Field(
        600, gt=0, description="How long a captcha can be answered, seconds"
    )
    captcha_work: int = Field(
        600,
        gt=0,
        le=100_000,
        description="Tries that a proof of work takes at most, half of it on the average; doubled "
        "by each step of a surge",
    )
    captchas_limit: str = Field("30/minute", description="Captchas per address")
    pictures_limit: str = Field("30/minute", description="Captcha pictures per address")
    sounds_limit: str = Field("10/minute", description="Captcha sounds per address")
    surge_plain_limit: str = Field(
        "2/minute",
        description="Comments per address by the form without script, while in a surge or by a "
        "sound's digits",
    )
    surge_window_seconds: float = Field(
        60.0, gt=0, description="What the counts of a surge are of, seconds"
    )
    surge_calm_seconds: float = Field(
        300.0, ge=0, description="How long it must be quieter before a surge falls, seconds"
    )
    surge_wrong: int = Field(
        60, ge=0, description="Wrong answers on the site from which it is a surge; 0: any number"
    )
    surge_wrong_article: int = Field(
        30, ge=0, description="The same under one article; 0: any number"
    )
    surge_comments: int = Field(
        600, ge=0, description="Comments taken on the site from which it is a surge; 0: any number"
    )
    surge_comments_article: int = Field(
        200, ge=0, description="The same under one article; 0: any number"
    )
    surge_sounds: int = Field(
        60, ge=0, description="Captcha sounds on the site from which it is a surge; 0: any number"
    )
    surge_sounds_article: int = Field(
        30, ge=0, description="The same under one article; 0: any number"
    )
