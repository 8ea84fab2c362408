"""What the address of a page of rules asks for."""

from aiohttp import web

from commentdesk.domain.text import has_control_character, normalize_line
from services.moderation.fields import invalid

_LONGEST = 200
_MOST = 100


def line_asked(request: web.Request, name: str, longest: int = _LONGEST) -> str:
    """The text of this name, normalised; empty where there is none.

    Raises:
        Problem: 422 where it is too long, or has control characters.
    """
    text = normalize_line(request.query.get(name, ""))
    if len(text) > longest:
        raise invalid(name, "too_long", limit=longest)
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def size_asked(request: web.Request, default: int) -> int:
    """How many are to be on a page.

    Raises:
        Problem: 422 where that is no number from 1 to 100.
    """
    text = request.query.get("limit", str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST))):
        raise invalid("limit", "wrong_type")
    if not 1 <= int(text) <= _MOST:
        raise invalid("limit", "out_of_range", most=_MOST)
    return int(text)
