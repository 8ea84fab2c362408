"""A phone number as readers write it: read, brought to today's numbering plan, or refused.

The plans are libphonenumber's (`phonenumbers`, from the ITU's and the countries' own); Vietnam's
changes of 2017 and 2018 are ours, for the library knows today's plans alone.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult
from phonenumbers import PhoneNumber as Parsed

from commentdesk.domain.errors import ErrorCode
from commentdesk.domain.phone import digits_of
from commentdesk.domain.text import visible
from commentdesk.domain.vietnam import carrier_of, new_numbers, right_length

_VIETNAM = 84
# Longer texts are not numbers with something beside them; the library looks at 250 itself.
_LONGEST = 120
_LEAST_DIGITS = 7
_INTERNATIONAL_DIGITS = 10
# What people write beside a number, folded: it says what the number is for.
_LABEL = re.compile(
    r"\b(?:tel|telephone|phone|mobile|cell|call|fax|hotline|whatsapp|zalo|viber|telegram|imo|sms"
    r"|sdt|dtdd|dt|ddd|dd|di dong|dien thoai|so|lien he|lh|goi|may ban|nha|co quan|cq|vn)\b[.:]?"
)
_EXTENSION = re.compile(r"\b(?:so may le|may le|noi bo|nhanh|ext)\b[.:]? ?")
_SECOND = re.compile(r"[/,;|&]| - |\b(?:hoac|or|va|and)\b")
# Letters that are typed for digits.
_TYPED_FOR = str.maketrans("oil", "011")
# Signs between digits that the library does not know as such.
_APART = str.maketrans(dict.fromkeys("_·•*'", " "))
# A mobile number of Vietnam as nearly all its readers type it, by the library's plan. It is read
# for every form, twice, and the library takes the tenth part of a millisecond for one.
_PLAN: Any = phonenumbers.PhoneMetadata.metadata_for_region("VN")
_PLAIN_MOBILE = re.compile(rf"(0|\+84)({_PLAN.mobile.national_number_pattern})", re.ASCII)
_NO_SEPARATORS = str.maketrans("", "", " .-")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    FIXED = "fixed"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    TOLL_FREE = "toll_free"
    VOIP = "voip"
    COMPANY = "company"
    OTHER = "other"
    # Not given to anybody in today's plan.
    UNUSED = "unused"


_KINDS = {
    PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneKind.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.FIXED_OR_MOBILE,
    PhoneNumberType.PREMIUM_RATE: PhoneKind.PREMIUM,
    PhoneNumberType.SHARED_COST: PhoneKind.SHARED_COST,
    PhoneNumberType.TOLL_FREE: PhoneKind.TOLL_FREE,
    PhoneNumberType.VOIP: PhoneKind.VOIP,
    PhoneNumberType.UAN: PhoneKind.COMPANY,
    PhoneNumberType.UNKNOWN: PhoneKind.UNUSED,
}


class PhoneRefused(ValueError):
    """It cannot be a phone number; its text is not repeated here."""

    def __init__(self, trouble: ErrorCode, digits: int) -> None:
        super().__init__(trouble)
        self.trouble, self.digits = trouble, digits


@dataclass(frozen=True)
class PhoneNumber:
    """A number that is possible; `region` is ISO 3166-1's or 001, `carrier` may be unknown ("").

    `converted`: written as before Vietnam's changes of 2017 and 2018.
    """

    e164: str = field(repr=False)
    kind: PhoneKind
    region: str
    carrier: str = ""
    extension: str = ""
    converted: bool = False

    @property
    def valid(self) -> bool:
        """In use in today's numbering plan, as far as plans tell."""
        return self.kind is not PhoneKind.UNUSED


def read_phone(text: str, region: str) -> PhoneNumber:
    """Read a number of the region, or of anywhere in the world.

    Raises:
        PhoneRefused: it is none, and why.
    """
    if mobile := _plain_mobile(text, region):
        return mobile
    plain = _plain(text)
    refused: PhoneRefused | None = None
    doubtful: PhoneNumber | None = None
    for writing in _writings(plain):
        try:
            number = _read(writing, region)
        except PhoneRefused as error:
            refused = refused or error
            continue
        if number.valid:
            return number
        doubtful = doubtful or number
    if doubtful:
        return doubtful
    raise refused or PhoneRefused(ErrorCode.PHONE_NOT_A_NUMBER, 0)


def matching_form(text: str, region: str) -> str:
    """What two writings of one number have in common: E.164, or the digits of what is none."""
    if not text:
        return ""
    try:
        return read_phone(text, region).e164
    except PhoneRefused:
        return digits_of(text)


def _plain_mobile(text: str, region: str) -> PhoneNumber | None:
    """What all that follows would say of most numbers, a hundred times as fast."""
    if len(text) > _LONGEST:
        return None
    found = _PLAIN_MOBILE.fullmatch(text.translate(_NO_SEPARATORS))
    if not found or (found[1] == "0" and region != "VN"):
        return None
    return PhoneNumber(f"+{_VIETNAM}{found[2]}", PhoneKind.MOBILE, "VN", carrier_of(found[2]))


def _plain(text: str) -> str:
    """Compatibility forms, case and Vietnamese accents gone, labels off, digits in ASCII."""
    apart = unicodedata.normalize("NFKD", visible(text[:_LONGEST])).casefold().replace("đ", "d")
    seen = "".join(c for c in apart if not unicodedata.combining(c))
    digits = "".join(str(int(c)) if c.isdecimal() else c for c in seen)
    extended = _EXTENSION.sub(" ext ", digits.translate(_APART))
    return _LABEL.sub(" ", extended).strip(" .:-")


def _writings(plain: str) -> Iterator[str]:
    """The text, and readings of it that a number may be found in."""
    yield _with_digits(plain)
    first = _SECOND.split(plain, maxsplit=1)[0]
    if first != plain and sum(map(str.isdigit, first)) >= _LEAST_DIGITS:
        yield _with_digits(first)
    yield _WORD.sub(lambda word: word[0] if word[0] in {"ext", "x"} else " ", plain)


def _with_digits(text: str) -> str:
    """Letters typed for digits are digits; a number spelt in letters ("1-800-…") stays."""
    letters = set(_LETTER.findall(text.replace(" ext ", "")))
    return text.translate(_TYPED_FOR) if letters and letters <= set("oil") else text


def _read(writing: str, region: str) -> PhoneNumber:
    digits = sum(map(str.isdigit, writing))
    try:
        parsed = phonenumbers.parse(writing, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise PhoneRefused(ErrorCode.PHONE_COUNTRY_UNKNOWN, digits) from None
        trouble = ErrorCode.PHONE_NOT_A_NUMBER
        if error.error_type == NumberParseException.TOO_LONG:
            trouble = ErrorCode.PHONE_TOO_LONG
        elif digits:
            trouble = ErrorCode.PHONE_TOO_SHORT
        raise PhoneRefused(trouble, digits) from None
    number = _today(parsed) or _abroad(writing) or _number(parsed)
    if not number.valid:
        _refuse_impossible(parsed, digits)
    return number


def _today(parsed: Parsed) -> PhoneNumber | None:
    """The number if it is in use, or was by an older plan."""
    if (number := _number(parsed)).valid:
        return number
    if parsed.country_code != _VIETNAM:
        return None
    for national in new_numbers(phonenumbers.national_significant_number(parsed)):
        newer = Parsed(_VIETNAM, int(national), extension=parsed.extension)
        if (number := _number(newer, converted=True)).valid:
            return number
    return None


def _abroad(writing: str) -> PhoneNumber | None:
    """The number if it is in use somewhere, read as written in full without its plus."""
    spelt = phonenumbers.convert_alpha_characters_in_number(writing)
    digits = spelt.lstrip("( ").removeprefix("00").lstrip()
    if digits.startswith(("0", "+")) or sum(map(str.isdigit, digits)) < _INTERNATIONAL_DIGITS:
        return None
    try:
        return _today(phonenumbers.parse(f"+{digits}", None))
    except NumberParseException:
        return None


def _number(parsed: Parsed, *, converted: bool = False) -> PhoneNumber:
    kind = _KINDS.get(phonenumbers.number_type(parsed), PhoneKind.OTHER)
    national = phonenumbers.national_significant_number(parsed)
    known = parsed.country_code == _VIETNAM and kind is PhoneKind.MOBILE
    region = phonenumbers.region_code_for_number(parsed)
    return PhoneNumber(
        e164=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        kind=kind,
        region=region or phonenumbers.region_code_for_country_code(parsed.country_code or 0),
        carrier=carrier_of(national) if known else "",
        extension=parsed.extension or "",
        converted=converted,
    )


def _refuse_impossible(parsed: Parsed, digits: int) -> None:
    """Raise what is wrong with the length of a number that is not in use."""
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == _VIETNAM and (right := right_length(national)):
        if len(national) < right:
            raise PhoneRefused(ErrorCode.PHONE_TOO_SHORT, digits)
        if len(national) > right:
            raise PhoneRefused(ErrorCode.PHONE_TOO_LONG, digits)
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.TOO_SHORT:
            raise PhoneRefused(ErrorCode.PHONE_TOO_SHORT, digits)
        case ValidationResult.TOO_LONG:
            raise PhoneRefused(ErrorCode.PHONE_TOO_LONG, digits)
        case ValidationResult.INVALID_LENGTH:
            raise PhoneRefused(ErrorCode.PHONE_WRONG_LENGTH, digits)
        case ValidationResult.INVALID_COUNTRY_CODE:
            raise PhoneRefused(ErrorCode.PHONE_COUNTRY_UNKNOWN, digits)
