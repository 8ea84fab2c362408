"""A receipt's code, short enough to be typed from paper: 60 bits, twelve letters in three groups.

The alphabet is Douglas Crockford's base 32: no I, L, O and U, and whoever types I, L or O is
understood.
"""

from base64 import b32encode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 12
# The same letters as a pattern for browsers and documents: groups may stand together or apart.
PATTERN = "[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}"
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
# Longer is no code, whatever stands between its letters.
_LONGEST_TYPED = 40
_MISREAD = str.maketrans("ILO", "110")
_BETWEEN = str.maketrans("", "", " -\u00a0\u2010\u2011\u2012\u2013\u2014\u2212._")


def code_from(random: bytes) -> str:
    """The code that the first 60 bits give, as it is written down: `7K3M-9QXA-B2CD`."""
    return _grouped(b32encode(random[:8]).translate(_OURS)[:LETTERS].decode())


def read_code(typed: str) -> str | None:
    """The code as it was written down; None for what is none.

    Case, blanks and dashes do not count, and O is 0, I and L are 1.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    letters = typed.translate(_BETWEEN)
    # Capitals of foreign letters may be ours.
    if not letters.isascii():
        return None
    letters = letters.upper().translate(_MISREAD)
    if len(letters) != LETTERS or not set(letters) <= set(ALPHABET):
        return None
    return _grouped(letters)


def _grouped(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
