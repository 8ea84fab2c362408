"""What the application and each request carry, by typed key."""

from typing import Any

from aiohttp import web

from commentdesk.ledger import Ledger
from commentdesk.ledger.sessions import Session
from commentdesk.limits import Limits
from commentdesk.live import Live
from commentdesk.queues import Queues
from commentdesk.web.streams import Streams
from services.moderation.accounts.openid import Provider
from services.moderation.desk.departures import Departures
from services.moderation.desk.presence import Presence
from services.moderation.oversight.audit_watch import AuditWatch
from services.moderation.oversight.bookkeeper import Bookkeeper
from services.moderation.oversight.figures import RecentFigures
from services.moderation.oversight.waiting_watch import WaitingWatch

AUDIT = web.AppKey("audit", AuditWatch)
BOOKS = web.AppKey("books", Bookkeeper)
DEPARTURES = web.AppKey("departures", Departures)
FIGURES = web.AppKey("figures", RecentFigures)
LEDGER = web.AppKey("ledger", Ledger)
LIMITS = web.AppKey("limits", Limits)
LIVE = web.AppKey("live", Live)
# Missing where the settings name no provider.
OPENID = web.AppKey("openid", Provider)
PRESENCE = web.AppKey("presence", Presence)
QUEUES = web.AppKey("queues", Queues)
STREAMS = web.AppKey("streams", Streams)
WAITING = web.AppKey("waiting", WaitingWatch)

# Missing where nobody is logged in.
SESSION = web.RequestKey("session", Session)
BODY = web.RequestKey("body", dict[str, Any])
