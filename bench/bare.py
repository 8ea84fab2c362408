"""The yardstick of intake: an aiohttp handler that reads JSON, answers, and does nothing else."""

import sys

from aiohttp import web


async def accept(request: web.Request) -> web.Response:
    """Read the body, answer 202 with a little JSON."""
    body = await request.json()
    return web.json_response({"id": body["captcha_id"][:36], "state": "received"}, status=202)


def main() -> None:
    app = web.Application()
    app.router.add_post("/v1/articles/{article}/comments", accept)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
