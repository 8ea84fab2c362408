"""Leases and fences: a worker that slept past its lease changes nothing when it wakes."""

import aiohttp

from commentdesk.domain.finding import clean
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import Action, State, Work
from commentdesk.ledger.claim import Claim, claim
from commentdesk.ledger.desk import entry
from commentdesk.ledger.record import record_failure, record_published, record_verdicts
from tests.installation import Installation, until
from tests.reader import Reader


def verdict(action: Action) -> Verdict:
    return Verdict(action, 0.5, (clean("phone"),))


async def test_a_late_worker_changes_nothing(
    fragile: Installation, http: aiohttp.ClientSession
) -> None:
    await fragile.start("articles", "intake")
    submission = await Reader(fragile, http).accepted()
    ledger = fragile.ledger()

    async def taken() -> list[Claim]:
        return await claim(ledger, Work.CHECK, [submission])

    [slow] = await taken()
    # The lease runs out; another worker takes the row over.
    [quick] = await until(taken, "the lease of the first worker is over")
    assert quick.fence > slow.fence

    # The slow one wakes while the quick one works: too late, whatever it wants to write.
    late = await record_verdicts(ledger, [(slow, verdict(Action.APPROVE))])
    assert late.by_state == {State.APPROVED: []}
    assert late.announcements == []
    await record_failure(ledger, [slow], "too late", None)
    found = await entry(ledger, submission)
    assert found and (found.state, found.stuck, found.findings) == ("received", False, [])

    recorded = await record_verdicts(ledger, [(quick, verdict(Action.HOLD))])
    assert recorded.by_state == {State.HELD: [submission]}
    # And after it, also with the fence it once had.
    for again in (slow, quick):
        assert (await record_verdicts(ledger, [(again, verdict(Action.REJECT))])).by_state == {
            State.REJECTED: []
        }
    assert (await record_published(ledger, [quick])).announcements == []
    found = await entry(ledger, submission)
    assert found and found.state == "held"
    await ledger.close()
