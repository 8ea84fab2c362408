"""Showing and comparing a phone number without telling it."""

import re

_NOT_DIGITS = re.compile(r"\D+")
_SHOWN_HEAD = 3
_SHOWN_TAIL = 3
_DIGITS_WORTH_SHOWING = 8


def digits_of(phone: str) -> str:
    """The number's decimal digits, in ASCII, whatever script they were typed in."""
    digits = _NOT_DIGITS.sub("", phone)
    return digits if digits.isascii() else "".join(str(int(c)) for c in digits)


def mask_phone(phone: str) -> str:
    """`0912345678` as `091…678`; a short number shows nothing."""
    digits = digits_of(phone)
    if len(digits) < _DIGITS_WORTH_SHOWING:
        return "…"
    return f"{digits[:_SHOWN_HEAD]}…{digits[-_SHOWN_TAIL:]}"


def mask_address(address: str) -> str:
    """An IP address with its host part hidden: `203.0.…`, `2001:db8:…`."""
    separator = ":" if ":" in address else "."
    return separator.join(address.split(separator)[:2]) + f"{separator}…"
