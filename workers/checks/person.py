"""Who writes? What became of earlier comments with the same phone or from the same browser."""

from collections.abc import Iterator

from commentdesk.domain.finding import Finding, Outcome, Reason, bad, suspect
from commentdesk.domain.memory import BanKind, Memory, Past
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext, Tolerance

NAME = "person"
_BANNED = 0.95
_REJECTED, _REJECTED_PHONE = 0.4, 0.2
# One or two rejections happen to anybody.
_LEAST_REJECTIONS, _LEAST_SHARE = 3, 0.5


def check_person(_submission: Submission, context: CheckContext) -> Finding:
    """Bad with a banned address or name, suspect with a past of rejections, held as a newcomer.

    A phone's past alone holds nobody: anybody can type somebody's number.
    """
    memory, tolerance = context.around.memory, context.site.tolerance
    if banned := list(_banned(memory)):
        return bad(NAME, _BANNED, banned)
    phone = list(_rejections("person_phone_rejected", memory.phone))
    browser = list(_rejections("person_browser_rejected", memory.browser))
    newcomer = list(_newcomer(memory, tolerance))
    if reasons := [*browser, *phone, *newcomer]:
        score = _REJECTED if browser else _REJECTED_PHONE if phone else 0.0
        return suspect(NAME, score, reasons, holds=bool(browser or newcomer))
    trusted = (Reason("person_trusted"),) if is_trusted(memory, tolerance) else ()
    return Finding(NAME, Outcome.CLEAN, 0.0, trusted)


def is_trusted(memory: Memory, tolerance: Tolerance) -> bool:
    """Known to moderators by phone and by browser both, without a rejection.

    Both, for a known number is quickly typed; moderators alone, for the machine's approvals are
    quickly collected.
    """
    enough = tolerance.trusted_after
    pasts = (memory.phone, memory.browser)
    return bool(
        enough
        and not memory.bans
        and all(past.vouched >= enough and not past.rejected for past in pasts)
    )


def _banned(memory: Memory) -> Iterator[Reason]:
    for kind in (BanKind.ADDRESS, BanKind.NAME):
        if kind in memory.bans:
            yield Reason(f"banned_{kind}")


def _rejections(code: str, past: Past) -> Iterator[Reason]:
    decided = past.approved + past.rejected
    if past.rejected >= _LEAST_REJECTIONS and past.rejected >= _LEAST_SHARE * decided:
        yield Reason(code, f"{past.rejected}/{decided}")


def _newcomer(memory: Memory, tolerance: Tolerance) -> Iterator[Reason]:
    """Until so many of the phone or the browser were approved."""
    approved = max(memory.phone.approved, memory.browser.approved)
    if approved < tolerance.newcomers_held:
        yield Reason("person_newcomer", f"{approved}/{tolerance.newcomers_held}")
