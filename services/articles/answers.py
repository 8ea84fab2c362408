"""Answers that caches may keep: made once for each version, told by that version's ETag.

What a reader, a browser or a proxy has already is answered by 304 from the version alone; what is
to be sent is taken from memory if this version of it was sent before.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from aiohttp import ETag, web

_MOST_BYTES = 64 * 2**20
# What keeping even the shortest costs, its address with it.
_LEAST_BYTES = 4 * 2**10
# Below this a packet is sent all the same.
_WORTH_PACKING = 1_000
_PACKING = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """What an answer is, and how long caches on the way may keep it, seconds.

    `shared` is how long a proxy gives it without asking, `stale` how long after that it may still
    give it while it asks. Browsers ask each time.
    """

    content_type: str
    shared: int
    stale: int = 0

    @property
    def cache_control(self) -> str:
        stale = f", stale-while-revalidate={self.stale}" if self.stale else ""
        return f"public, max-age=0, s-maxage={self.shared}{stale}"


@dataclass(slots=True)
class Body:
    """What is sent, and its packed form once somebody wanted it."""

    plain: bytes
    headers: dict[str, str] = field(default_factory=dict)
    _packed: bytes = b""

    @property
    def packed(self) -> bytes:
        self._packed = self._packed or gzip.compress(self.plain, _PACKING, mtime=0)
        return self._packed

    @property
    def size(self) -> int:
        """Bytes of memory it may come to."""
        return _LEAST_BYTES + 2 * len(self.plain)


@dataclass(slots=True)
class _Kept:
    tag: str
    making: asyncio.Task[Body]
    size: int = 0


class Answers:
    """Bodies by what they show, the newest version of each; the longest unused go first."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def give(
        self,
        request: web.Request,
        kind: Kind,
        what: Hashable,
        tag: str,
        make: Callable[[], Awaitable[Body]],
    ) -> web.Response:
        """304 to whom has this version, else the body, made once however many ask at a time."""
        etag = ETag(tag, is_weak=True)
        if _has(request, tag):
            response = web.Response(status=304)
        else:
            response = _response(request, kind, await self._body(what, tag, make))
        response.etag = etag
        response.headers["Cache-Control"] = kind.cache_control
        response.headers["Vary"] = "Accept-Encoding"
        return response

    async def _body(self, what: Hashable, tag: str, make: Callable[[], Awaitable[Body]]) -> Body:
        kept = self._kept.get(what)
        if kept is None or kept.tag != tag:
            self._forget(what)
            kept = self._kept[what] = _Kept(tag, asyncio.ensure_future(_made(make)))
            kept.making.add_done_callback(lambda _: self._weigh(what, kept))
        self._kept.move_to_end(what)
        return await asyncio.shield(kept.making)

    def _weigh(self, what: Hashable, kept: _Kept) -> None:
        if self._kept.get(what) is not kept:
            return
        if kept.making.cancelled() or kept.making.exception():
            self._forget(what)
            return
        kept.size = kept.making.result().size
        self._bytes += kept.size
        while self._bytes > self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, what: Hashable) -> None:
        if kept := self._kept.pop(what, None):
            self._bytes -= kept.size


async def _made(make: Callable[[], Awaitable[Body]]) -> Body:
    return await make()


def _has(request: web.Request, tag: str) -> bool:
    return any(known.value == tag for known in request.if_none_match or ())


def _response(request: web.Request, kind: Kind, body: Body) -> web.Response:
    response = web.Response(content_type=kind.content_type, charset="utf-8")
    response.headers.update(body.headers)
    if len(body.plain) >= _WORTH_PACKING and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.body = body.packed
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.body = body.plain
    return response
