"""Signatures of calls, as Standard Webhooks 1.0 has them (github.com/standard-webhooks)."""

import base64
import hmac

_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)


def key_of(secret: str) -> bytes:
    """The key in a secret: `whsec_` and 24 to 64 bytes in base64.

    Raises:
        ValueError: it is written otherwise; the text is not quoted.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise ValueError("not whsec_ and 24 to 64 bytes in base64")
    return key


def signed(key: bytes, call: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a call with this id, sent at `timestamp` (Unix, seconds)."""
    content = f"{call}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "webhook-id": call,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
