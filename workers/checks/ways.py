"""What a text advertises: hosts, numbers and names by which the next one of a flood is known."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from commentdesk.domain.memory import Tie
from commentdesk.domain.phone import mask_phone
from commentdesk.phones import PhoneKind, PhoneRefused, read_phone
from workers.checks.context import SiteFacts
from workers.checks.hosts import Host, kind_of, within
from workers.checks.reading import Contact, ContactKind, Reading, SubmissionReading
from workers.checks.reading.addresses import registered
from workers.checks.reading.known import MESSENGERS, SHORTENERS, WELL_KNOWN

# An advertisement has one or two; whoever lists more says nothing with any.
_MOST = 6
# Hotlines of offices and companies are in everybody's mouth.
_HOTLINES = frozenset(
    {PhoneKind.TOLL_FREE, PhoneKind.SHARED_COST, PhoneKind.PREMIUM, PhoneKind.COMPANY}
)
_LONGEST_SHOWN, _FEWEST_LETTERS = 60, 4
# Of these hosts it is the path that is somebody's.
_EVERYBODYS = MESSENGERS | SHORTENERS
_PATH = re.compile(
    r"(?:[^/\\\s]{0,8}[/\\]{2,3})?[^/\\]{1,60}[/\\] ?(?:joinchat/|g/)?[@+]?([\w-]{4,60})"
)
_NUMERIC = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_NOBODYS_PATHS = frozenset({"share", "joinchat", "addstickers"})


@dataclass(frozen=True)
class Way:
    """A way out of the page: what two writings of it have in common, and how it may be shown."""

    tie: Tie
    same: str
    shown: str


def ways_of(reading: SubmissionReading, site: SiteFacts) -> tuple[Way, ...]:
    """Those of the name, the title and the text that are nobody's but the advertiser's."""
    found: dict[str, Way] = {}
    for way in _ways((reading.name, reading.whole), site):
        found[way.same] = way
        if len(found) > _MOST:
            return ()
    return tuple(found.values())


def _ways(readings: Iterable[Reading], site: SiteFacts) -> Iterator[Way]:
    for reading in readings:
        seen: set[str] = set()
        for contact in reading.contacts:
            # Of the same host again, there is nothing new to say.
            if contact.value in seen:
                continue
            if contact.value not in _EVERYBODYS:
                seen.add(contact.value)
            if way := _way(contact, reading, site):
                yield way


def _way(contact: Contact, reading: Reading, site: SiteFacts) -> Way | None:
    match contact.kind:
        case ContactKind.LINK:
            return _link(contact, reading, site)
        case ContactKind.PHONE:
            return _number(contact.value, site.region)
        case ContactKind.HANDLE:
            return _handle(contact.value, site.region)
        case ContactKind.MAIL:
            return Way(Tie.CONTACT, contact.value, contact.value[:_LONGEST_SHOWN])
        case _:
            return None


def _link(contact: Contact, reading: Reading, site: SiteFacts) -> Way | None:
    start, stop = reading.plain.span(contact.start, contact.stop)
    if kind_of(contact, reading.original[start:stop], site) in (Host.OWN, Host.ALLOWED):
        return None
    host = contact.value.removeprefix("www.")
    name = registered(host) or (host if _NUMERIC.fullmatch(host) else "")
    if {host, name} & _EVERYBODYS:
        return _behind(host, contact, reading, site.region)
    if not name or within(host, WELL_KNOWN):
        return None
    return Way(Tie.LINK, name, name[:_LONGEST_SHOWN])


def _behind(host: str, contact: Contact, reading: Reading, region: str) -> Way | None:
    """Whom a messenger's or shortener's link leads to: its host is everybody's, its path is not."""
    found = _PATH.match(reading.plain.text, contact.start, contact.stop + _LONGEST_SHOWN)
    if not found or found[1] in _NOBODYS_PATHS:
        return None
    if host in MESSENGERS:
        return _handle(found[1], region)
    start, stop = reading.plain.span(*found.span(1))
    shown = f"{host}/{reading.original[start:stop]}"
    return Way(Tie.LINK, f"{host}/{found[1]}", shown[:_LONGEST_SHOWN])


def _number(digits: str, region: str) -> Way | None:
    try:
        phone = read_phone(digits, region)
    except PhoneRefused:
        return Way(Tie.NUMBER, digits, mask_phone(digits))
    if phone.kind in _HOTLINES:
        return None
    return Way(Tie.NUMBER, phone.e164, mask_phone(digits))


def _handle(name: str, region: str) -> Way | None:
    if name.isdecimal():
        return _number(name, region)
    if len(name) < _FEWEST_LETTERS:
        return None
    return Way(Tie.CONTACT, name, name[:_LONGEST_SHOWN])
