"""A server where the article store should be, that answers as no store would."""

import gzip
import threading
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_CHUNK = b"a" * 65_536
_MOST = 256 * 2**20


class HostileStore:
    """Listens on a port of loopback; what was asked and how much was taken is kept."""

    def __init__(self, elsewhere: str = "") -> None:
        _packed()  # Before anybody waits for it.
        self.elsewhere = elsewhere
        self.asked: list[str] = []
        self.authorizations: list[str | None] = []
        self.sent = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                store.asked.append(self.path)
                store.authorizations.append(self.headers["Authorization"])
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                kind = self.path.partition("?")[0].rpartition("/")[2]
                _ANSWERS.get(kind.partition("-")[0], _missing)(store, self)

            def do_PUT(self) -> None:
                self.do_GET()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        return Handler


Answer = Callable[[HostileStore, BaseHTTPRequestHandler], None]


def _missing(_store: HostileStore, handler: BaseHTTPRequestHandler) -> None:
    _send(handler, 404, b"{}")


def _redirect(store: HostileStore, handler: BaseHTTPRequestHandler) -> None:
    status = int(handler.path.partition("?")[0].rpartition("-")[2])
    handler.send_response(status)
    handler.send_header("Location", f"{store.elsewhere}{handler.path}")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _endless(store: HostileStore, handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.close_connection = True
    try:
        while store.sent < _MOST:
            handler.wfile.write(_CHUNK)
            store.sent += len(_CHUNK)
    except OSError:
        return


@cache
def _packed() -> bytes:
    return gzip.compress(b'{"title": "' + b"a" * (200 * 2**20), 1)


def _bomb(_store: HostileStore, handler: BaseHTTPRequestHandler) -> None:
    _send(handler, 200, _packed(), ("Content-Encoding", "gzip"))


def _says(body: bytes) -> Answer:
    return lambda _store, handler: _send(handler, 200, body)


def _send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, *headers: tuple[str, str]
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


_ANSWERS: dict[str, Answer] = {
    "redirect": _redirect,
    "endless": _endless,
    "bomb": _bomb,
    "deep": _says(b"[" * 100_000),
    "html": _says(b"<!doctype html><title>Log in</title>"),
    "list": _says(b"[]"),
    "empty": _says(b""),
    "number": _says(b"9" * 100_000),
    "bytes": _says(b'{"id": "\xff"}'),
    "missing": _says(b"{}"),
    "null": _says(b'{"id": null, "title": {}, "language": [], "url": 1, "comments": true}'),
    "another": _says(
        b'{"id": "not-asked-for", "title": "", "language": "vi", "url": "", "comments": "open"}'
    ),
}
NONSENSE = sorted(set(_ANSWERS) - {"redirect", "endless", "bomb"})
