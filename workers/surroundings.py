"""What surrounds a batch of submissions: looked up together, before any check runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.finding import Finding
from commentdesk.domain.memory import Crowd, Memory, Ordered
from commentdesk.domain.state import Action, State
from commentdesk.ledger import Ledger
from commentdesk.ledger.bans import banned, name_hash
from commentdesk.ledger.campaign_orders import any_stands, orders_on
from commentdesk.ledger.campaigns import join_campaigns
from commentdesk.ledger.claim import Claim
from commentdesk.ledger.fingerprints import Alike, Print, alike, crowds, keep_prints
from commentdesk.ledger.persons import pasts
from commentdesk.ledger.ways_out import WayOut
from workers.checks import SiteFacts, Surroundings
from workers.checks.fingerprint import fingerprint
from workers.checks.reading import SubmissionReading
from workers.checks.ways import ways_of

# So many times what a site puts up with from one phone at once nobody types.
_BURST_TIMES = 2


async def look_around(
    ledger: Ledger,
    read: Sequence[tuple[Claim, SubmissionReading]],
    site: SiteFacts,
    engines: dict[str, tuple[Finding, ...]],
) -> list[Surroundings]:
    """Of each in turn: what the ledger remembers, and what the outside engines said.

    One short write and a handful of questions for all of them. Raises what the database raises:
    the job fails, and nothing is waved through for want of memory.
    """
    settings, at = ledger.settings, now()
    prints = [_print(ledger, taken, reading, site) for taken, reading in read]
    anew = [taken.submission.id for taken, _ in read if taken.anew]
    late = await keep_prints(ledger, prints, anew)
    async with ledger.database.reading() as connection:
        around = await crowds(connection, prints, timedelta(minutes=settings.burst_minutes))
        like = await _alike(ledger, connection, prints, around)
        bans = await banned(connection, prints, at)
        since = at - timedelta(days=settings.person_days)
        known = await pasts(connection, [taken.traces for taken, _ in read], since)
    # What is said of a wording that has been corrected since is not recorded, nor what it is like.
    if ties := {name: each.ties for name, each in like.items() if name not in late}:
        await join_campaigns(ledger, ties)
    async with ledger.database.reading() as connection:
        orders = await orders_on(connection, [each.submission for each in prints], at)
    found: list[Surroundings] = []
    for (taken, _), (phone, browser) in zip(read, known, strict=True):
        name = taken.submission.id
        memory = Memory(
            copies=like.get(name, Alike()).copies,
            crowd=around.get(name, Crowd()),
            phone=phone,
            browser=browser,
            bans=bans.get(name, frozenset()),
            order=_order_for(taken, orders.get(name)),
        )
        found.append(Surroundings(engines.get(name, ()), memory))
    return found


async def _alike(
    ledger: Ledger,
    connection: AsyncConnection,
    prints: Sequence[Print],
    around: Mapping[str, Crowd],
) -> dict[str, Alike]:
    """Without a limit on copies they are looked for all the same while somebody ordered it."""
    settings, at = ledger.settings, now()
    if not (settings.flood_copies or await any_stands(connection, at)):
        return {}
    return await alike(
        connection,
        prints,
        at - timedelta(days=settings.flood_days),
        bursts=_bursts(prints, around, settings.burst_phone),
        lately=min(each.at for each in prints) - timedelta(minutes=settings.burst_minutes),
    )


def _order_for(taken: Claim, order: Ordered | None) -> Ordered | None:
    """What waits already is a moderator's to decide: an order for the next ones keeps it there."""
    if order and taken.state is State.HELD:
        return replace(order, action=Action.HOLD)
    return order


def _bursts(
    prints: Sequence[Print], around: Mapping[str, Crowd], with_phone: int
) -> frozenset[bytes]:
    """The phones of what comes faster than people write: a family's or a regular's is none."""
    most = _BURST_TIMES * with_phone
    fast = (p.phone_hash for p in prints if most and around[p.submission].phone > most)
    return frozenset(phone for phone in fast if phone)


def _print(ledger: Ledger, taken: Claim, reading: SubmissionReading, site: SiteFacts) -> Print:
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
        ways=tuple(_ways(ledger, submission.id, reading, site)),
        version=taken.version,
    )


def _ways(
    ledger: Ledger, submission: str, reading: SubmissionReading, site: SiteFacts
) -> Iterator[WayOut]:
    for way in ways_of(reading, site):
        mark = ledger.hashed(f"{way.tie}:{way.same}")
        shown = ledger.seal(way.shown, submission)
        if mark and shown:
            yield WayOut(mark, way.tie, shown)
