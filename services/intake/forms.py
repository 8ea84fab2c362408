"""The reader's form: from a body to normalised fields, every trouble named by field and code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import regex

from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.submission import (
    CONTENT_LENGTH,
    NAME_LENGTH,
    PHONE_LENGTH,
    TITLE_LENGTH,
    Wording,
)
from commentdesk.domain.text import (
    has_control_character,
    normalize,
    normalize_line,
    shows_nothing,
)
from commentdesk.phones import PhoneRefused, read_phone
from commentdesk.settings import Settings
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
# What a reader may still correct.
WORDING = ("name", "title", "content")
# Fields of the form while one-time codes are asked for.
CODE_FIELDS = (
    Field("phone_code", _PHONE_CODE_LENGTH),
    Field("phone_code_session", _PHONE_CODE_SESSION_LENGTH),
)


@dataclass(frozen=True)
class Form:
    """Normalised fields, and what is wrong with them.

    `consent_version` is that of what was agreed to; None where nobody asks.
    """

    values: dict[str, str]
    consent_version: str | None
    errors: list[FieldError]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def fields_of(settings: Settings) -> tuple[Field, ...]:
    """The form's fields as this site asks for them; what it does not ask for is not among them."""
    asked: dict[str, str] = {"phone": settings.phone_field, "title": settings.title_field}
    known = (*FIELDS, *CODE_FIELDS) if settings.asks_for_codes else FIELDS
    return tuple(
        replace(field, required=asked[field.name] == "required") if field.name in asked else field
        for field in known
        if asked.get(field.name) != "off"
    )


def read_form(body: Mapping[str, Any], settings: Settings) -> Form:
    """All fields at once, so that a reader sees every trouble in one go.

    What the site does not ask for is empty, whatever was sent.
    """
    values = {field.name: "" for field in FIELDS}
    errors: list[FieldError] = []
    for field in fields_of(settings):
        value, error = _read(field, body.get(field.name))
        if field.name == "phone" and value and not error:
            error = _phone_error(value, settings.phone_region)
        values[field.name] = value
        if error:
            errors.append(error)
    if error := _consent_error(body, settings):
        errors.append(error)
    agreed = settings.consent_version if settings.consent == "required" else None
    return Form(values, agreed, errors)


def read_correction(
    body: Mapping[str, Any], settings: Settings, before: Wording
) -> tuple[Wording, list[FieldError]]:
    """Another wording, read as the first was; what is not asked for, or left out, stays."""
    values = {name: getattr(before, name) for name in WORDING}
    errors: list[FieldError] = []
    for field in fields_of(settings):
        if field.name in WORDING and (field.name in body or field.name != "name"):
            values[field.name], error = _read(field, body.get(field.name))
            errors += [error] if error else []
    return Wording(**values), errors


def length(text: str, limit: int) -> int:
    """User-perceived characters, counted only as far as the limit leaves the answer open."""
    if len(text) <= limit:
        return len(text)
    characters = _CHARACTER.finditer(_FLAG.sub("x", text))
    return sum(1 for _ in islice(characters, limit + 1))


def _consent_error(body: Mapping[str, Any], settings: Settings) -> FieldError | None:
    """Whoever agrees has to have seen what holds now."""
    if settings.consent == "off":
        return None
    consent = body.get("consent")
    if not (isinstance(consent, bool | str) and consent in _TICKED):
        return FieldError("consent", ErrorCode.REQUIRED)
    if body.get("consent_version") != settings.consent_version:
        return FieldError("consent", ErrorCode.CONSENT_CHANGED)
    return None


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
