"""Patterns that an editor writes by mistake or in malice: refused, or done in good time."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from commentdesk.domain.finding import Outcome
from commentdesk.domain.submission import CONTENT_LENGTH, Submission
from commentdesk.patterns import PATTERN_LENGTH, PatternRefused, read_pattern
from tests.installation import ROOT
from workers.checks import SiteFacts, run_checks

# What takes a backtracking engine longer than anybody waits.
BLOW_UP = (
    r"(a+)+$",
    r"(a|aa)+$",
    r"(a|a?)+b",
    r"^(\w+\s?)*$x",
    r"(.*a){20}b",
    r"(x+x+)+y",
    r"(a?){50}a{50}b",
    r"([a-z]+)*\d",
    r"(?:.*)(?:.*)(?:.*)=",
    r"((a{0,15}){0,15})b",
    r"(?i)(.|\n)*(.|\n)*z!",
    r".*(.*)b|a",
    r"\w+\s\w+\s\w+\d$",
)
TEXTS = ("a", "x", "a ", "ab", "é", "ế ", "\n", "0", "😀", "a.b=")
NOON = datetime(2026, 9, 2, 12, tzinfo=UTC)
# For all of these patterns on one of the longest comments; the lease of a worker is 15 s.
PATIENCE = 4.0


@pytest.mark.parametrize("pattern", BLOW_UP)
@pytest.mark.parametrize("unit", TEXTS)
def test_a_pattern_takes_no_time_to_speak_of(pattern: str, unit: str) -> None:
    ready = read_pattern(pattern)
    text = unit * (CONTENT_LENGTH // len(unit)) + "!"
    encoded = text.encode()
    started = time.process_time()
    found = list(ready.found_in(text, encoded))
    assert time.process_time() - started < 0.5
    assert len(found) <= 10
    assert all(0 <= start < stop <= len(text) for start, stop in found)


def test_as_many_as_there_may_be_leave_a_worker_time() -> None:
    patterns = [f"{BLOW_UP[n % len(BLOW_UP)]}|q{n}" for n in range(100)]
    listed = [("banned", pattern, f"RE2:{pattern}", "pattern") for pattern in patterns]
    site = SiteFacts.build("VN", listed, frozenset())
    long = "a é x. " * (CONTENT_LENGTH // 7)
    made = Submission("1", "a", "Mai", "Hay", long, "vi", NOON)
    run_checks(made, site)
    started = time.process_time()
    run_checks(made, site)
    assert time.process_time() - started < PATIENCE


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"(?=a)b", "pattern_lookaround"),
        (r"(?<!a)b", "pattern_lookaround"),
        (r"(?>a+)b", "pattern_lookaround"),
        (r"(a)\1", "pattern_backreference"),
        (r"\q", "pattern_escape"),
        ("a\\", "pattern_escape"),
        ("(a", "pattern_parenthesis"),
        ("a)", "pattern_parenthesis"),
        ("[a", "pattern_bracket"),
        ("[z-a]", "pattern_range"),
        ("*a", "pattern_repetition"),
        ("a**", "pattern_repetition"),
        ("a++", "pattern_repetition"),
        ("a{1001}", "pattern_too_large"),
        ("((a{1,100}){1,100}){1,100}", "pattern_too_large"),
        ("(a{0,100}){0,10}b", "pattern_too_large"),
        (r"(\pL{0,50}\s){0,20}q", "pattern_too_large"),
        ("x" * (PATTERN_LENGTH + 1), "pattern_too_large"),
        ("(" * 150, "pattern_parenthesis"),
        ("a*", "pattern_matches_nothing"),
        ("", "pattern_matches_nothing"),
        ("^", "pattern_matches_nothing"),
        ("a|", "pattern_matches_nothing"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(pattern: str, code: str) -> None:
    with pytest.raises(PatternRefused) as refused:
        read_pattern(pattern)
    assert refused.value.code == code


def test_nothing_that_is_refused_is_heavy() -> None:
    """Neither memory nor time: the compiling itself is bounded, whatever is asked for."""
    script = """
import resource
from commentdesk.patterns import PatternRefused, read_pattern
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for wild in ("(" * 199, "[" * 199, "(?:" * 60 + "a" + "){9}" * 35, "(a|b){999}" * 19, ".{999}" * 33,
             "\\\\pL" * 49, "[^a]{500}" * 22, "(((a{9}){9}){9}){9}", "|" * 199, "\\\\C" * 60):
    for n in range(20):
        try:
            read_pattern(wild[: 190] + str(n))
        except PatternRefused:
            pass
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 64_000, grown
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("pattern", "typed", "marked"),
    [
        (r"vay\s+tiền", "Cần VAY   TIEN gấp", "VAY   TIEN"),
        (r"VAY\s+TIỀN", "cần vay tiền gấp", "vay tiền"),
        (r"[đd]ặt", "Đặt cọc", "Đặt"),
        (r"\b0[0-9]{9}\b", "gọi ０９１２３４５６７８ nhé", "０９１２３４５６７８"),
        ("cаsino", "casino", "casino"),
        (r"ki\S*m", "Kiế\u0302m 😀 tiền", "Kiế\u0302m"),
        ("^hay", "không", None),
        (r"\.com\b", "xem vidu.com/a", ".com"),
    ],
)
def test_evidence_is_marked_in_what_was_typed(pattern: str, typed: str, marked: str | None) -> None:
    site = SiteFacts.build("VN", [("banned", pattern, f"RE2:{pattern}", "pattern")], frozenset())
    made = Submission("1", "a", "Mai", "Tựa", typed, "vi", NOON)
    [finding] = [found for found in run_checks(made, site) if found.check == "words"]
    spans = [typed[slice(*reason.span)] for reason in finding.reasons if reason.span]
    assert spans == ([marked] if marked else [])


def test_an_allowed_pattern_shields_and_a_broken_one_is_unknown() -> None:
    listed = [
        ("banned", "casino", "casino", "word"),
        ("allowed", r"sòng casino \d+", "RE2:1", "pattern"),
    ]
    made = Submission("1", "a", "Mai", "", "Sòng casino 88 đã bị phá", "vi", NOON)

    def words(site: SiteFacts) -> Outcome:
        [found] = [f for f in run_checks(made, site) if f.check == "words"]
        return found.outcome

    assert words(SiteFacts.build("VN", listed[:1], frozenset())) is Outcome.BAD
    assert words(SiteFacts.build("VN", listed, frozenset())) is Outcome.CLEAN
    broken = [*listed, ("suspect", "(a", "RE2:2", "pattern")]
    assert words(SiteFacts.build("VN", broken, frozenset())) is Outcome.UNKNOWN
