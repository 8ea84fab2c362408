"""No text takes more work than its length: patterns by their structure, the rest by their end."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.contract import ROUTES
from tests.attacks.linear import dangers, in_module
from tests.installation import ROOT

PACKAGES = ("commentdesk", "services", "workers")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
# A blow-up takes hours at these lengths; on any machine the others are done in seconds of work,
# whatever else it has to do.
CPU_SECONDS = 60
# Grapheme clusters, and their flags in pairs: `regex` has no structure to read, so these run.
RUN_INSTEAD = {r"\X"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def patterns() -> dict[str, str]:
    """Every pattern the product compiles at import, and those of its routes."""
    found = {
        f"{module_name(path)}.{name}": pattern
        for path in FILES
        if path.stem not in {"__main__", "env"} and "migrations" not in path.parts
        for name, pattern in in_module(importlib.import_module(module_name(path))).items()
    }
    for service, routes in ROUTES.items():
        for route in routes:
            for part in str(getattr(route, "path", "")).split("{")[1:]:
                _, colon, pattern = part.rpartition("}")[0].partition(":")
                if colon:
                    # The router matches a path from its start to its end.
                    found[f"{service} {part}"] = f"^{pattern}"
    return found


def used_without_a_name() -> list[str]:
    """Patterns written where they are used, `re.split(r"…")`: no import shows them."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"re", "regex"}
                and node.func.attr != "compile"
            ):
                pattern = node.args[0]
                assert isinstance(pattern, ast.Constant), f"{path}:{node.lineno}"
                found.append(str(pattern.value))
    return found


PATTERNS = patterns()


@pytest.mark.parametrize("pattern", sorted({*PATTERNS.values(), *used_without_a_name()}))
def test_a_pattern_of_the_product_is_linear(pattern: str) -> None:
    assert pattern in RUN_INSTEAD or dangers(pattern) == []


def test_the_patterns_that_meet_readers_are_among_them() -> None:
    names = {name.rpartition(".")[2] for name in PATTERNS}
    assert {"_SET_OFF", "_HOST", "_MONEY", "_DIGITS", "_NOT_XML", "_NO_LETTERS"} <= names
    assert used_without_a_name() == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a|aa)+$",
        r"(?:a|b*)*c",
        r"^(\w+\s?)*$",
        r"\d+k",
        r"^\s*\s*$",
        r"^.*.*=",
        r"(?:[a-z]{1,500}){1,500}$",
        r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@",
        r"(?=(a+)+b)",
    ],
)
def test_the_reading_knows_patterns_that_blow_up(pattern: str) -> None:
    assert dangers(pattern) != []


UNITS = [
    *("a", "A", "1", " ", "\n", ".", "-", "@", "/", "…", "<", "\\", "_"),
    *("a.", "a-", "a.b", "1 ", "1.", "1k", "1 tr", "zalo ", "trieu", "ab.vn ", "http://", "hxxp:/"),
    *("ế", "đ", "\u0301", "\u0301\u0316", "\u0f73", "\u3099\u0301", "\u0301\u0316\uff9e"),
    *("\u0301\u200d\u0316\u200d", "\u0345\u0316", "\ufdfa", "\u1100", "\uac01\u11a8", "क\u094d"),
    *("\U0001f1fb", "👩\u200d", "👩🏽", "\u200b", "\u202e", "\u0600", "\u2066a", "ﾞ"),
]
# Beginnings of what the reading looks for, again and again.
UNITS += [
    *("v a y ", "v.a.y.", "k ", "4a", "o", "0 9 ", "khong ", "0912345678 ", "a . ", " . com"),
    *("dot com ", "chấm com", "bit ly/", "h t t p : / / ", "a@b.co ", "@abcd ", "a.com/", "www."),
]
RUNS = {
    "kept text": (
        120_000,
        """
from commentdesk.domain.text import fold, has_control_character, normalize, normalize_line
def work(text):
    fold(normalize(text)), fold(text), normalize_line(text), has_control_character(text)
""",
    ),
    "lengths and numbers": (
        200_000,
        """
from commentdesk.domain.phone import digits_of, mask_phone
from services.intake.captcha.minting import Captcha
from services.intake.forms import length
captcha = Captcha("", "", "", "ABCDE", "12345", None)
def work(text):
    length(text, 1), digits_of(text), mask_phone(text), captcha.accepts(text)
""",
    ),
    "bodies": (
        65_536,
        """
import json
from commentdesk.web import Problem
from commentdesk.web.body import parse_form, parse_json
def work(text):
    sent = json.dumps({"a": text}).encode()
    for parse, raw in ((parse_json, sent), (parse_json, text.encode()), (parse_form, sent)):
        try:
            parse(raw)
        except Problem:
            pass
""",
    ),
    "readings": (
        65_536,
        """
from workers.checks.reading import Reading
def work(text):
    reading = Reading(text)
    for name in ("plain", "accented", "joined", "unmasked", "expanded", "words"):
        getattr(reading, name).places
    reading.contacts
""",
    ),
    "checks": (
        16_384,
        """
from datetime import datetime
from commentdesk.domain.submission import Submission
from workers.checks import CHECKS, CheckContext, SiteFacts
site = SiteFacts.build("VN", [("banned", "aa", "aa"), ("allowed", "a", "a")], frozenset())
def work(text):
    made = Submission("1", "a", text, text, text, "vi", datetime(2026, 9, 2), phone=text)
    context = CheckContext.of(made, site)
    for _, check in CHECKS:
        check(made, context)
""",
    ),
    "feed and console": (
        65_536,
        """
from services.articles.feed import _NOT_XML
from services.moderation.desk.marks import marked
def work(text):
    _NOT_XML.sub("", text)
    marked("name", text, [{"text": text[:3]}, {"text": text[-70:]}, {"text": "a"}])
    marked("name", text, [{"field": "name", "span": [i, i + 2]} for i in range(0, len(text), 9)])
""",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_the_work_ends(name: str) -> None:
    size, work = RUNS[name]
    limit = f"from resource import *\nsetrlimit(RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS}))\n"
    script = f"{limit}{work}\nfor unit in {UNITS!r}:\n"
    script += f"    work('a' + unit * ({size} // len(unit)) + '!')\n"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 0
