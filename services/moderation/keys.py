"""What the application and each request carry, by typed key."""

from typing import Any

from aiohttp import web

from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import Session
from commentdesk.limits import Limits
from commentdesk.live import Live
from commentdesk.queues import Queues
from commentdesk.web.streams import Streams
from services.moderation.bookkeeper import Bookkeeper
from services.moderation.departures import Departures
from services.moderation.presence import Presence

BOOKS = web.AppKey("books", Bookkeeper)
DEPARTURES = web.AppKey("departures", Departures)
LEDGER = web.AppKey("ledger", Ledger)
LIMITS = web.AppKey("limits", Limits)
LIVE = web.AppKey("live", Live)
PRESENCE = web.AppKey("presence", Presence)
QUEUES = web.AppKey("queues", Queues)
STREAMS = web.AppKey("streams", Streams)

# Missing where nobody is logged in.
SESSION = web.RequestKey("session", Session)
BODY = web.RequestKey("body", dict[str, Any])
