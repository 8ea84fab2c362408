"""Captchas: the id carries everything, sealed, so that issuing one stores nothing.

Picture and sound come from the `captcha` package, drawn from a seed of the id: asking twice
gives the same bytes, and nobody can average the noise away.
"""

import base64
import contextlib
import hmac
import json
import random
import secrets
import unicodedata
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import captcha.audio
import captcha.image

from commentdesk.database import now
from commentdesk.sealing import Sealing, Unsealable

# Digits alone: the package's voice reads nothing else, and picture and sound ask the same.
ALPHABET = "0123456789"
LENGTH = 5
_NONCE_BYTES = 16
_ID_LENGTH = 2_000
_ANSWER_LENGTH = 200
_WIDTH, _HEIGHT, _FONT_SIZES = 240, 80, (56, 62, 68)


class CaptchaUnknown(ValueError):
    """The id was not made here, or something was changed in it."""


@dataclass(frozen=True)
class Captcha:
    """One captcha; `nonce` is 32 hexadecimal digits."""

    id: str
    nonce: str
    article: str
    answer: str
    expires_at: datetime

    def expired(self, at: datetime) -> bool:
        return at >= self.expires_at

    def accepts(self, answer: str) -> bool:
        """Whether the answer is right; blanks, width and case do not count."""
        if len(answer) > _ANSWER_LENGTH:
            return False
        typed = "".join(unicodedata.normalize("NFKC", answer).casefold().split())
        return hmac.compare_digest(typed.encode(), self.answer.encode())


class CaptchaMint:
    """Makes captchas that last `seconds`, and reads their ids back."""

    def __init__(self, sealing: Sealing, seconds: int) -> None:
        self._sealing = sealing
        self._seconds = seconds

    def mint(self, article: str) -> Captcha:
        """A fresh captcha, good for one comment under this article."""
        nonce = secrets.token_hex(_NONCE_BYTES)
        answer = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        expires = int((now() + timedelta(seconds=self._seconds)).timestamp())
        sealed = self._sealing.seal(json.dumps([nonce, answer, article, expires]).encode())
        token = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        return Captcha(token, nonce, article, answer, datetime.fromtimestamp(expires, UTC))

    def open(self, captcha_id: str) -> Captcha:
        """The captcha of an id, expired or not.

        Raises:
            CaptchaUnknown: not an id of this installation.
        """
        if not captcha_id.isascii() or len(captcha_id) > _ID_LENGTH:
            raise CaptchaUnknown
        try:
            padded = captcha_id + "=" * (-len(captcha_id) % 4)
            plain = self._sealing.unseal(base64.b64decode(padded, b"-_", validate=True))
        except (Unsealable, ValueError) as error:
            raise CaptchaUnknown from error
        nonce, answer, article, expires = json.loads(plain)
        return Captcha(captcha_id, nonce, article, answer, datetime.fromtimestamp(expires, UTC))

    def picture(self, drawn: Captcha) -> bytes:
        """The PNG, 240 by 80 pixels."""
        with _chance_of(drawn):
            return _image().generate(drawn.answer).getvalue()

    def sound(self, spoken: Captcha) -> bytes:
        """The WAV, the digits read in English over noise."""
        with _chance_of(spoken):
            return bytes(_audio().generate(spoken.answer))


class _SeededSecrets:
    """Stands where the package asks the `secrets` module: the captcha's own dice."""

    _dice: ContextVar[random.Random] = ContextVar("dice")

    @contextlib.contextmanager
    def seeded(self, seed: str) -> Iterator[None]:
        # Not for secrecy: the answer is drawn above, by the operating system's randomness.
        token = self._dice.set(random.Random(seed))  # noqa: S311
        try:
            yield
        finally:
            self._dice.reset(token)

    def randbelow(self, limit: int) -> int:
        return self._dice.get().randrange(limit)

    def randbits(self, count: int) -> int:
        return self._dice.get().getrandbits(count)

    def choice(self, options: Any) -> Any:
        return self._dice.get().choice(options)


_CHANCE = _SeededSecrets()
# The package has no way to hand it dice.
vars(captcha.image)["secrets"] = _CHANCE
vars(captcha.audio)["secrets"] = _CHANCE


def _chance_of(drawn: Captcha) -> contextlib.AbstractContextManager[None]:
    return _CHANCE.seeded(drawn.nonce + drawn.answer)


class _Picture(captcha.image.ImageCaptcha):
    """The package's drawing, turned and warped less: a 7 must not become a >."""

    character_rotate = (-15, 15)
    character_warp_dx = (0.05, 0.2)
    character_warp_dy = (0.1, 0.2)


@cache
def _image() -> captcha.image.ImageCaptcha:
    return _Picture(_WIDTH, _HEIGHT, font_sizes=_FONT_SIZES)


@cache
def _audio() -> captcha.audio.AudioCaptcha:
    audio = captcha.audio.AudioCaptcha()
    audio.load()
    return audio
