"""`commentdesk explain`: one comment's findings in the terminal, the evidence marked."""

import argparse
import json
import sys
from datetime import UTC, datetime

from commentdesk.domain.finding import Finding, Outcome
from commentdesk.domain.policy import Policy, decide
from commentdesk.domain.submission import Submission
from workers.checks import run_checks
from workers.labelled import a_new_site
from workers.thresholds import honest_curve

_FIELDS = ("name", "title", "content")
_MARK = "\x1b[7m{}\x1b[0m"
_PLAIN_MARK = "[{}]"


def main() -> None:
    wish = _parser().parse_args()
    content = wish.content if wish.content is not None else sys.stdin.read()
    submission = Submission(
        id="",
        article="",
        name=wish.name,
        title=wish.title,
        content=content,
        language="",
        received_at=datetime.now(UTC),
        phone=wish.phone,
    )
    mark = _MARK if sys.stdout.isatty() else _PLAIN_MARK
    print("\n".join(explained(submission, mark)))


def explained(submission: Submission, mark: str = _PLAIN_MARK) -> list[str]:
    """The decision, each finding with its reasons, the text with its evidence marked."""
    findings = run_checks(submission, a_new_site())
    verdict = decide(findings, Policy().thresholds(honest_curve()))
    lines = [f"{verdict.action}  (score {verdict.score:.3f})", ""]
    for finding in findings:
        lines += _told(finding)
    for field in _FIELDS:
        if typed := getattr(submission, field):
            lines += ["", f"{field}: {_marked(typed, field, findings, mark)}"]
    return lines


def _told(finding: Finding) -> list[str]:
    told = f"{finding.check:6} {finding.outcome:8} {finding.score:.3f}"
    if finding.outcome is Outcome.CLEAN:
        return [told]
    return [told, *(f"       {reason.code} {_safe(reason.text)}" for reason in finding.reasons)]


def _marked(typed: str, field: str, findings: list[Finding], mark: str) -> str:
    """The text with each stretch of evidence marked; overlapping ones as one."""
    spans = sorted(
        reason.span
        for finding in findings
        for reason in finding.reasons
        if reason.field == field and reason.span
    )
    parts, end = [], 0
    for start, stop in spans:
        if stop <= end:
            continue
        begin = max(start, end)
        parts += [_safe(typed[end:begin]), mark.format(_safe(typed[begin:stop]))]
        end = stop
    return "".join([*parts, _safe(typed[end:])])


def _safe(text: str) -> str:
    """The text without power over a terminal: controls and direction marks as \\u escapes."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commentdesk explain", description=__doc__)
    parser.add_argument("content", nargs="?", help="the comment; left out: read from the input")
    parser.add_argument("--name", default="")
    parser.add_argument("--title", default="")
    parser.add_argument("--phone", default="")
    return parser


if __name__ == "__main__":
    main()
