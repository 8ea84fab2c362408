"""Captchas: the id carries everything, sealed, so that issuing one stores nothing.

Picture and sound are made from a seed of the id: asking twice gives the same bytes, and nobody
can average the noise away. Each asks for an answer of its own, and either is right.
"""

import base64
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from commentdesk.database import now
from commentdesk.sealing import Sealing, Unsealable
from services.intake.captcha import picture, sound
from services.intake.captcha.orders import Order

_NONCE_BYTES = 16
_ID_LENGTH = 2_000
_ANSWER_LENGTH = 200


class CaptchaUnknown(ValueError):
    """The id was not made here, or something was changed in it."""


@dataclass(frozen=True)
class Captcha:
    """One captcha: `answer` is the picture's, `digits` the sound's.

    `nonce` is 32 hexadecimal digits.
    """

    id: str
    nonce: str
    article: str
    answer: str
    digits: str
    expires_at: datetime

    def expired(self, at: datetime) -> bool:
        return at >= self.expires_at

    def accepts(self, answer: str) -> bool:
        """Whether the answer is right; blanks, width and case do not count."""
        shown, heard = _is_same(answer, self.answer), _is_same(answer, self.digits)
        return shown or heard

    def heard(self, answer: str) -> bool:
        """Whether it is the sound's that is given, which a program can hear."""
        return _is_same(answer, self.digits)

    def picture(self) -> Order:
        """What there is to see: the same for one id every time."""
        return Order(self.answer, self.nonce + self.answer)

    def sound(self, language: str) -> Order:
        """What there is to hear, in a language of `sound.LANGUAGES`."""
        return Order(self.digits, self.nonce + self.digits, language)


class CaptchaMint:
    """Makes captchas that last `seconds`, and reads their ids back."""

    def __init__(self, sealing: Sealing, seconds: int) -> None:
        self._sealing = sealing
        self._seconds = seconds

    def mint(self, article: str) -> Captcha:
        """A fresh captcha, good for one comment under this article."""
        nonce = secrets.token_hex(_NONCE_BYTES)
        answer = _drawn_from(picture.ALPHABET, picture.LENGTH)
        digits = _drawn_from(sound.DIGITS, sound.LENGTH)
        expires = int((now() + timedelta(seconds=self._seconds)).timestamp())
        plain = json.dumps([nonce, answer, digits, article, expires])
        token = base64.urlsafe_b64encode(self._sealing.seal(plain.encode())).decode().rstrip("=")
        ends = datetime.fromtimestamp(expires, UTC)
        return Captcha(token, nonce, article, answer, digits, ends)

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
            # Another version of this program may have sealed something else.
            nonce, answer, digits, article, expires = json.loads(plain)
        except (Unsealable, ValueError) as error:
            raise CaptchaUnknown from error
        ends = datetime.fromtimestamp(expires, UTC)
        return Captcha(captcha_id, nonce, article, answer, digits, ends)


def _drawn_from(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _is_same(answer: str, right: str) -> bool:
    if len(answer) > _ANSWER_LENGTH:
        return False
    return hmac.compare_digest(_folded(answer), _folded(right))


def _folded(answer: str) -> bytes:
    return "".join(unicodedata.normalize("NFKC", answer).casefold().split()).encode()
