"""What an address, or a form that leads to one, asks for: lines of text and sizes of pages."""

from collections.abc import Mapping

from commentdesk.domain.text import has_control_character, normalize_line
from services.moderation.fields import invalid

LONGEST = 200
_MOST = 100


def line_asked(given: Mapping[str, str], name: str, longest: int = LONGEST) -> str:
    """The text of this name, normalised; empty where there is none.

    Raises:
        Problem: 422 where it is too long, or has control characters.
    """
    text = normalize_line(given.get(name, ""))
    if len(text) > longest:
        raise invalid(name, "too_long", limit=longest)
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def size_asked(given: Mapping[str, str], default: int) -> int:
    """How many are to be on a page.

    Raises:
        Problem: 422 where that is no number from 1 to 100.
    """
    text = given.get("limit", str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST))):
        raise invalid("limit", "wrong_type")
    if not 1 <= int(text) <= _MOST:
        raise invalid("limit", "out_of_range", most=_MOST)
    return int(text)
