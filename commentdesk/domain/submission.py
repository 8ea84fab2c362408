"""What a reader sent."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NAME_LENGTH = 80
TITLE_LENGTH = 150
CONTENT_LENGTH = 5_000
PHONE_LENGTH = 40


@dataclass(frozen=True)
class Wording:
    """The part of a form that its reader may still correct."""

    name: str
    title: str
    content: str


@dataclass(frozen=True)
class Submission:
    """One filled-in form, normalised; lengths count user-perceived characters."""

    id: str
    article: str
    name: str
    title: str
    content: str
    language: str
    received_at: datetime
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    # What the browser says of itself, for telling two apart; kept as a keyed hash alone.
    browser: str = field(default="", repr=False)
    parent: str | None = None
    consent: bool = False
    # Of what was agreed to; None where nobody asked.
    consent_version: str | None = None
    client: dict[str, Any] = field(default_factory=dict, repr=False)
    # The reader typed the code that was sent to the phone.
    phone_proven: bool = False
