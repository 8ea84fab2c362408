"""The process that draws and speaks: its line, its death, and that it outlives nobody."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil
import pytest
import pytest_asyncio

from commentdesk.web import Problem
from services.intake.captcha.orders import Order, make
from services.intake.studio import COMMAND, Studio
from tests.conftest import sqlite_urls
from tests.installation import Installation, Redis, until
from tests.reader import ARTICLE

MOST_WAITING = 5
SPOKEN = Order("402918", "a seed", "vi")
# Of a letter that nobody draws a process dies.
DEADLY = Order("?", "a seed")


@pytest_asyncio.fixture
async def studio(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    monkeypatch.setenv("COMMENTDESK_SECRET", "a secret")
    made = Studio(most_waiting=MOST_WAITING)
    made.start()
    await made.make(SPOKEN)
    yield made
    await made.close()
    assert drawing() == []


@pytest_asyncio.fixture
async def intake(tmp_path: Path, redis: Redis) -> AsyncIterator[Installation]:
    """A service that may be killed."""
    installation = Installation(tmp_path, redis, sqlite_urls(tmp_path))
    installation.migrate()
    await installation.start("intake")
    yield installation
    installation.stop()


def drawn(number: int) -> Order:
    return Order("ACDEH", f"seed {number}")


def drawing() -> list[psutil.Process]:
    """The drawing processes of this one."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            found += [child] if tuple(child.cmdline()) == COMMAND else []
    return found


async def test_what_is_ordered_is_made_in_turn_and_a_crowd_is_turned_away(studio: Studio) -> None:
    orders = [drawn(number) for number in range(12)]
    made = await asyncio.gather(*map(studio.make, orders), return_exceptions=True)
    # Those that the process has before it are not waiting any more.
    taken = MOST_WAITING + 2
    assert made[:taken] == [make(order) for order in orders[:taken]]
    refused = made[taken:]
    assert all(isinstance(problem, Problem) for problem in refused)
    assert {(problem.status, problem.retry_after) for problem in refused} == {(503, 2)}  # type: ignore[union-attr]
    assert await studio.make(SPOKEN) == make(SPOKEN)
    # And whoever makes them has no secret to tell.
    (process,) = drawing()
    assert not [name for name in process.environ() if name.startswith("COMMENTDESK_")]


async def test_who_goes_away_leaves_the_place_to_others(studio: Studio) -> None:
    asked = [asyncio.create_task(studio.make(drawn(number))) for number in range(7)]
    await asyncio.sleep(0)
    # Of what is being made already, and of what is not.
    for gone in (asked[0], asked[4]):
        gone.cancel()
    late = asyncio.create_task(studio.make(drawn(7)))
    made = await asyncio.gather(*asked, late, return_exceptions=True)
    assert [type(made[0]), type(made[4])] == [asyncio.CancelledError] * 2
    assert [made[n] for n in (1, 2, 3, 5, 6, 7)] == [make(drawn(n)) for n in (1, 2, 3, 5, 6, 7)]


async def test_what_a_process_dies_with_is_made_by_the_next_but_not_by_a_third(
    studio: Studio,
) -> None:
    (process,) = drawing()
    asked = [asyncio.create_task(studio.make(drawn(number))) for number in range(5)]
    await asyncio.sleep(0)
    process.kill()
    assert await asyncio.gather(*asked) == [make(drawn(number)) for number in range(5)]
    with pytest.raises(Problem) as refused:
        await studio.make(DEADLY)
    assert (refused.value.status, refused.value.retry_after) == (503, 2)
    assert await studio.make(SPOKEN) == make(SPOKEN)


async def test_a_process_that_is_silent_is_replaced(studio: Studio) -> None:
    (process,) = drawing()
    process.suspend()
    with pytest.raises(Problem):
        await studio.make(SPOKEN)
    assert await studio.make(SPOKEN) == make(SPOKEN)
    assert drawing() != [process]


async def test_intake_has_another_process_when_one_is_killed(
    intake: Installation, http: aiohttp.ClientSession
) -> None:
    captcha = intake.captcha(ARTICLE)

    async def picture() -> bytes:
        async with http.get(f"{intake.intake}/v1/captchas/{captcha.id}/image") as response:
            assert response.status == 200
            return await response.read()

    before = await picture()
    assert before == make(captcha.picture())
    (process,) = psutil.Process(intake.process("intake")).children()
    process.kill()
    assert await picture() == before
    async with http.get(f"{intake.intake}/readyz") as response:
        assert (await response.json())["parts"]["captchas"] == "ok"
    async with http.get(f"{intake.intake}/metrics") as response:
        assert "commentdesk_captcha_studio_replaced_total 1.0" in await response.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_the_process_ends_with_intake_however_that_ends(
    intake: Installation, number: signal.Signals
) -> None:
    (process,) = psutil.Process(intake.process("intake")).children()
    psutil.Process(intake.process("intake")).send_signal(number)

    async def is_gone() -> bool:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

    await until(is_gone, "the drawing process has ended")
