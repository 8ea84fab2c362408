"""A sign-in under way: kept by the browser that began it, sealed, so that we need not."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import asdict, dataclass

from commentdesk.sealing import Sealing, Unsealable

ASKED_SECONDS = 600
# A cookie has to hold it.
_LONGEST_TARGET = 500


@dataclass(frozen=True)
class Asked:
    """What was sent along, to be told again: by the provider, or to it."""

    state: str
    nonce: str
    verifier: str
    target: str
    until: float

    @classmethod
    def begin(cls, target: str) -> "Asked":
        """A sign-in that leads there afterwards."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        plain = target if len(target) <= _LONGEST_TARGET else "/"
        return cls(state, nonce, verifier, plain, time.time() + ASKED_SECONDS)

    @classmethod
    def unseal(cls, sealing: Sealing, text: str) -> "Asked | None":
        """What `seal` made, if its time is not over."""
        try:
            asked = cls(**json.loads(sealing.unseal(base64.urlsafe_b64decode(text))))
        except (ValueError, Unsealable):
            return None
        return asked if asked.until > time.time() else None

    def seal(self, sealing: Sealing) -> str:
        return base64.urlsafe_b64encode(sealing.seal(json.dumps(asdict(self)).encode())).decode()

    @property
    def challenge(self) -> str:
        """The verifier's hash, which may be seen on the way (RFC 7636 §4.2, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
