"""The widget: its script with the texts it says, as one file, so that nothing loads by halves."""

import hashlib
import json
from functools import cache
from pathlib import Path

from aiohttp import ETag, web

from commentdesk.settings import Settings
from commentdesk.web import SETTINGS
from commentdesk.web.errors import TEXTS
from services.intake.consent import what_is_kept

_HERE = Path(__file__).parent
# The texts of the plain form are the widget's too.
_KINDS = {"form", "field", "error", "widget"}


async def widget(request: web.Request) -> web.Response:
    """The custom element's script; 304 to a browser that has it."""
    settings, texts = request.app[SETTINGS], request.app[TEXTS]
    told = {each: what_is_kept(texts, settings, each) for each in texts.languages}
    script = _script(json.dumps(_site(settings)), tuple(told.items()))
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


@cache
def _script(site: str, kept: tuple[tuple[str, str], ...]) -> bytes:
    """`kept` is, by language, what readers are told is kept of them."""
    texts = {path.stem: _said(path) for path in sorted((_HERE / "texts").glob("*.json"))}
    for language, sentences in kept:
        texts[language]["consent_text"] = sentences
    said = json.dumps(texts, ensure_ascii=False)
    without_codes = json.loads(site)["phone_codes"] == "off"
    names = ["widget.js"] if without_codes else ["phone-code.js", "widget.js"]
    sources = "".join((_HERE / "static" / name).read_text("utf-8") for name in names)
    facts = f"const TEXTS = {said};\nconst SITE = {site};\n"
    return f"{{\n{facts}const PHONE_CODES = SITE.phone_codes;\n{sources}}}\n".encode()


def _said(path: Path) -> dict[str, str]:
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    parted = ((*key.split(".", 1), text) for key, text in texts.items())
    return {name: text for kind, name, text in parted if kind in _KINDS}
