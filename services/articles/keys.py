"""What the application carries, by typed key."""

from aiohttp import web

from commentdesk.database import Database
from commentdesk.live import Live
from commentdesk.web import Texts
from commentdesk.web.streams import Streams
from services.articles.answers import Answers
from services.articles.page import Pages
from services.articles.readers import Readers
from services.articles.versions import Versions
from services.articles.viewcount import ViewCount

DATABASE = web.AppKey("database", Database)
LIVE = web.AppKey("live", Live)
VIEW_COUNT = web.AppKey("view_count", ViewCount)
STREAMS = web.AppKey("streams", Streams)
PAGES = web.AppKey("pages", Pages)
TEXTS = web.AppKey("articles_texts", Texts)
ANSWERS = web.AppKey("answers", Answers)
READERS = web.AppKey("readers", Readers)
VERSIONS = web.AppKey("versions", Versions)
# Of the code and the settings that answers are made by: another stamp, another answer.
STAMP = web.AppKey("stamp", str)
