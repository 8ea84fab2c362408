"""The widget: its script with the texts it says, as one file, so that nothing loads by halves."""

import hashlib
import json
from functools import cache
from pathlib import Path

from aiohttp import ETag, web

from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Texts
from commentdesk.web.language import TEXTS
from services.intake.consent import what_is_kept

_HERE = Path(__file__).parent
# The texts of the plain form are the widget's too.
_KINDS = ("form", "field", "error", "widget")


async def widget(request: web.Request) -> web.Response:
    """The custom element's script; 304 to a browser that has it."""
    script = _script(request.app[TEXTS], request.app[SETTINGS])
    etag = ETag(hashlib.sha256(script).hexdigest()[:32])
    if etag in (request.if_none_match or ()):
        response = web.Response(status=304)
    else:
        response = web.Response(body=script, content_type="text/javascript", charset="utf-8")
    response.etag = etag
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _site(settings: Settings) -> dict[str, str]:
    """What the site asks of its readers, and where its article store is."""
    return {
        "phone": settings.phone_field,
        "title": settings.title_field,
        "consent": settings.consent,
        "consent_version": settings.consent_version,
        "privacy_url": settings.privacy_url,
        "phone_codes": settings.phone_codes,
        "store": settings.articles_url,
    }


def _script(texts: Texts, settings: Settings) -> bytes:
    site = json.dumps(_site(settings))
    told = {each: what_is_kept(texts, settings, each) for each in texts.languages}
    return _made(texts, site, tuple(told.items()))


@cache
def _made(said_by: Texts, site: str, kept: tuple[tuple[str, str], ...]) -> bytes:
    """`kept` is, by language, what readers are told is kept of them."""
    texts = {
        language.lower(): {**_said(said_by, language), "consent_text": sentences}
        for language, sentences in kept
    }
    said = json.dumps(texts, ensure_ascii=False)
    without_codes = json.loads(site)["phone_codes"] == "off"
    names = ["widget.js"] if without_codes else ["phone-code.js", "widget.js"]
    sources = "".join((_HERE / "static" / name).read_text("utf-8") for name in names)
    facts = (
        f"const TEXTS = {said};\nconst LANGUAGE = {json.dumps(said_by.default.lower())};\n"
        f"const SITE = {site};\nconst PHONE_CODES = SITE.phone_codes;\n"
    )
    return f"{{\n{facts}{sources}}}\n".encode()


def _said(texts: Texts, language: str) -> dict[str, str]:
    """By the end of the key; `dir` is how the language is written."""
    under = texts.under(language, _KINDS)
    said = {key.partition(".")[2]: text for key, text in under.items()}
    return {**said, "dir": texts.direction(language)}
