"""Lines of CSV (RFC 4180) that a spreadsheet shows and never calculates."""

import csv
import io
import json
from collections.abc import Iterable

# Without it, Excel takes the file for one in the system's own code page.
UTF8_MARK = b"\xef\xbb\xbf"
# What a spreadsheet may take for the beginning of a formula, of full width too, behind blanks
# that it may leave out (OWASP, CSV Injection).
_BEGINS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BEGINS_CELL = ("\t", "\r", "\n", "\x00")


def line(values: Iterable[object]) -> bytes:
    """The line with all cells quoted, in UTF-8."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(cell, values))
    return written.getvalue().encode(errors="replace")


def cell(value: object) -> str:
    """The value as text; what could be a formula stands behind an apostrophe."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if _may_be_formula(text) else text


def _may_be_formula(text: str) -> bool:
    bare = text.replace("\x00", " ").lstrip()
    return bare.startswith(_BEGINS_FORMULA) or text.startswith(_BEGINS_CELL)
