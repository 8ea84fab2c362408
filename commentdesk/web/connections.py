"""What a connection may cost: descriptors, time, lines in the log."""

import asyncio
import contextlib
import logging
import resource
import socket
import sys
from weakref import WeakSet

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger

# Far more than a newsroom's proxy opens; idle, they take some hundred megabytes.
_DESCRIPTORS = 16_384
# Connections that have been given their time.
_TIMED: WeakSet[asyncio.Transport] = WeakSet()


def allow_many() -> None:
    """Open as many connections as the system lets us, not the 1,024 a shell begins with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if resource.RLIM_INFINITY != soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def drop_if_not_taken(request: web.Request, seconds: float) -> None:
    """Let the system end the connection when nothing of an answer is taken for so long.

    aiohttp waits without end, and holds the whole answer meanwhile.
    """
    transport = request.transport
    if sys.platform != "linux" or transport is None or transport in _TIMED:
        return
    _TIMED.add(transport)
    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def keep_nonsense_out_of_the_log() -> None:
    """What is no HTTP is its sender's trouble; no line, so that nobody can fill our disk."""
    server_logger.addFilter(_is_our_trouble)


def _is_our_trouble(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
