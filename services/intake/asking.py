"""What a form has to prove before it is taken, and the captcha as a client sees it."""

import asyncio
from enum import StrEnum
from typing import Any

from aiohttp import web
from prometheus_client import Counter

from commentdesk.domain.moments import stamp
from commentdesk.web import SETTINGS
from services.intake import keys
from services.intake.captcha.minting import Captcha

# Set on requests of the form without script: it can do no work, and is never asked for any.
PLAIN = web.RequestKey("plain", bool)
ASKED = Counter("commentdesk_captchas_total", "Captchas shown to forms", ["ask"])


class Ask(StrEnum):
    """What is asked for."""

    IMAGE = "image"
    EITHER = "either"
    WORK = "work"
    BOTH = "both"

    @property
    def has_picture(self) -> bool:
        return self is not Ask.WORK

    @property
    def has_work(self) -> bool:
        return self is not Ask.IMAGE


def asked_of(request: web.Request, article: str) -> Ask:
    """What a form under this article has to bring now."""
    mode = request.app[SETTINGS].captcha
    if request.get(PLAIN):
        return Ask.IMAGE
    if mode == "work":
        return Ask.WORK
    if request.app[keys.SURGE].step(article):
        return Ask.BOTH
    return Ask.EITHER if mode == "image-or-work" else Ask.IMAGE


def tries_for(request: web.Request, article: str) -> int:
    """How many tries a proof of work takes at most now."""
    doublings = max(request.app[keys.SURGE].step(article) - 1, 0)
    return int(request.app[SETTINGS].captcha_work << doublings)


def with_answer(request: web.Request, ask: Ask, captcha: Captcha, answer: str) -> Ask:
    """What is asked for of who gave this answer: beside what was heard, work."""
    adds_work = captcha.heard(answer) and ask.has_picture and not request.get(PLAIN)
    return Ask.BOTH if adds_work else ask


async def captcha_document(
    request: web.Request, captcha: Captcha, ask: Ask | None = None
) -> dict[str, Any]:
    """The captcha, with what is asked for: now, if nothing else is said."""
    ask = ask or asked_of(request, captcha.article)
    if not ask.has_work:
        return picture_document(request, captcha)
    work = await asyncio.to_thread(
        request.app[keys.WORKS].ask, captcha, tries_for(request, captcha.article)
    )
    return _document(request, captcha, ask, work)


def picture_document(request: web.Request, captcha: Captcha) -> dict[str, Any]:
    """The captcha of a form that is asked for the picture alone."""
    return _document(request, captcha, Ask.IMAGE, None)


def _document(
    request: web.Request, captcha: Captcha, ask: Ask, work: dict[str, Any] | None
) -> dict[str, Any]:
    ASKED.labels(ask).inc()
    base = f"{request.app[SETTINGS].intake_url}/v1/captchas/{captcha.id}"
    return {
        "id": captcha.id,
        "ask": ask,
        "image_url": f"{base}/image" if ask.has_picture else None,
        "audio_url": f"{base}/audio" if ask.has_picture else None,
        "work": work,
        "expires_at": stamp(captcha.expires_at),
    }
