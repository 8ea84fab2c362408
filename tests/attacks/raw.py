"""Requests byte by byte, as no client of good manners would send them."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

Headers = list[tuple[bytes, bytes]]
JSON = (b"Content-Type", b"application/json")
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
MULTIPART = (b"Content-Type", b"multipart/form-data; boundary=x")


@dataclass(frozen=True)
class Answer:
    """A response as it stood on the wire."""

    status: int
    head: bytes
    body: bytes


def send(
    url: str, method: bytes, target: bytes, headers: Headers | None = None, body: bytes = b""
) -> Answer:
    """Send one request on a connection of its own and read all that comes back."""
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close"]
    lines += [name + b": " + value for name, value in headers or []]
    if method not in {b"GET", b"HEAD"}:
        lines.append(b"Content-Length: %d" % len(body))
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 20) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        received = bytearray()
        while chunk := connection.recv(65_536):
            received += chunk
    head, _, rest = bytes(received).partition(b"\r\n\r\n")
    return Answer(int(head.split()[1]), head, rest)
