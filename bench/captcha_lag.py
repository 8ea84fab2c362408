"""`python -m bench.captcha_lag`: what drawing pictures does to the loop that serves, and to memory.

Draws beside a loop that is asked for 200 pictures a second, in a thread, in a thread that pauses
as long as it drew, and in a process; tells how late the loop wakes and how many it answered. Then
draws 5,000 pictures and tells what the process grew by.
"""

import asyncio
import statistics
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import psutil

from services.intake.captcha.picture import ALPHABET, LENGTH, draw

RATE, SECONDS = 200, 6
PICTURES = 5_000
_TICK = 0.005


async def main() -> None:
    print("loop's lag in milliseconds: median, 99th percentile, most")
    print("  at rest:", _told(await _lag_beside(None)))
    process = ProcessPoolExecutor(1, get_context("spawn"))
    for name, executor, pause in (
        ("a thread", ThreadPoolExecutor(1), 0),
        ("a thread that pauses", ThreadPoolExecutor(1), 1),
        ("a process", process, 0),
    ):
        with executor:
            await _draw(executor, "warm-up")
            drawn = asyncio.create_task(_asked_for(executor, pause))
            lag = _told(await _lag_beside(drawn))
            print(f"  {name}: {lag}; {await drawn} of {RATE * SECONDS} drawn, the rest refused")
    _tell_memory()


async def _asked_for(executor: Executor, pause: int) -> int:
    """One at a time; whoever asks meanwhile is refused. The pause is in times of drawing."""
    answered, busy = 0, False

    async def answer(seed: str) -> None:
        nonlocal answered, busy
        started = time.perf_counter()
        await _draw(executor, seed)
        await asyncio.sleep(pause * (time.perf_counter() - started))
        answered, busy = answered + 1, False

    async with asyncio.TaskGroup() as answers:
        for number in range(RATE * SECONDS):
            if not busy:
                busy = True
                answers.create_task(answer(f"{number}"))
            await asyncio.sleep(1 / RATE)
    return answered


async def _draw(executor: Executor, seed: str) -> bytes:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, draw, ALPHABET[:LENGTH], seed)


async def _lag_beside(work: asyncio.Task[int] | None) -> list[float]:
    late, end = [], time.perf_counter() + SECONDS
    while not work.done() if work else time.perf_counter() < end:
        due = time.perf_counter() + _TICK
        await asyncio.sleep(_TICK)
        late.append((time.perf_counter() - due) * 1_000)
    return late


def _told(late: list[float]) -> str:
    cuts = statistics.quantiles(late, n=100)
    return f"{cuts[49]:.1f} {cuts[98]:.1f} {max(late):.1f}"


def _tell_memory() -> None:
    process, sizes = psutil.Process(), []
    for part in range(5):
        for number in range(PICTURES // 5):
            draw(ALPHABET[:LENGTH], f"{part} {number}")
        sizes.append(round(process.memory_info().rss / 1e6, 1))
    print(f"megabytes after every {PICTURES // 5} pictures:", *sizes)


if __name__ == "__main__":
    asyncio.run(main())
