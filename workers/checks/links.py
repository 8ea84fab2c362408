"""Does the reader lead others away? Links, phone numbers, handles and mail addresses."""

from collections.abc import Iterator

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext, SiteFacts
from workers.checks.hosts import Host, kind_of
from workers.checks.reading import Contact, ContactKind, Reading

NAME = "links"
# A way out makes a person look; how much it looks like an advertisement is for the spam check.
_WAY_OUT = 0.1
_SAYS_ENOUGH = 0.5
_PASSES_FOR_ANOTHER = 0.9
_BAD = {Host.BANNED, Host.LOOKALIKE}
_LONGEST_SHOWN = 253
# More tell a moderator no more.
_MOST = 30
_CODES = {
    ContactKind.PHONE: "contact_phone",
    ContactKind.HANDLE: "contact_handle",
    ContactKind.MAIL: "contact_mail",
}


def check_links(_submission: Submission, context: CheckContext) -> Finding:
    """Suspect with a way out to others than the site; bad with a banned host or one that passes
    for the site's own.
    """
    reasons = list(link_reasons(context))
    if not reasons:
        return clean(NAME)
    codes = {reason.code for reason in reasons}
    if codes & _BAD:
        worst_first = sorted(reasons, key=lambda reason: reason.code not in _BAD)
        return bad(NAME, _PASSES_FOR_ANOTHER, worst_first[:_MOST])
    score = _SAYS_ENOUGH if Host.BRAND in codes else _WAY_OUT
    return suspect(
        NAME, score, reasons[:_MOST], holds=context.site.hold_links or Host.BRAND in codes
    )


def link_reasons(context: CheckContext) -> Iterator[Reason]:
    """Each way out, whatever follows from it."""
    reading = context.reading
    for code, span in _ways_out(reading.name, context.site):
        yield _reason(code, reading.name, "name", span)
    for code, span in _ways_out(reading.whole, context.site):
        field, place = reading.field_of(span)
        yield _reason(code, getattr(reading, field), field, place)


def _ways_out(reading: Reading, site: SiteFacts) -> Iterator[tuple[str, tuple[int, int]]]:
    for contact in reading.contacts:
        if contact.kind is not ContactKind.MENTION:
            span = reading.plain.span(contact.start, contact.stop)
            code = _code(contact, reading.original[slice(*span)], site)
            if code not in (Host.OWN, Host.ALLOWED):
                yield str(code), span


def _code(contact: Contact, typed: str, site: SiteFacts) -> str:
    if contact.kind is ContactKind.LINK:
        return kind_of(contact, typed, site)
    return _CODES[contact.kind]


def _reason(code: str, reading: Reading, field: str, span: tuple[int, int]) -> Reason:
    return Reason(code, reading.original[slice(*span)][:_LONGEST_SHOWN], field, span)
