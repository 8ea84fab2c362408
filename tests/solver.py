"""Does a captcha's proof of work as a browser does, with hashlib in WebCrypto's place."""

import base64
import hashlib
import json
from typing import Any


def solve(work: dict[str, Any]) -> str:
    """The form field captcha_work for a captcha's `work`."""
    return packed(work, *found(work))


def found(work: dict[str, Any]) -> tuple[int, str]:
    """The counter, and the key it gives in hexadecimal."""
    asked = work["parameters"]
    assert asked["algorithm"] == "PBKDF2/SHA-256"
    nonce, salt = bytes.fromhex(asked["nonce"]), bytes.fromhex(asked["salt"])
    for counter in range(asked["data"]["tries"]):
        password = nonce + counter.to_bytes(4, "big")
        key = hashlib.pbkdf2_hmac("sha256", password, salt, asked["cost"], asked["keyLength"])
        if key.hex().startswith(asked["keyPrefix"]):
            return counter, key.hex()
    raise AssertionError("no counter of those promised is the one")


def packed(work: dict[str, Any], counter: int, key: str) -> str:
    """A payload, whether or not it is right."""
    payload = {"challenge": work, "solution": {"counter": counter, "derivedKey": key}}
    return base64.b64encode(json.dumps(payload).encode()).decode()
