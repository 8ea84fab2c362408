"""What surrounds a batch of submissions: looked up together, before any check runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from commentdesk.database import now
from commentdesk.domain.finding import Finding
from commentdesk.domain.memory import Copies, Crowd, Memory, Ordered
from commentdesk.domain.state import Action, State
from commentdesk.ledger import Ledger
from commentdesk.ledger.bans import banned, name_hash
from commentdesk.ledger.campaign_orders import any_stands, orders_on
from commentdesk.ledger.claim import Claim
from commentdesk.ledger.fingerprints import Alike, Print, alike, crowds, join_campaigns, keep_prints
from commentdesk.ledger.persons import pasts
from workers.checks import Surroundings
from workers.checks.fingerprint import fingerprint
from workers.checks.reading import SubmissionReading


async def look_around(
    ledger: Ledger,
    read: Sequence[tuple[Claim, SubmissionReading]],
    engines: dict[str, tuple[Finding, ...]],
) -> list[Surroundings]:
    """Of each in turn: what the ledger remembers, and what the outside engines said.

    One short write and a handful of questions for all of them. Raises what the database raises:
    the job fails, and nothing is waved through for want of memory.
    """
    settings, at = ledger.settings, now()
    prints = [_print(ledger, taken, reading) for taken, reading in read]
    await keep_prints(ledger, prints, [taken.submission.id for taken, _ in read if taken.anew])
    async with ledger.database.reading() as connection:
        like: dict[str, Alike] = {}
        # Without a limit on copies they are looked for all the same while somebody ordered it.
        if settings.flood_copies or await any_stands(connection, at):
            like = await alike(connection, prints, at - timedelta(days=settings.flood_days))
        around = await crowds(connection, prints, timedelta(minutes=settings.burst_minutes))
        bans = await banned(connection, prints, at)
        since = at - timedelta(days=settings.person_days)
        known = await pasts(connection, [taken.traces for taken, _ in read], since)
    if like:
        await join_campaigns(ledger, like)
    async with ledger.database.reading() as connection:
        orders = await orders_on(connection, [each.submission for each in prints], at)
    found: list[Surroundings] = []
    for (taken, _), (phone, browser) in zip(read, known, strict=True):
        submission = taken.submission.id
        memory = Memory(
            copies=like[submission].copies if submission in like else Copies(),
            crowd=around.get(submission, Crowd()),
            phone=phone,
            browser=browser,
            bans=bans.get(submission, frozenset()),
            order=_order_for(taken, orders.get(submission)),
        )
        found.append(Surroundings(engines.get(submission, ()), memory))
    return found


def _order_for(taken: Claim, order: Ordered | None) -> Ordered | None:
    """What waits already is a moderator's to decide: an order for the next ones keeps it there."""
    if order and taken.state is State.HELD:
        return replace(order, action=Action.HOLD)
    return order


def _print(ledger: Ledger, taken: Claim, reading: SubmissionReading) -> Print:
    submission, traces = taken.submission, taken.traces
    known = fingerprint(reading)
    return Print(
        submission=submission.id,
        at=submission.received_at,
        article=submission.article,
        phone_hash=traces.phone,
        network_hash=traces.network,
        name_hash=name_hash(ledger, submission.name),
        exact_hash=ledger.hashed(known.words) if known else None,
        simhash=known.simhash if known else None,
        least=known.least if known else (),
    )
