"""Passwords: kept as argon2id hashes (RFC 9106), compared at the same cost whoever is asked for."""

import asyncio
import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

SHORTEST = 12
_HASHER = PasswordHasher()


class PasswordTooShort(ValueError):
    """The password has fewer than 12 characters."""


async def hash_password(password: str) -> str:
    """What to keep of a new password.

    Raises:
        PasswordTooShort
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort
    # Slow on purpose, so not in the event loop.
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(hashed: str, password: str) -> bool:
    """Whether this is the password; of an empty hash nothing is, and that takes as long."""
    try:
        await asyncio.to_thread(_HASHER.verify, hashed or _nobodys(), password)
    except VerifyMismatchError:
        return False
    return bool(hashed)


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
