"""The widget's files: small, complete, and compressed as the browser asks."""

import gzip
import re

import brotli
import pytest

from commentdesk.web import Texts
from services.intake.widget import Script, chosen, more_of, widget_of
from tests.unit.least_settings import least_settings

# Form, thread, both languages and style, as browsers take it over https.
MOST_BYTES = 12 * 1024
# What only those load who write: what is kept of them, receipts, one-time codes, the solver of
# work, what became of a comment that was taken back.
MOST_MORE_BYTES = 7 * 1024


def made(**asked: str) -> tuple[Script, Script]:
    settings = least_settings(**asked)
    texts = Texts("intake", settings)
    return widget_of(texts, settings), more_of(texts, settings)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"phone_codes": "required", "phone_code_sender": "console"},
        {"consent": "required", "privacy_url": "https://paper.example/privacy"},
    ],
)
def test_it_stays_small_whatever_the_site_asks_for(asked: dict[str, str]) -> None:
    script, more = made(**asked)
    assert len(script.ways["br"]) <= MOST_BYTES
    assert len(more.ways["br"]) <= MOST_MORE_BYTES


def test_every_way_is_the_same_script() -> None:
    for script in made():
        assert brotli.decompress(script.ways["br"]) == script.ways[""]
        assert gzip.decompress(script.ways["gzip"]) == script.ways[""]


@pytest.mark.parametrize(
    ("accepted", "way"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("gzip; q=0.0", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_it_travels_the_smallest_way_the_browser_takes(accepted: str, way: str) -> None:
    assert chosen(accepted) == way


def test_every_text_that_is_named_is_there_in_both_languages() -> None:
    script, more = made(phone_codes="offered", phone_code_sender="console")
    for code in (script.ways[""].decode(), more.ways[""].decode()):
        named = set(re.findall(r"\b(?:t|texts)\.(\w+)", code)) - {"language"}
        known = set(re.findall(r'"(\w+)":"', script.ways[""].decode() + code))
        assert named <= known
        assert "//" not in re.sub(r"https?://|://", "", code), "comments do not travel"
