"""What `commentdesk up` tells when all is up: where to look, how to log in."""

import json
import urllib.request
from pathlib import Path

from commentdesk.settings import Settings

_ANSWER_SECONDS = 3.0


def welcome(settings: Settings, login: str | None, data: Path) -> str:
    """Three addresses and the first moderator's login; None where a backup brought accounts."""
    article = _newest_article(settings)
    page = f"/articles/{article}" if article else "/"
    form = f"/v1/articles/{article}/form" if article else "/"
    return (
        "\nCommentdesk is up.\n"
        f"  Article page   {settings.articles_url}{page}\n"
        f"  Comment form   {settings.intake_url}{form}\n"
        f"  Console        {settings.moderation_url}/\n"
        f"{_login(login, data)}"
        f"{_warning(settings)}"
        f"Data and logs are in {data}. Ctrl-C stops it.\n"
    )


def _login(login: str | None, data: Path) -> str:
    if login is None:
        return "  Login          the accounts and passwords of the backup\n"
    password_file = data / "moderator-password"
    return (
        f"  Login          {login}  {password_file.read_text('utf-8').strip()}\n"
        f"                 (the first password, from {password_file})\n"
    )


def _warning(settings: Settings) -> str:
    return (
        "" if settings.limits else "RATE LIMITS ARE OFF (COMMENTDESK_LIMITS): for a bench only.\n"
    )


def _newest_article(settings: Settings) -> str | None:
    try:
        address = f"{settings.store_url}/v1/articles"
        with urllib.request.urlopen(address, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
            items = json.load(answer)["items"]
    except (OSError, ValueError, KeyError):
        return None
    return str(items[0]["id"]) if items else None
