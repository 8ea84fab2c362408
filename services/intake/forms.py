"""The reader's form: from a body to normalised fields, every trouble named by field and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import regex

from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.submission import CONTENT_LENGTH, NAME_LENGTH, PHONE_LENGTH, TITLE_LENGTH
from commentdesk.domain.text import (
    has_control_character,
    normalize,
    normalize_line,
    shows_nothing,
)
from commentdesk.phones import PhoneRefused, read_phone
from commentdesk.web import FieldError
from services.intake.captcha.work import PAYLOAD_LENGTH

# A user-perceived character: an extended grapheme cluster (UAX #29).
_CHARACTER = regex.compile(r"\X")
# Two regional indicators are one character (GB12); `regex` counts a row of them from its start
# for each, so they are made one code point first.
_FLAG = regex.compile("[\U0001f1e6-\U0001f1ff]{1,2}")
_CAPTCHA_ID_LENGTH = 2_000
_CAPTCHA_ANSWER_LENGTH = 50
_URL_LENGTH = 2_000
_PHONE_CODE_LENGTH = 20
_PHONE_CODE_SESSION_LENGTH = 64
_TICKED = {True, "on", "true", "1", "yes"}


@dataclass(frozen=True)
class Field:
    """One field of the form; `limit` in user-perceived characters after NFC."""

    name: str
    limit: int
    required: bool = False
    lines: bool = False


FIELDS = (
    Field("name", NAME_LENGTH, required=True),
    Field("phone", PHONE_LENGTH),
    Field("title", TITLE_LENGTH, required=True),
    Field("content", CONTENT_LENGTH, required=True, lines=True),
    Field("captcha_id", _CAPTCHA_ID_LENGTH, required=True),
    # Which of the two is required, intake says (judging.py).
    Field("captcha_answer", _CAPTCHA_ANSWER_LENGTH),
    Field("captcha_work", PAYLOAD_LENGTH),
    Field("parent_id", 36),
    Field("return_url", _URL_LENGTH),
)
# Fields of the form while one-time codes are asked for.
CODE_FIELDS = (
    Field("phone_code", _PHONE_CODE_LENGTH),
    Field("phone_code_session", _PHONE_CODE_SESSION_LENGTH),
)


@dataclass(frozen=True)
class Form:
    """Normalised fields, and what is wrong with them."""

    values: dict[str, str]
    consent: bool
    errors: list[FieldError]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def read_form(body: Mapping[str, Any], region: str, *, codes: bool = False) -> Form:
    """All fields at once, so that a reader sees every trouble in one go.

    `region` is that of phone numbers without a country code; `codes`: one-time codes are read.
    """
    values: dict[str, str] = {}
    errors: list[FieldError] = []
    for field in (*FIELDS, *CODE_FIELDS) if codes else FIELDS:
        value, error = _read(field, body.get(field.name))
        if field.name == "phone" and value and not error:
            error = _phone_error(value, region)
        values[field.name] = value
        if error:
            errors.append(error)
    consent = body.get("consent")
    ticked = isinstance(consent, bool | str) and consent in _TICKED
    return Form(values, ticked, errors)


def length(text: str, limit: int) -> int:
    """User-perceived characters, counted only as far as the limit leaves the answer open."""
    if len(text) <= limit:
        return len(text)
    characters = _CHARACTER.finditer(_FLAG.sub("x", text))
    return sum(1 for _ in islice(characters, limit + 1))


def _phone_error(text: str, region: str) -> FieldError | None:
    """What cannot be a phone number is a typing error, and told as one at once."""
    try:
        read_phone(text, region)
    except PhoneRefused as refused:
        return FieldError("phone", refused.trouble, values={"count": refused.digits})
    return None


def _read(field: Field, raw: Any) -> tuple[str, FieldError | None]:
    if raw is None:
        return "", FieldError(field.name, ErrorCode.REQUIRED) if field.required else None
    if not isinstance(raw, str):
        return "", FieldError(field.name, ErrorCode.WRONG_TYPE)
    text = normalize(raw) if field.lines else normalize_line(raw)
    if has_control_character(raw.replace("\r", "")):
        return text, FieldError(field.name, ErrorCode.CONTROL_CHARACTER)
    if shows_nothing(text):
        return "", FieldError(field.name, ErrorCode.REQUIRED) if field.required else None
    if length(text, field.limit) > field.limit:
        return text, FieldError(
            field.name, ErrorCode.TOO_LONG, values={"limit": field.limit, "field": field.name}
        )
    return text, None
