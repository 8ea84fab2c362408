"""What intake's application holds."""

import jinja2
from aiohttp import web

from commentdesk.ledger import Ledger
from commentdesk.limits import Limits
from commentdesk.live import Live
from commentdesk.queues import Queues
from services.intake.admission import GroupCommit
from services.intake.burnt import BurntCaptchas
from services.intake.captcha.minting import CaptchaMint
from services.intake.captcha.surge import Surge
from services.intake.captcha.work import Works
from services.intake.code_budget import CodeBudget
from services.intake.code_dispatch import CodeDispatch
from services.intake.code_store import CodeStore
from services.intake.facts import CarriedFacts
from services.intake.known_articles import KnownArticles
from services.intake.newsroom import Newsroom
from services.intake.studio import Studio

LEDGER = web.AppKey("ledger", Ledger)
LIMITS = web.AppKey("limits", Limits)
LIVE = web.AppKey("live", Live)
QUEUES = web.AppKey("queues", Queues)
CAPTCHAS = web.AppKey("captchas", CaptchaMint)
STUDIO = web.AppKey("studio", Studio)
WORKS = web.AppKey("works", Works)
SURGE = web.AppKey("surge", Surge)
BURNT = web.AppKey("burnt", BurntCaptchas)
FACTS = web.AppKey("facts", CarriedFacts)
ARTICLES = web.AppKey("articles", KnownArticles)
NEWSROOM = web.AppKey("newsroom", Newsroom)
COMMITS = web.AppKey("commits", GroupCommit)
TEMPLATES = web.AppKey("templates", jinja2.Environment)
# Only while codes are asked for.
CODE_STORE = web.AppKey("code_store", CodeStore)
CODE_BUDGET = web.AppKey("code_budget", CodeBudget)
CODE_DISPATCH = web.AppKey("code_dispatch", CodeDispatch)
