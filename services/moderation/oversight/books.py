"""The books on show, for people and for programs."""

from aiohttp import web

from services.moderation.keys import BOOKS
from services.moderation.pages import CONSOLE


async def show_books(request: web.Request) -> web.Response:
    """Both sides of the books, as a moderator reads them."""
    found = await request.app[BOOKS].look()
    return request.app[CONSOLE].render(request, "books.html", books=found)


async def get_books(request: web.Request) -> web.Response:
    """The same for a program."""
    found = await request.app[BOOKS].look()
    document = {
        "received": found.received,
        "places": found.places,
        "difference": found.difference,
    }
    return web.json_response(document)
