"""Is the phone number one that a reader can be called on?"""

from collections.abc import Iterator

from commentdesk.domain.finding import Finding, Outcome, Reason, bad, suspect
from commentdesk.domain.memory import BanKind, Crowd
from commentdesk.domain.submission import Submission
from commentdesk.phones import PhoneKind, PhoneRefused, read_phone
from workers.checks.context import CheckContext, Tolerance

NAME = "phone"
_BANNED, _IMPOSSIBLE, _DOUBTFUL = 0.95, 0.6, 0.5
# A family shares a phone, a whole town an address.
_CROWDED = 0.3
_DOUBTS = {
    PhoneKind.UNUSED: "phone_invalid",
    PhoneKind.PREMIUM: "phone_costly",
    PhoneKind.SHARED_COST: "phone_costly",
    PhoneKind.TOLL_FREE: "phone_hotline",
    PhoneKind.COMPANY: "phone_hotline",
    PhoneKind.VOIP: "phone_voip",
}


def check_phone(submission: Submission, context: CheckContext) -> Finding:
    """Clean without a number (the field is optional) or with one of a person's.

    No reason quotes the number: it is personal, and findings are kept in clear.
    """
    memory = context.around.memory
    # Told, and weighed nowhere: a number that is an advertiser's own is proven, too.
    proven = [Reason("phone_proven")] if submission.phone_proven else []
    if BanKind.PHONE in memory.bans:
        return bad(NAME, _BANNED, [Reason("banned_phone"), *proven])
    try:
        reasons = list(_reasons(submission.phone, context))
    except PhoneRefused as refused:
        # Intake refuses these; the site's region may have changed since.
        return bad(NAME, _IMPOSSIBLE, [Reason(refused.trouble)])
    crowded = list(_crowded(memory.crowd, context.site.tolerance))
    if doubts := [*reasons, *crowded]:
        return suspect(NAME, _DOUBTFUL if reasons else _CROWDED, [*doubts, *proven])
    return Finding(NAME, Outcome.CLEAN, 0.0, tuple(proven))


def _reasons(phone: str, context: CheckContext) -> Iterator[Reason]:
    if phone and (doubt := _DOUBTS.get(read_phone(phone, context.site.region).kind)):
        yield Reason(doubt)


def _crowded(crowd: Crowd, tolerance: Tolerance) -> Iterator[Reason]:
    if tolerance.names_per_phone and crowd.names_of_phone > tolerance.names_per_phone:
        yield Reason("phone_many_names", f"{crowd.names_of_phone} ×")
    if tolerance.phones_per_address and crowd.phones_of_address > tolerance.phones_per_address:
        yield Reason("address_many_phones", f"{crowd.phones_of_address} ×")
