"""`commentdesk texts`: makes the file of one more language, and says what is wrong with one."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from commentdesk.languages import (
    BUILT_IN,
    DIRECTION,
    NAME,
    SECTIONS,
    Texts,
    Unreadable,
    built_in,
    original_of,
    placeholders,
    read_language,
    refusal,
)

_ENGLISH = "en"
# What other languages may well say as English does.
_THE_SAME = (DIRECTION,)


@dataclass
class Report:
    """What there is to say of a file, each text named `section: key`."""

    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    english: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be said after `commentdesk texts`."""
    parser.add_argument(
        "deed", choices=["template", "check"], help="write a file to translate, or look at one"
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="template: keep what it says already"
    )
    parser.add_argument(
        "--from", dest="source", choices=BUILT_IN, default=_ENGLISH, help="template: translate from"
    )


def run(chosen: argparse.Namespace) -> int:
    """Carry it out; the exit code: 1 where something in the file cannot be used."""
    try:
        if chosen.deed == "template":
            print(template(chosen.source, chosen.file))
            return 0
        if chosen.file is None:
            print("commentdesk: name the file to look at: texts check th.json", file=sys.stderr)
            return 2
        return _tell(chosen.file, examine(chosen.file))
    except Unreadable as error:
        print(f"[wrong] {chosen.file}: {error}")
        return 1


def template(source: str, file: Path | None) -> str:
    """Every text there is, as the source language or, before that, the file says it.

    Raises:
        Unreadable: the file is no language.
    """
    said = read_language(file) if file else {}
    sections = {section: built_in(section)[source] | said.get(section, {}) for section in SECTIONS}
    return json.dumps(sections, ensure_ascii=False, indent=2)


def examine(file: Path) -> Report:
    """What is wrong, missing, unknown, or English still.

    Raises:
        Unreadable: the file is no language.
    """
    said, report = read_language(file), Report()
    report.unknown += [f"section {section}" for section in said if section not in SECTIONS]
    for section in SECTIONS:
        originals = built_in(section)
        texts = said.get(section, {})
        _examine_texts(section, texts, originals, report)
        if file.stem not in BUILT_IN:
            report.missing += [f"{section}: {key}" for key in originals["en"] if not texts.get(key)]
    names = [built_in("kernel")[each][NAME] for each in BUILT_IN if each != file.stem]
    if said.get("kernel", {}).get(NAME) in names:
        report.wrong.append(f"kernel: {NAME}: write the language's own name, as menus show it")
    return report


def _examine_texts(
    section: str, texts: Texts, originals: Mapping[str, Texts], report: Report
) -> None:
    english = originals[_ENGLISH]
    for key, text in texts.items():
        place, original = f"{section}: {key}", original_of(key, english)
        if original is None:
            report.unknown.append(place)
        elif not text:
            continue
        elif reason := refusal(original, text, originals) or _left_out(key, text, english):
            report.wrong.append(f"{place}: {reason}")
        elif text == english.get(key) and key not in _THE_SAME:
            report.english.append(place)


def _left_out(key: str, text: str, english: Texts) -> str | None:
    """A plural form may do without its number: “one comment”."""
    lost = placeholders(english[key]) - placeholders(text) if key in english else None
    return f"{{{min(lost)}}} is left out" if lost else None


def _tell(file: Path, report: Report) -> int:
    for text in report.wrong:
        print(f"[wrong] {text}")
    for verdict, texts, meaning in (
        ("missing", report.missing, "said in English until then"),
        ("unknown", report.unknown, "nothing says it; a slip of the pen, or of another version"),
        ("english", report.english, "as in English"),
    ):
        for text in texts:
            print(f"[{verdict}] {text} ({meaning})")
    counts = ", ".join(
        f"{len(getattr(report, name))} {name}"
        for name in ("wrong", "missing", "unknown", "english")
    )
    print(f"{file.name}: {counts}")
    return 1 if report.wrong else 0
