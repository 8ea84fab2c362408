"""The widget: its script with the texts it says, as one file, so that nothing loads by halves."""

import hashlib
import json
from functools import cache
from pathlib import Path

from aiohttp import ETag, web

from commentdesk.web import SETTINGS, Texts
from commentdesk.web.language import TEXTS

_HERE = Path(__file__).parent
# The texts of the plain form are the widget's too.
_KINDS = ("form", "field", "error", "widget")


async def widget(request: web.Request) -> web.Response:
    """The custom element's script; 304 to a browser that has it."""
    script = _script(request.app[TEXTS], request.app[SETTINGS].phone_codes)
    etag = ETag(hashlib.sha256(script).hexdigest()[:32])
    if etag in (request.if_none_match or ()):
        response = web.Response(status=304)
    else:
        response = web.Response(body=script, content_type="text/javascript", charset="utf-8")
    response.etag = etag
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def _script(said_by: Texts, codes: str) -> bytes:
    texts = {language.lower(): _said(said_by, language) for language in said_by.languages}
    said = json.dumps(texts, ensure_ascii=False)
    names = ["widget.js"] if codes == "off" else ["phone-code.js", "widget.js"]
    sources = "".join((_HERE / "static" / name).read_text("utf-8") for name in names)
    facts = (
        f"const TEXTS = {said};\nconst LANGUAGE = {json.dumps(said_by.default.lower())};\n"
        f"const PHONE_CODES = {json.dumps(codes)};\n"
    )
    return f"{{\n{facts}{sources}}}\n".encode()


def _said(texts: Texts, language: str) -> dict[str, str]:
    """By the end of the key; `dir` is how the language is written."""
    under = texts.under(language, _KINDS)
    said = {key.partition(".")[2]: text for key, text in under.items()}
    return {**said, "dir": texts.direction(language)}
