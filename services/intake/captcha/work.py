"""Proof of work by ALTCHA's open protocol (version 2): the browser pays, the reader does nothing.

The browser finds the one counter whose PBKDF2/SHA-256 key begins as the challenge says. That is a
derivation browsers have natively, so a phone pays about what a program of an attacker's pays for
a try; and the counter is one of so many, so the longest wait has an end. Everything the answer is
judged by is signed and comes back with it: nothing is stored, and no key is derived to judge.
"""

import base64
import json
import secrets
from enum import Enum, auto
from typing import Any

import altcha

from commentdesk.sealing import Sealing
from services.intake.captcha.minting import Captcha

PURPOSE = "captcha-work"
ALGORITHM = "PBKDF2/SHA-256"
# Iterations a try: some tenths of a millisecond, of which a browser's own overhead is little.
COST = 1_000
PAYLOAD_LENGTH = 4_000
# A reader who has worked while the surge rose by one step has worked enough.
_FORGIVEN = 2


class Worked(Enum):
    """What a form's proof of work is worth."""

    DONE = auto()
    MISSING = auto()
    # Right, and no longer hard enough.
    TOO_LITTLE = auto()
    # Of this captcha, whose time is over.
    LATE = auto()
    WRONG = auto()

    @property
    def is_of_this_captcha(self) -> bool:
        """Whether the captcha's own challenge came back, however late or little the work."""
        return self in {Worked.DONE, Worked.TOO_LITTLE, Worked.LATE}


class Works:
    """Makes proofs of work for captchas, and judges what was done."""

    def __init__(self, secret: str) -> None:
        sealing = Sealing(secret, PURPOSE)
        self._signs, self._signs_keys = (sealing.keyed_hash(part) for part in ("work", "keys"))
        self._bind = Sealing(secret, f"{PURPOSE}-captcha").keyed_hash

    def ask(self, captcha: Captcha, tries: int) -> dict[str, Any]:
        """A challenge for this captcha that takes `tries` at most, as the protocol writes it.

        Takes as long as one try; the interpreter is free meanwhile.
        """
        challenge = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=secrets.randbelow(tries),
            expires_at=captcha.expires_at,
            data={"captcha": self._name(captcha), "tries": tries},
            hmac_secret=self._signs,
            hmac_key_secret=self._signs_keys,
        )
        return dict(challenge.to_dict())

    def judge(self, captcha: Captcha, payload: str, tries: int) -> Worked:
        """What the payload is worth where `tries` are asked for now."""
        if not payload:
            return Worked.MISSING
        found = _read(payload)
        if found is None or not self._is_for(captcha, found):
            return Worked.WRONG
        result = altcha.verify_solution(found, self._signs, hmac_key_secret=self._signs_keys)
        if result.expired:
            return Worked.LATE
        if not result.verified:
            return Worked.WRONG
        enough = _signed(found)["tries"] * _FORGIVEN >= tries
        return Worked.DONE if enough else Worked.TOO_LITTLE

    def _is_for(self, captcha: Captcha, found: altcha.Payload) -> bool:
        """Whether it looks like what `ask` makes for this captcha; who signed it is seen next."""
        named = _signed(found).get("captcha") == self._name(captcha)
        # Only with this is no key derived to judge.
        return named and isinstance(found.challenge.parameters.key_signature, str)

    def _name(self, captcha: Captcha) -> str:
        """The captcha as the challenge names it; its nonce is nobody's business."""
        return self._bind(captcha.nonce).hex()


def _signed(found: altcha.Payload) -> dict[str, Any]:
    """What we put into the challenge, or somebody else did."""
    data = found.challenge.parameters.data
    return data if isinstance(data, dict) else {}


def _read(payload: str) -> altcha.Payload | None:
    if len(payload) > PAYLOAD_LENGTH:
        return None
    try:
        decoded = base64.b64decode(payload, validate=True)
        return altcha.Payload.from_dict(json.loads(decoded))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
