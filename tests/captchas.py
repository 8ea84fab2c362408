"""Captchas whose time is over, without waiting for it."""

import base64
import json

from commentdesk.sealing import Sealing
from services.intake.captcha.minting import Captcha
from services.intake.mint import PURPOSE
from tests.installation import Installation


def aged(site: Installation, captcha: Captcha) -> Captcha:
    """The same captcha when its time is over: by another id, with the same nonce and answers."""
    sealing = Sealing(site.settings.secret.get_secret_value(), PURPOSE)
    padded = captcha.id + "=" * (-len(captcha.id) % 4)
    *known, _ = json.loads(sealing.unseal(base64.urlsafe_b64decode(padded)))
    sealed = sealing.seal(json.dumps([*known, 0]).encode())
    return site.mint.open(base64.urlsafe_b64encode(sealed).decode().rstrip("="))
