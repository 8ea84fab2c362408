"""The yardsticks: aiohttp handlers that read JSON and answer, or send a file, and no more."""

import sys
from pathlib import Path

from aiohttp import web


async def accept(request: web.Request) -> web.Response:
    """Read the body, answer 202 with a little JSON."""
    body = await request.json()
    return web.json_response({"id": body["captcha_id"][:36], "state": "received"}, status=202)


def main() -> None:
    app = web.Application()
    app.router.add_post("/v1/articles/{article}/comments", accept)
    if len(sys.argv) > 2:
        page = Path(sys.argv[2]).read_bytes()

        async def send(_request: web.Request) -> web.Response:
            return web.Response(body=page, content_type="text/html", charset="utf-8")

        app.router.add_get("/page", send)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
