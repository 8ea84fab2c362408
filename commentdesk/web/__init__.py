"""What every HTTP service needs once: the application, errors, bodies, languages, pages."""

from commentdesk.web.address import client_address
from commentdesk.web.app import (
    SETTINGS,
    create_service,
    has_service_token,
    run,
    same_secret,
    service_only,
)
from commentdesk.web.body import read_body, read_bytes
from commentdesk.web.errors import FieldError, Problem
from commentdesk.web.language import Texts, language_of
from commentdesk.web.pages import page, templates

__all__ = [
    "SETTINGS",
    "FieldError",
    "Problem",
    "Texts",
    "client_address",
    "create_service",
    "has_service_token",
    "language_of",
    "page",
    "read_body",
    "read_bytes",
    "run",
    "same_secret",
    "service_only",
    "templates",
]
