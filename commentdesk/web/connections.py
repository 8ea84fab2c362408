"""What a connection may cost: descriptors, time, lines in the log."""

import contextlib
import logging
import resource
import socket
import sys
import warnings

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam, web
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger

# Far more than a newsroom's proxy opens; idle, they take some hundred megabytes.
_DESCRIPTORS = 16_384


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
    if sys.platform != "linux" or request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def keep_senders_out_of_the_log() -> None:
    """aiohttp quotes addresses and bytes in its log and in warnings; let the rest through."""
    server_logger.addFilter(_without_the_sender)
    for category in (BadContentDispositionHeader, BadContentDispositionParam):
        warnings.simplefilter("ignore", category)


def _without_the_sender(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        # What is no HTTP is its sender's trouble; no line, so that nobody can fill our disk.
        return False
    if error is not None:
        record.msg, record.args = "request_failed: %s", (type(error).__name__,)
        record.exc_info = None
    return True
