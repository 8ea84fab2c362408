"""Sealing: authenticated encryption and keyed hashes from the one secret of an installation.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D), keys by HKDF-SHA256 (RFC 5869), one
per purpose; keyed hashes by HMAC-SHA256.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Unsealable(ValueError):
    """The bytes were not sealed with this secret, purpose and context."""


class Sealing:
    """Seals and hashes for one purpose; two purposes never share a key."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._cipher = AESGCM(_derive(secret, f"{purpose}:seal"))
        self._hash_key = _derive(secret, f"{purpose}:hash")

    def seal(self, plain: bytes, context: bytes = b"") -> bytes:
        """Encrypt; the same plain text never gives the same bytes twice."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def unseal(self, data: bytes, context: bytes = b"") -> bytes:
        """Decrypt what `seal` made.

        Raises:
            Unsealable: forged, cut, or sealed for something else.
        """
        try:
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise Unsealable from error

    def keyed_hash(self, text: str) -> bytes:
        """A 32-byte hash that matches equal texts and tells nothing without the secret."""
        return hmac.digest(self._hash_key, text.encode(), "sha256")


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, f"commentdesk:{purpose}".encode()).derive(
        secret.encode()
    )
