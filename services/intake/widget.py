"""The widget: its script with the texts it says, as one file, so that nothing loads by halves."""

import hashlib
import json
from functools import cache
from pathlib import Path

from aiohttp import ETag, web

from commentdesk.web import SETTINGS

_HERE = Path(__file__).parent
# The texts of the plain form are the widget's too.
_KINDS = {"form", "field", "error", "widget"}


async def widget(request: web.Request) -> web.Response:
    """The custom element's script; 304 to a browser that has it."""
    script = _script(request.app[SETTINGS].phone_codes)
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
def _script(codes: str) -> bytes:
    texts = {path.stem: _said(path) for path in sorted((_HERE / "texts").glob("*.json"))}
    said = json.dumps(texts, ensure_ascii=False)
    names = ["widget.js"] if codes == "off" else ["phone-code.js", "widget.js"]
    sources = "".join((_HERE / "static" / name).read_text("utf-8") for name in names)
    facts = f"const TEXTS = {said};\nconst PHONE_CODES = {json.dumps(codes)};\n"
    return f"{{\n{facts}{sources}}}\n".encode()


def _said(path: Path) -> dict[str, str]:
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    parted = ((*key.split(".", 1), text) for key, text in texts.items())
    return {name: text for kind, name, text in parted if kind in _KINDS}
