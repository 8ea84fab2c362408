"""Phones and addresses as filters: never in a URL, but what they are matched by, or a submission.

A trace is `~` and the keyed hash the ledger matches by, in base64url (RFC 4648 §5): it tells
nothing without the installation's secret.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from ipaddress import ip_address

from commentdesk.domain.addresses import address_bucket
from commentdesk.domain.phone import digits_of
from commentdesk.ledger import Ledger
from commentdesk.ledger.related import trace_of
from commentdesk.phones import PhoneRefused, matching_form, read_phone
from services.moderation.fields import invalid

KINDS = ("phone", "ip")
# Of 32 bytes, the last letter has four bits of them.
TRACE_PATTERN = "~[A-Za-z0-9_-]{43}|[0-9a-f-]{36}"
_MARK = "~"
_FEWEST_DIGITS = 6


async def trace(ledger: Ledger, kind: str, value: str, sections: frozenset[str]) -> bytes | None:
    """What to match by; None for nothing.

    Raises:
        Problem: 422 where the submission named has no such thing, or is not there.
    """
    if not value:
        return None
    if value.startswith(_MARK):
        return urlsafe_b64decode(f"{value.removeprefix(_MARK)}=")
    found = await trace_of(ledger, kind, value, sections)
    if found is None:
        raise invalid(kind, "unknown_value")
    return found


def trace_from(ledger: Ledger, kind: str, typed: str) -> str:
    """The filter for a phone or an address that was typed into a form.

    Raises:
        Problem: 422 where it is none.
    """
    plain = _address(typed) if kind == "ip" else _phone(typed, ledger.settings.phone_region)
    hashed = ledger.hashed(plain)
    if hashed is None:
        raise invalid(kind, "unknown_value")
    return _MARK + urlsafe_b64encode(hashed).decode().rstrip("=")


def kind_of(text: str, region: str) -> str | None:
    """Whether a text is a whole phone number or address and nothing else."""
    if _address(text):
        return "ip"
    try:
        number = read_phone(text, region)
    except PhoneRefused:
        return None
    typed = text.lstrip("(")
    return "phone" if number.valid and typed.startswith(("0", "+")) else None


def _address(text: str) -> str:
    try:
        ip_address(text)
    except ValueError:
        return ""
    return address_bucket(text)


def _phone(text: str, region: str) -> str:
    form = matching_form(text, region)
    return form if len(digits_of(form)) >= _FEWEST_DIGITS else ""
