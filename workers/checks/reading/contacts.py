"""Ways out of the page, wherever they hide: links, bare domains, phone numbers, handles, mail."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workers.checks.reading.addresses import broken_links_in, links_in
from workers.checks.reading.contact import Contact, ContactKind
from workers.checks.reading.handles import handles_in
from workers.checks.reading.numbers import phones_in
from workers.checks.reading.view import View

__all__ = ["Contact", "ContactKind", "contacts_in"]

_MAIL = re.compile(r"(?<![\w./])[a-z0-9][a-z0-9._+-]{1,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12}\b")


def contacts_in(plain: View, joined: View) -> list[Contact]:
    """All in a plain view, in no order; a stretch may be read in two ways.

    Their places count characters of `plain`. `joined` is read from it, or it is the same.
    """
    found = _read(plain)
    if joined is not plain:
        seen = {(contact.kind, contact.value) for contact in found}
        found += [c for c in _behind(joined, plain) if (c.kind, c.value) not in seen]
    return found


def _read(view: View) -> list[Contact]:
    text = view.text
    found = list(_mails(text)) if "@" in text else []
    taken = [(contact.start, contact.stop) for contact in found]
    found += [c for c in links_in(view) if not _touch(taken, c)]
    found += broken_links_in(view)
    found += phones_in(view)
    found += handles_in(view)
    return found


def _behind(joined: View, plain: View) -> Iterator[Contact]:
    """What shows itself when letters set apart are joined, placed in the plain text."""
    for contact in _read(joined):
        if _touch(joined.changed, contact):
            start, stop = joined.span_down_to(plain, contact.start, contact.stop)
            yield replace(contact, start=start, stop=stop)


def _touch(stretches: Sequence[tuple[int, int]], contact: Contact) -> bool:
    """Whether one of these, in order and apart, has something of the contact in it."""
    at = bisect_left(stretches, (contact.stop, 0)) - 1
    return at >= 0 and contact.start < stretches[at][1]


def _mails(text: str) -> Iterator[Contact]:
    for match in _MAIL.finditer(text):
        yield Contact(ContactKind.MAIL, match[0], *match.span())
