"""What can be wrong with a submission: the codes that readers, clients and texts share."""

from enum import StrEnum


class ErrorCode(StrEnum):
    REQUIRED = "required"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    WRONG_TYPE = "wrong_type"
    PHONE_NOT_A_NUMBER = "phone_not_a_number"
    PHONE_TOO_SHORT = "phone_too_short"
    PHONE_TOO_LONG = "phone_too_long"
    PHONE_WRONG_LENGTH = "phone_wrong_length"
    PHONE_COUNTRY_UNKNOWN = "phone_country_unknown"
    PARENT_UNKNOWN = "parent_unknown"
    CAPTCHA_INVALID = "captcha_invalid"
    CAPTCHA_WRONG = "captcha_wrong"
    CAPTCHA_EXPIRED = "captcha_expired"
    CAPTCHA_SPENT = "captcha_spent"
    CAPTCHA_BURNT = "captcha_burnt"
    ARTICLE_UNKNOWN = "article_unknown"
    COMMENTS_CLOSED = "comments_closed"
