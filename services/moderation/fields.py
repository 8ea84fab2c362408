"""Fields of forms, and where to go after them."""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from yarl import URL

from commentdesk.domain.text import has_control_character, normalize
from commentdesk.web import FieldError, Problem

_ITEM = "item."
_ID = re.compile(r"[0-9a-f-]{36}")
_VERSION_DIGITS = 9


def text_field(body: dict[str, Any], name: str, limit: int) -> str:
    """The field, normalised; empty where it is missing.

    Raises:
        Problem: 422 where it is no text, too long, or has control characters.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise invalid(name, "wrong_type")
    text = normalize(value)
    if len(text) > limit:
        raise invalid(name, "too_long", limit=limit)
    if has_control_character(text):
        raise invalid(name, "control_character")
    return text


def seen_items(body: dict[str, Any]) -> list[tuple[str, int]]:
    """The submissions a form is about, `item.<id>=<version seen>`."""
    pairs = [(name.removeprefix(_ITEM), v) for name, v in body.items() if name.startswith(_ITEM)]
    if not pairs:
        raise invalid("items", "nothing_chosen")
    for submission, version in pairs:
        text = str(version)
        number = text.isascii() and text.isdecimal() and len(text) <= _VERSION_DIGITS
        if not (number and _ID.fullmatch(submission)):
            raise invalid("items", "wrong_type")
    return [(submission, int(version)) for submission, version in pairs]


def id_field(body: dict[str, Any], name: str) -> str:
    """The id in a field; empty where it is missing.

    Raises:
        Problem: 422 where it is none.
    """
    value = body.get(name, "")
    if not isinstance(value, str) or (value and not _ID.fullmatch(value)):
        raise invalid(name, "wrong_type")
    return value


def number_field(body: dict[str, Any], name: str) -> int | None:
    """The whole number in a field; None where it is empty.

    Raises:
        Problem: 422 where it is none.
    """
    text = str(body.get(name, "")).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _VERSION_DIGITS):
        raise invalid(name, "wrong_type")
    return int(text)


def invalid(field: str, code: str, **values: object) -> Problem:
    """422 for one field."""
    return Problem(422, "invalid", errors=[FieldError(field, code, values=values)])


def local_path(text: object) -> str:
    """The text if it is a path on this host and nothing else, otherwise the desk's."""
    if not isinstance(text, str) or not text.isprintable() or "\\" in text:
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    local = text.startswith("/") and not text.startswith("//") and not parts.netloc
    return text if local and not parts.scheme else "/"


def back_to(body: dict[str, Any], **told: object) -> web.Response:
    """Back to where the form stood, with what it did to be told there."""
    back = URL(local_path(body.get("back")))
    return redirect(str(back.update_query({name: str(value) for name, value in told.items()})))


def redirect(path: str) -> web.Response:
    """See there (303), as after every form that went well."""
    return web.Response(status=303, headers={"Location": path})


def query_path(path: str, **values: str) -> str:
    """The path with these in its query; `next` is left out where it is the desk."""
    told = {name: value for name, value in values.items() if (name, value) != ("next", "/")}
    return f"{path}?{urlencode(told)}" if told else path


def typed_text(value: object) -> str:
    """A login, password or code as it was typed; empty for what nobody types."""
    return value if isinstance(value, str) and not has_control_character(value) else ""
