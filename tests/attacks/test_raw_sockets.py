"""Requests that two readers of HTTP could read differently, and paths that lead out of a folder."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.attacks.wire import Answer, comment_path, say
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Redis

SERVICES = ("intake", "moderation", "articles")
POST = f"POST {comment_path()} HTTP/1.1\r\nHost: localhost\r\n".encode()
JSON = POST + b"Content-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
# What an attacker would have answered in another's name.
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
BODY = b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
END = b"0\r\n\r\n"

AMBIGUOUS = {
    "CL.TE": JSON + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
    "TE.CL": JSON + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n",
    "TE.TE": JSON + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + END,
    "TE of another name": JSON + b"Transfer-Encoding: xchunked\r\n\r\n" + END,
    "TE with a space before the colon": JSON + b"Transfer-Encoding : chunked\r\n\r\n" + END,
    "TE under HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + END,
    "two lengths": JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n",
    "the same length twice": JSON + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "lengths in a list": JSON + b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a plus": JSON + b"Content-Length: +2\r\n\r\n{}",
    "a length below nothing": JSON + b"Content-Length: -1\r\n\r\n{}",
    "a hexadecimal length": JSON + b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond 64 bits": JSON + b"Content-Length: 18446744073709551618\r\n\r\n{}",
    "a line feed in a chunk extension": CHUNKED + b"2;a\nX\r\n{}\r\n" + END,
    "chunks with bare line feeds": CHUNKED + b"2\n{}\n0\n\n",
    "a chunk size with 0x": CHUNKED + b"0x2\r\n{}\r\n" + END,
    "a chunk size below nothing": CHUNKED + b"-2\r\n{}\r\n" + END,
    "a chunk size beyond 64 bits": CHUNKED + b"10000000000000002\r\n{}\r\n" + END,
    "a chunk longer than it says": CHUNKED + b"2\r\n{}xx\r\n" + END,
    "a bad chunk after a good one": CHUNKED + b"2\r\n{}\r\nZZ\r\n",
    "a length in the trailer": CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: localhost\n\n",
    "a bare line feed in a header": GET + b"A: b\nC: d\r\n\r\n",
    "a bare carriage return in a header": GET + b"A: b\rC: d\r\n\r\n",
    "a folded header": GET + b"A: b\r\n c\r\n\r\n",
    "a folded first header": b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "a space before the colon": GET + b"A : b\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: other\r\n\r\n",
    "NUL in a header": GET + b"A: b\x00c\r\n\r\n",
    "NUL in a header's name": GET + b"A\x00: b\r\n\r\n",
    "NUL in the path": b"GET /healthz\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a control character in the path": b"GET /health\x01z HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a byte above ASCII in the path": b"GET /health\xffz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a method in small letters": b"get /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HTTP/1.10": b"GET /healthz HTTP/1.10\r\nHost: localhost\r\n\r\n",
    "HTTP/9.9": b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "full-width digits": "GET /healthz HTTP/１.１\r\nHost: localhost\r\n\r\n".encode(),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}
# As the standard has it (RFC 9112): one request, one answer, and the next is the next.
PLAIN = {
    "a chunk extension": (CHUNKED + b"2;a=b\r\n{}\r\n" + END, [422, 200]),
    "a body under GET": (GET + BODY, [200, 200]),
    "an absolute address": (b"GET http://evil.example" + GET[4:] + b"\r\n", [200, 200]),
    "CONNECT": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", [404, 200]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", [404, 200]),
}
CRLF = "%0d%0aSet-Cookie:%20stolen=1%0d%0a%0d%0aHTTP/1.1%20200%20OK"
STOLEN = re.compile(rb"[\r\n]set-cookie: *stolen", re.IGNORECASE)
OUT_OF_THE_FOLDER = (
    "../app.py",
    "%2e%2e/app.py",
    ".%2e/app.py",
    "..%2fapp.py",
    "%2e%2e%2fapp.py",
    "%2E%2E%2Fapp.py",
    "..%5capp.py",
    "..\\app.py",
    "%252e%252e%252fapp.py",
    "..%252fapp.py",
    "....//app.py",
    "..;/app.py",
    "%c0%ae%c0%ae/app.py",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "app.py",
    "__init__.py",
    ".env",
    ".git/config",
    "ledger.db",
    "../../../ledger.db",
    "secret",
    "x%00.css",
    "a" * 300,
    "a" * 300 + ".css",
    "a/" * 2_000,
)


class Copied(Installation):
    """Runs from a copy of the source, into which a test may put what it likes."""

    @property
    def environ(self) -> dict[str, str]:
        copy = str(self.folder / "source")
        return {**super().environ, "PYTHONPATH": copy, "PYTHONSAFEPATH": "1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exposed(
    tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The three services; someone left a secret, links to it and a database in their folders."""
    folder = tmp_path_factory.mktemp("exposed")
    for package in ("commentdesk", "services"):
        shutil.copytree(ROOT / package, folder / "source" / package)
    (folder / "secret.css").write_text("SECRET")
    for service in SERVICES:
        _leave_lying_about(folder, folder / "source/services" / service / "static")
    installation = Copied(folder, redis, sqlite_urls(folder))
    installation.migrate()
    await installation.start(*SERVICES)
    yield installation
    installation.stop()


def _leave_lying_about(folder: Path, static: Path) -> None:
    (static / "linked.css").symlink_to(folder / "secret.css")
    (static / "up").symlink_to(folder)
    (static.parent / "secret.css").write_text("SECRET")
    (static.parent / "ledger.db").write_text("SECRET")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_closed(
    exposed: Installation, service: str, name: str
) -> None:
    answers = await say(getattr(exposed, service), AMBIGUOUS[name] + SMUGGLED)
    assert [answer.status for answer in answers] == [400]
    # What the service says of itself now and then is no answer to anybody.
    log = [line for line in exposed.log_of(service).splitlines() if "audit_head" not in line]
    assert log == [], "and nobody can write our log full"


@pytest.mark.parametrize("name", PLAIN)
async def test_what_is_plain_gets_one_answer_each(exposed: Installation, name: str) -> None:
    request, expected = PLAIN[name]
    answers = await say(exposed.intake, request + SMUGGLED)
    assert [answer.status for answer in answers] == expected


async def test_http_0_9_is_not_spoken(exposed: Installation) -> None:
    (answer,) = await say(exposed.intake, b"GET /healthz\r\n\r\n")
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("intake", f"/receipts?return_url={CRLF}&lang={CRLF}"),
        ("intake", f"/v1/articles/{CRLF}/form"),
        ("intake", f"/v1/submissions/{CRLF}"),
        ("intake", f"/v1/captchas/{CRLF}/image"),
        ("moderation", f"/{CRLF}"),
        ("moderation", f"/login?next={CRLF}"),
        ("moderation", f"/?q={CRLF}"),
        ("moderation", f"/login?next=/{CRLF}"),
        ("articles", f"/articles/{CRLF}"),
        ("articles", f"/v1/articles/{CRLF}/comments.atom"),
        ("articles", f"/v1/articles?cursor={CRLF}"),
        ("articles", f"/static/{CRLF}"),
    ],
)
async def test_a_line_break_in_a_path_makes_no_header(
    exposed: Installation, service: str, path: str
) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    (answer,) = await say(getattr(exposed, service), request.encode())
    assert answer.status < 500
    assert not STOLEN.search(answer.head)


@pytest.mark.parametrize("header", ["Origin", "Accept-Language", "X-Forwarded-For", "Referer"])
async def test_a_line_break_in_a_header_makes_no_header(exposed: Installation, header: str) -> None:
    for value in (b"vi\rSet-Cookie: stolen=1", b"vi\nSet-Cookie: stolen=1", CRLF.encode()):
        request = GET + b"Connection: close\r\n" + header.encode() + b": " + value + b"\r\n\r\n"
        (answer,) = await say(exposed.intake, request.replace(b"/healthz", b"/receipts"))
        assert answer.status in {200, 400}
        assert not STOLEN.search(answer.head)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_path_leads_out_of_the_static_folder(exposed: Installation, service: str) -> None:
    for name in (*OUT_OF_THE_FOLDER, "linked.css", "up/secret.css", "up", "../secret.css"):
        answer = await _static(exposed, service, name)
        assert answer.status == 404, name
        assert b"SECRET" not in answer.body
    assert "database_away" not in exposed.log_of(service)


@pytest.mark.parametrize(
    ("service", "name"),
    [("intake", "form.css"), ("moderation", "console.css"), ("articles", "articles.css")],
)
async def test_what_is_in_the_folder_is_served(
    exposed: Installation, service: str, name: str
) -> None:
    answer = await _static(exposed, service, name)
    assert answer.status == 200
    assert answer.body == (ROOT / "services" / service / "static" / name).read_bytes()


async def _static(site: Installation, service: str, name: str) -> Answer:
    request = f"GET /static/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    (answer,) = await say(getattr(site, service), request.encode())
    return answer
