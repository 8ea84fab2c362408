"""Everything a Redis holds, and everything that is said to it, as bytes to be searched."""

import base64
import binascii
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import redis

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")


def contents(url: str) -> Iterator[bytes]:
    """Every key with its value, of every type, packed and unpacked.

    Not by DUMP, which packs what it shows.
    """
    with redis.Redis.from_url(url) as connection:
        for key in connection.scan_iter():
            yield key
            for piece in _pieces(_value(connection, key)):
                yield piece
                yield from unpacked(piece)


def unpacked(piece: bytes) -> Iterator[bytes]:
    """What RQ packs: zlib, and zlib in base64."""
    for packed in (piece, *_BASE64.findall(piece)):
        for raw in (packed, _from_base64(packed)):
            try:
                yield zlib.decompress(raw)
            except zlib.error:
                continue


class Eavesdropper:
    """Hears every command sent to a Redis, from now until `stop`."""

    def __init__(self, url: str) -> None:
        self.heard: list[bytes] = []
        self._client = redis.Redis.from_url(url)
        self._stopped = threading.Event()
        listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(listening,), daemon=True)
        self._thread.start()
        assert listening.wait(60)

    def stop(self) -> None:
        """One last command, so that the listener wakes up and sees that it is over."""
        self._stopped.set()
        self._client.ping()
        self._thread.join(60)
        self._client.close()

    def _listen(self, listening: threading.Event) -> None:
        with self._client.monitor() as monitor:  # type: ignore[no-untyped-call]
            listening.set()
            while not self._stopped.is_set():
                command = str(monitor.next_command()["command"]).encode()
                self.heard += [command, *unpacked(command)]


def _value(connection: redis.Redis, key: bytes) -> Any:
    kind = connection.type(key)
    # A key may have ended since it was listed; a kind nobody knows how to search is an error.
    return None if kind == b"none" else _READ[kind](connection, key)


_READ: dict[Any, Callable[[redis.Redis, bytes], Any]] = {
    b"string": lambda connection, key: connection.get(key),
    b"hash": lambda connection, key: connection.hgetall(key),
    b"list": lambda connection, key: connection.lrange(key, 0, -1),
    b"set": lambda connection, key: connection.smembers(key),
    b"zset": lambda connection, key: connection.zrange(key, 0, -1),
    b"stream": lambda connection, key: connection.xrange(key),
}


def _pieces(value: Any) -> Iterator[bytes]:
    match value:
        case bytes():
            yield value
        case dict():
            for name, item in value.items():
                yield from _pieces(name)
                yield from _pieces(item)
        case list() | tuple() | set():
            for item in value:
                yield from _pieces(item)


def _from_base64(piece: bytes) -> bytes:
    try:
        return base64.b64decode(piece, validate=True)
    except binascii.Error:
        return b""
