"""A short run of chaos on each database, and proof that chaos sees a broken promise."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.audit import Reckoning
from tests.chaos.plan import Plan
from tests.chaos.run import Result, run
from tests.conftest import missing
from tests.installation import postgres_programs

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(400)]
_SECONDS = 25.0
# A break that chance spared in one run is looked for in another.
_SEEDS = (1, 2, 3)


def evidence(result: Result) -> str:
    return "\n".join([result.line, *result.reckoning.lost[:5], *result.reckoning.duplicates[:5]])


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
async def test_nothing_is_lost_and_nothing_comes_twice(database: str, tmp_path: Path) -> None:
    if database == "postgresql" and postgres_programs() is None:
        missing("PostgreSQL")
    result = await run(Plan(database, _SECONDS, seed=20261124), tmp_path)
    print(result.line)
    assert result.holds, evidence(result)
    struck = {"redis", "intake", "moderation", "articles", "checks-1", "publish", "upkeep"}
    assert struck <= set(result.kills), "the killer spared somebody"
    assert database == "sqlite" or result.kills["postgres"] > 0


async def test_chaos_sees_an_answer_before_the_commit(tmp_path: Path) -> None:
    plan = Plan(
        "sqlite",
        12,
        seed=1,
        mean_pause=1.5,
        only=frozenset({"kill"}),
        broken="answer-before-commit",
    )
    found = await first_seen(plan, tmp_path, "lost", "duplicates")
    assert found.lost or found.duplicates, "a broken promise was not seen"


async def test_chaos_sees_a_missing_fence(tmp_path: Path) -> None:
    # Many deliveries outlive so short a lease, and a few readers' comments are enough to tell.
    plan = Plan(
        "sqlite",
        6,
        seed=1,
        readers=4,
        mean_pause=0.3,
        lease=1.0,
        rehint=0.5,
        only=frozenset({"store slow"}),
        broken="no-fence",
    )
    found = await first_seen(plan, tmp_path, "duplicates")
    assert found.duplicates, "a broken fence was not seen"


async def first_seen(plan: Plan, folder: Path, *kinds: str) -> Reckoning:
    """What the first run found in which the break shows, or the last."""
    for seed in _SEEDS:
        own = folder / str(seed)
        own.mkdir()
        found = (await run(replace(plan, seed=seed), own)).reckoning
        if any(getattr(found, kind) for kind in kinds):
            break
    return found
