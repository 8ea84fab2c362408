"""Does the reader lead others away? Links and bare domains in name, title and text."""

import re
from collections.abc import Iterator

from publicsuffixlist import PublicSuffixList

from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext

NAME = "links"
_SUFFIXES = PublicSuffixList(accept_unknown=False)
_ONE_LINK = 0.5
_EACH_MORE = 0.1
_MOST = 0.9
# Runs of what a host name and its address can be made of; one character class, so it is linear.
_CANDIDATE = re.compile(r"[^\s<>()\[\]{}\"'“”‘’,;]+")
_SCHEME = re.compile(r"^(?:hxxp|http|https|ftp)s?:/{1,3}", re.IGNORECASE)
_HOST = re.compile(r"^(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}$")
_HOST_LENGTH = 253


def check_links(submission: Submission, context: CheckContext) -> Finding:
    """Suspect with any link to a host that is not the site's own; more links, more suspect."""
    reasons = [
        Reason("link", host, span)
        for field in (submission.name, submission.title, submission.content)
        for host, span in hosts_in(field)
        if host.removeprefix("www.") not in context.own_hosts
    ]
    if not reasons:
        return clean(NAME)
    score = min(_MOST, _ONE_LINK + _EACH_MORE * (len(reasons) - 1))
    return suspect(NAME, score, reasons)


def hosts_in(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Hosts of links and bare domains whose ending is a public suffix, with their places."""
    for match in _CANDIDATE.finditer(text):
        bare = _SCHEME.sub("", match.group())
        host = re.split(r"[/?#:]", bare.rpartition("@")[2], maxsplit=1)[0].strip(".!…").lower()
        if len(host) <= _HOST_LENGTH and _HOST.match(host) and _SUFFIXES.publicsuffix(host):
            if _SUFFIXES.privatesuffix(host):
                yield host, match.span()
        elif bare != match.group():
            yield host[:_HOST_LENGTH], match.span()
