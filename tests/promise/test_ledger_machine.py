"""The ledger's promise against whatever readers, workers and moderators may do, in any order."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from commentdesk.domain.state import Action, Work
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis
from tests.promise.deeds import Deeds, admission
from tests.promise.machine import Machine
from tests.promise.model import MOST_ATTEMPTS
from tests.promise.world import World
from tests.reader import ARTICLE

# How many examples instead of the usual ones, at random: to hunt, not to guard.
LONGER = int(os.environ.get("COMMENTDESK_MACHINE_EXAMPLES", "0"))
# No time of the wall clock ends a lease or a wait: the machine moves time itself.
LONG = {"LEASE_SECONDS": "3600", "REHINT_SECONDS": "3600", "CORRECTION_SECONDS": "3600"}
EXAMPLES = {"sqlite": 25, "postgresql": 10}


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all examples, so that the pools live across them."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(
    request: pytest.FixtureRequest, tmp_path: Path, redis: Redis, runner: asyncio.Runner
) -> Iterator[World]:
    urls = sqlite_urls(tmp_path)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (
            runner.run(server.create(f"{tmp_path.name}-l")),
            runner.run(server.create(f"{tmp_path.name}-a")),
        )
    site = Installation(tmp_path, redis, urls, **LONG)
    site.migrate()
    world = World(site, runner)
    yield world
    world.close()


def test_a_removal_recorded_late_leaves_nothing_stuck(world: World) -> None:
    """The last worker allowed wakes up after the reconciler gave the row up: all is done."""
    world.wipe()
    deeds = Deeds(world)
    [submission] = deeds.submit([admission(ARTICLE)])
    for work in (Work.CHECK, Work.PUBLISH):
        deeds.do(work, [submission], Action.APPROVE)
    deeds.decide([(submission, 3)], Action.REMOVE)
    claims = deeds.claim(Work.RETRACT, [submission])
    deeds.lose_lives(claims, MOST_ATTEMPTS - 1)
    deeds.time_passes()
    deeds.reconcile()
    assert deeds.kept[submission].stuck
    deeds.finish_job(Work.RETRACT, claims, Action.APPROVE)
    deeds.compare()
    assert not deeds.kept[submission].stuck
    deeds.finish()


def test_what_an_engine_missed_is_checked_again_and_counts_once(world: World) -> None:
    """In hand, written down, in hand again, and late: each verdict counts once."""
    world.wipe()
    deeds = Deeds(world)
    ids = deeds.submit([admission(ARTICLE) for _ in range(3)])
    first = deeds.claim(Work.CHECK, ids)
    deeds.record_verdicts([(taken, Action.HOLD) for taken in first], unsure=True)
    deeds.compare()
    deeds.engine_is_back()
    assert deeds.claim(Work.CHECK, []) == []
    deeds.time_passes()
    second = deeds.claim(Work.CHECK, ids)
    # What is in a worker's hands is not made due, and its verdict counts once.
    deeds.engine_is_back()
    deeds.compare()
    for _ in range(2):
        deeds.record_verdicts([(taken, Action.HOLD) for taken in second], unsure=True)
        deeds.compare()
    deeds.record_verdicts([(taken, Action.APPROVE) for taken in first + second])
    deeds.compare()
    # What a moderator decided is nobody's to check again.
    deeds.decide([(ids[0], 2)], Action.REJECT)
    deeds.decide([(ids[1], 2)], Action.APPROVE)
    deeds.time_passes()
    deeds.engine_is_back()
    deeds.compare()
    assert deeds.kept[ids[0]].work is None
    deeds.do(Work.CHECK, [ids[2]], Action.APPROVE)
    deeds.compare()
    deeds.finish()


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONGER else 600)
def test_the_promise_holds_in_any_order_of_events(world: World) -> None:
    bounds = settings(
        max_examples=LONGER or EXAMPLES[world.ledger.database.dialect],
        stateful_step_count=40,
        derandomize=not LONGER,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(lambda: Machine(world), settings=bounds)  # type: ignore[arg-type]
