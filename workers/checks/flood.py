"""Has it come before, and does it come with many? Copies of a text, orders on them, bursts."""

from collections.abc import Iterator

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.memory import Copies, Crowd, Ordered
from commentdesk.domain.state import Action
from commentdesk.domain.submission import Submission
from workers.checks.context import CheckContext, Tolerance

NAME = "flood"
_COPIED, _BURST, _BUSY_ARTICLE = 0.6, 0.4, 0.1
# So many times what a site puts up with is a flood for certain.
_CERTAIN_TIMES, _CERTAIN = 4, 0.9


def check_flood(_submission: Submission, context: CheckContext) -> Finding:
    """Suspect with copies or from a burst, bad with many copies; as a moderator ordered.

    A busy article alone holds nothing: news makes one.
    """
    tolerance, memory = context.site.tolerance, context.around.memory
    copies = list(_copied(memory.copies, tolerance))
    bursts = list(_bursts(memory.crowd, tolerance))
    busy = list(_busy(memory.crowd, tolerance))
    reasons = [*copies, *bursts, *busy]
    if memory.order:
        return _as_ordered(memory.order, reasons)
    if copies and memory.copies.count >= _CERTAIN_TIMES * tolerance.copies:
        return bad(NAME, _CERTAIN, reasons)
    if copies or bursts:
        return suspect(NAME, _COPIED if copies else _BURST, reasons, holds=True)
    return suspect(NAME, _BUSY_ARTICLE, reasons) if busy else clean(NAME)


def _as_ordered(order: Ordered, reasons: list[Reason]) -> Finding:
    """`text` is who ordered it, and until when."""
    told = f"{order.actor} ({order.until:%Y-%m-%d %H:%M} UTC)"
    if order.action is Action.REJECT:
        return bad(NAME, _CERTAIN, [Reason("campaign_rejected", told), *reasons])
    return suspect(NAME, _COPIED, [Reason("campaign_held", told), *reasons], holds=True)


def _copied(copies: Copies, tolerance: Tolerance) -> Iterator[Reason]:
    """`text` is how often it came, this time included, and since when."""
    if not tolerance.copies or copies.count < tolerance.copies or copies.since is None:
        return
    code = "flood_same_text" if copies.same >= copies.near else "flood_near_text"
    yield Reason(code, f"{copies.count + 1} × ({copies.since:%Y-%m-%d %H:%M} UTC)")


def _bursts(crowd: Crowd, tolerance: Tolerance) -> Iterator[Reason]:
    if tolerance.from_address and crowd.address > tolerance.from_address:
        yield Reason("burst_address", f"{crowd.address} ×")
    if tolerance.with_phone and crowd.phone > tolerance.with_phone:
        yield Reason("burst_phone", f"{crowd.phone} ×")


def _busy(crowd: Crowd, tolerance: Tolerance) -> Iterator[Reason]:
    if tolerance.on_article and crowd.article > tolerance.on_article:
        yield Reason("burst_article", f"{crowd.article} ×")
