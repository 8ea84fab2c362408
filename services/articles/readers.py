"""Who has read what today, without knowing who: so that a view is counted once a reader.

Of a reader nothing is kept but a few bits that many share: a filter (Bloom, 1970) filled by a hash
under a key that is thrown away with the filter each day. Nobody can be found in it, and its size
is always the same. What the filter takes for seen, wrongly, is not counted: none of the first
million views of a day, one in 170 at three million.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from commentdesk.web import client_address

_BITS = 2**25
_MARKS = 5
_MARK_BYTES = 4
# What calls itself a program, and what does not say what it is.
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|fetch|scrape|monitor|headlesschrome-lighthouse|"
    r"curl/|wget/|^python|^go-http|^java/|^okhttp|^$",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


class Readers:
    """Tells a reader's first view of an article today from the others."""

    def __init__(self, zone: ZoneInfo, trusted_proxies: list[str]) -> None:
        self._zone = zone
        self._proxies = trusted_proxies
        self._today: Callable[[], date] = lambda: datetime.now(zone).date()
        self._begin()

    def is_new(self, request: web.Request, article: str) -> bool:
        """Whether this is somebody's first look at the article today; it is not from now on."""
        agent = request.headers.get("User-Agent", "")
        if request.method == "HEAD" or _PROGRAM.search(agent) or _is_ahead(request):
            return False
        if self._today() != self._day:
            self._begin()
        address = client_address(request, self._proxies)
        return self._mark(f"{article}\n{address}\n{agent}".encode(errors="surrogateescape"))

    def _begin(self) -> None:
        self._day = self._today()
        self._key = secrets.token_bytes(32)
        self._bits = bytearray(_BITS // 8)

    def _mark(self, view: bytes) -> bool:
        digest = hashlib.blake2b(view, key=self._key, digest_size=_MARKS * _MARK_BYTES).digest()
        new = False
        for start in range(0, len(digest), _MARK_BYTES):
            place = int.from_bytes(digest[start : start + _MARK_BYTES], "big") % _BITS
            byte, bit = place >> 3, 1 << (place & 7)
            new |= not self._bits[byte] & bit
            self._bits[byte] |= bit
        return new


def _is_ahead(request: web.Request) -> bool:
    """Whether a browser fetches it before anybody asked to see it."""
    asked = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any(_AHEAD.search(purpose) for purpose in asked)
