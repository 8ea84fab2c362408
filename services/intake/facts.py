"""How the form was filled in: facts for a moderator, never a verdict, and nothing identifying.

The widget tells them itself. The form without script carries them from page to page in a hidden
field, sealed, so that what intake counted nobody rewrites; kept nowhere else. What does not fit is
dropped: no comment is refused for it.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commentdesk.database import now
from commentdesk.sealing import Sealing, Unsealable

FIELD = "facts"
# A field no reader sees. Its name is one that programs like to fill in, and neither browsers nor
# password managers know.
HONEYPOT = "subject"
PURPOSE = "form-facts"
# A page left open over night says no more than a day does.
_MOST_SECONDS = 86_400
_MOST_TIMES = 1_000
_TOKEN_LENGTH = 500


class WidgetFacts(BaseModel):
    """What the widget tells of itself."""

    model_config = ConfigDict(strict=True, extra="forbid")

    seconds: int = Field(
        ge=0, le=_MOST_SECONDS, description="From the form shown to the form sent; at most a day"
    )
    pasted: bool = Field(description="Whether something was pasted or dropped into the content")
    captcha_reloads: int = Field(ge=0, le=_MOST_TIMES, description="Other captchas asked for")
    captcha_wrong: int = Field(ge=0, le=_MOST_TIMES, description="Wrong answers before this one")


@dataclass(frozen=True)
class Showing:
    """One form without script: since when it is shown, and what happened to its captchas."""

    since: datetime
    reloads: int = 0
    wrong: int = 0

    def with_more(self, *, reloaded: bool, wrong: bool) -> "Showing":
        """The same form shown once more."""
        return replace(
            self,
            reloads=min(self.reloads + reloaded, _MOST_TIMES),
            wrong=min(self.wrong + wrong, _MOST_TIMES),
        )


class CarriedFacts:
    """Seals a showing for the form's hidden field, and reads it back."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def seal(self, shown: Showing, article: str) -> str:
        """What the form of this article carries along."""
        plain = json.dumps([int(shown.since.timestamp()), shown.reloads, shown.wrong])
        sealed = self._sealing.seal(plain.encode(), article.encode())
        return base64.urlsafe_b64encode(sealed).decode()

    def open(self, token: object, article: str) -> Showing | None:
        """The showing of a form of this article; None for what was not sealed here for it."""
        if not isinstance(token, str) or not token.isascii() or len(token) > _TOKEN_LENGTH:
            return None
        try:
            sealed = base64.b64decode(token, b"-_", validate=True)
            since, reloads, wrong = json.loads(self._sealing.unseal(sealed, article.encode()))
        except (Unsealable, ValueError):
            return None
        return Showing(datetime.fromtimestamp(since, UTC), reloads, wrong)


def client_facts(carried: CarriedFacts, article: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept beside a comment: which form it came by, and what that form told."""
    caught = {"honeypot": True} if body.get(HONEYPOT) else {}
    return _told(carried, article, body.get(FIELD)) | caught


def _told(carried: CarriedFacts, article: str, told: object) -> dict[str, Any]:
    if shown := carried.open(told, article):
        seconds = int((now() - shown.since).total_seconds())
        return {
            "form": "plain",
            "seconds": min(max(seconds, 0), _MOST_SECONDS),
            "captcha_reloads": shown.reloads,
            "captcha_wrong": shown.wrong,
        }
    try:
        return {"form": "widget", **WidgetFacts.model_validate(told).model_dump()}
    except ValidationError:
        return {"form": "other"}
