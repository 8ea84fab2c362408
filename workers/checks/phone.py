"""Is the phone number one that can be called? (libphonenumber's numbering plans.)"""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext

NAME = "phone"
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}


def check_phone(submission: Submission, context: CheckContext) -> Finding:
    """Clean without a number (the field is optional) or with a valid one."""
    if not submission.phone:
        return clean(NAME)
    try:
        number = phonenumbers.parse(submission.phone, context.region)
    except NumberParseException:
        return bad(NAME, 0.6, [Reason("phone_unreadable")])
    if not phonenumbers.is_possible_number(number):
        return bad(NAME, 0.6, [Reason("phone_impossible")])
    if not phonenumbers.is_valid_number(number):
        return suspect(NAME, 0.5, [Reason("phone_invalid")])
    if phonenumbers.number_type(number) in _COSTLY:
        return suspect(NAME, 0.5, [Reason("phone_costly")])
    return clean(NAME)
