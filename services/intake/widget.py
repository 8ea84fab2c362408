"""The widget's scripts: code, texts and style in one file, small, compressed once and for all.

What only those need who write is a second file, which the first loads for them.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import rcssmin
import rjsmin
from aiohttp import ETag, web

from commentdesk.settings import Settings
from commentdesk.web import SETTINGS, Texts
from commentdesk.web.language import TEXTS
from services.intake.consent import agreement, what_is_kept
from services.intake.forms import FIELDS

_STATIC = Path(__file__).parent / "static"
# In the order in which they need one another.
_PARTS = ("element", "line", "fields", "draft", "thread", "captcha", "form", "widget")
_MORE_PARTS = ("agreement", "work", "way", "phone-code", "own", "receipt", "taken-back")
# The second file is a module: what it shares with the first is handed to it.
_MORE = """
const withMore = (texts) => ({{ ...texts, ...TEXTS[texts.language] }});
export default ({{ element, button, Fields, wait, backOff, reasonOf, receiptLink, SITE }}) => {{
{code}
return {{ solve, PhoneCode, Receipts, tellKept, askAnew, offerTakingBack, nothingArrived }};
}};
"""
_STYLES = ("form.css", "thread.css")
# The texts of the plain form are the widget's too; errors come from intake, but for the one of
# which the form can tell by itself.
_KINDS = ("form.", "field.", "widget.", "thread.", "error.required")
_MORE_KINDS = ("form.", "field.", "widget.", "own.", "consent.privacy")
_COUNTED = {"name", "title", "content"}
_NAME = re.compile(r"\w+")
# What a number decides of, as Intl.PluralRules names it.
_PLURAL = re.compile("_(zero|one|two|few|many)$")


@dataclass(frozen=True)
class Script:
    """One file in the ways it travels, by the name of the encoding; "" is plain."""

    ways: dict[str, bytes]
    etag: str


async def widget(request: web.Request) -> web.Response:
    """The custom element's script; 304 to a browser that has it."""
    return _answer(request, widget_of(request.app[TEXTS], request.app[SETTINGS]))


async def widget_more(request: web.Request) -> web.Response:
    """What only those need who write; 304 to a browser that has it."""
    return _answer(request, more_of(request.app[TEXTS], request.app[SETTINGS]))


def widget_of(texts: Texts, settings: Settings) -> Script:
    """The widget's file for a site with these texts and settings, made once."""
    return _widget(texts, json.dumps(_site(settings)))


def more_of(texts: Texts, settings: Settings) -> Script:
    """What only those need who write, made once."""
    words = {each.lower(): what_is_kept(texts, settings, each) for each in texts.languages}
    return _more(texts, json.dumps({**agreement(settings), "words": words}))


def chosen(accepted: str) -> str:
    """The smallest way a client takes; a weight of nothing refuses one (RFC 9110 §12.5.3)."""
    taken = set()
    for part in accepted.lower().replace(" ", "").split(","):
        name, _, weight = part.partition(";q=")
        if not weight or weight.strip("0."):
            taken.add(name)
    return next((way for way in ("br", "gzip") if way in taken), "")


def _answer(request: web.Request, script: Script) -> web.Response:
    way = chosen(request.headers.get("Accept-Encoding", ""))
    # Other bytes are another entity: what is kept of one is no answer to who asks for the other.
    etag = ETag(f"{script.etag}-{way or 'plain'}")
    if etag in (request.if_none_match or ()):
        response = web.Response(status=304)
    else:
        response = web.Response(
            body=script.ways[way], content_type="text/javascript", charset="utf-8"
        )
        if way:
            response.headers["Content-Encoding"] = way
    response.etag = etag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _site(settings: Settings) -> dict[str, Any]:
    """What the script knows of its site."""
    return {
        "phone": settings.phone_field,
        "title": settings.title_field,
        "consent": settings.consent,
        "phone_codes": settings.phone_codes,
        "intake": settings.intake_url,
        "store": settings.articles_url,
        "time_zone": settings.time_zone,
        "captcha": settings.captcha,
        "captcha_seconds": settings.captcha_seconds,
        "limits": {field.name: field.limit for field in FIELDS if field.name in _COUNTED},
    }


@cache
def _widget(texts: Texts, site: str) -> Script:
    code = _code(_PARTS)
    style = "".join((_STATIC / name).read_text("utf-8") for name in _STYLES)
    told = {
        "TEXTS": _said(texts, _KINDS, code),
        "LANGUAGE": texts.default.lower(),
        "SITE": json.loads(site),
        "STYLE": rcssmin.cssmin(style),
    }
    return _script(f'(()=>{{"use strict";{_constants(told)}{code}\n}})();\n')


@cache
def _more(texts: Texts, kept: str) -> Script:
    """`kept` is what readers are told is kept of them, the words by language."""
    code = _code(_MORE_PARTS)
    told = {
        "TEXTS": _said(texts, _MORE_KINDS, code),
        "KEPT": json.loads(kept),
    }
    return _script(_constants(told) + rjsmin.jsmin(_MORE.format(code=code)))


def _code(parts: Iterable[str]) -> str:
    sources = ((_STATIC / "widget" / f"{part}.js").read_text("utf-8") for part in parts)
    return str(rjsmin.jsmin("".join(sources)))


def _said(texts: Texts, kinds: tuple[str, ...], code: str) -> dict[str, dict[str, str]]:
    """By language and name, what `code` says; no text travels that nothing names."""
    named = set(_NAME.findall(code))
    found = {}
    for language in texts.languages:
        under = texts.under(language, tuple({kind.split(".")[0] for kind in kinds}))
        parted = {
            key.split(".", 1)[1]: said for key, said in under.items() if key.startswith(kinds)
        }
        said = {name: text for name, text in parted.items() if _PLURAL.sub("", name) in named}
        found[language.lower()] = {**said, "dir": texts.direction(language)}
    return found


def _constants(values: dict[str, object]) -> str:
    written = {
        name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for name, value in values.items()
    }
    return "".join(f"const {name}={value};" for name, value in written.items())


def _script(plain: str) -> Script:
    body = plain.encode()
    ways = {
        "": body,
        "gzip": gzip.compress(body, mtime=0),
        "br": brotli.compress(body, quality=11),
    }
    return Script(ways, hashlib.sha256(body).hexdigest()[:32])
