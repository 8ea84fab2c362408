"""Why moderators reject or remove: the one place that says which reasons there are."""

from aiohttp import web

from services.moderation.showing import REASONS


async def offered_reasons(_request: web.Request) -> tuple[str, ...]:
    """The codes a moderator chooses from; texts name each as why.<code>."""
    return REASONS
