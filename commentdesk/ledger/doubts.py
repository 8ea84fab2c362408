"""What the checks did not find clean, in a column that lists can be filtered by.

` check check:code ` for each finding and each of its reasons; empty for nothing.
"""

from collections.abc import Iterable
from typing import Any

from commentdesk.domain.finding import Outcome


def doubts_of(findings: Iterable[dict[str, Any]]) -> str:
    """The column for these findings, as the ledger keeps them."""
    tokens: dict[str, None] = {}
    for finding in findings:
        if finding.get("outcome") != Outcome.CLEAN:
            check = str(finding.get("check"))
            tokens[check] = None
            for reason in finding.get("reasons", ()):
                tokens[f"{check}:{reason.get('code')}"] = None
    return f" {' '.join(tokens)} " if tokens else ""


def of_check(check: str) -> str:
    """What the column contains where this check had doubts."""
    return f" {check} "


def of_reason(code: str) -> str:
    """What the column contains where a check gave this reason."""
    return f":{code} "
