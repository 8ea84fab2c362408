"""The desk's list in Chromium: frames while scrolling and the answer to `j`, at 300 and 10,000."""

import asyncio
import shutil
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from playwright.async_api import Page

from tests.browser.desk_page import moderators
from tests.browser.many_waiting import fill, scroll_down_to
from tests.installation import Redis

SIZES = (300, 10_000)
SEEN = 290
PRESSES = 60
# Milliseconds from one frame to the next while the list moves by a third of a screen a frame.
_FRAMES = """() => new Promise((done) => {
  const times = [];
  let last = performance.now();
  const next = () => {
    times.push(performance.now() - last);
    last = performance.now();
    scrollBy(0, (times.length < 60 ? -1 : 1) * innerHeight / 3);
    if (times.length < 120) requestAnimationFrame(next);
    else done(times);
  };
  requestAnimationFrame(next);
})"""
# Milliseconds from a press to the frame that shows what it did.
_PRESSES = """(count) => new Promise((done) => {
  const times = [];
  const press = () => {
    const begun = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
      { key: "j", code: "KeyJ", bubbles: true, cancelable: true }));
    requestAnimationFrame(() => setTimeout(() => {
      times.push(performance.now() - begun);
      if (times.length < count) press();
      else done(times);
    }));
  };
  press();
})"""
_LONG_TASKS = """() => { window.longTasks = 0;
  new PerformanceObserver((list) => { window.longTasks += list.getEntries().length; })
    .observe({ type: "longtask" }); }"""


async def run() -> list[str]:
    """A table: 95th percentiles in milliseconds, and tasks of more than 50 ms."""
    lines = [
        "## Desk: the list in Chromium, headless, one run",
        "",
        f"A moderator {SEEN} comments down the list, 1280x900; 120 frames of scrolling, {PRESSES} "
        "presses of `j`. 95th percentiles in milliseconds.",
        "",
        "| waiting | a frame | `j` until its frame | long tasks | nodes |",
        "|---|---|---|---|---|",
    ]
    return lines + [await _measured(size) for size in SIZES]


async def _measured(size: int) -> str:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    with TemporaryDirectory() as name:
        folder = Path(name)
        redis = Redis(folder)
        try:
            async with moderators(folder, redis, chromium) as desks:
                ledger = desks.site.ledger()
                await fill(ledger, size)
                await ledger.close()
                async with desks.again("/", {}, "mai") as desk:
                    return await _figures(desk.page, size)
        finally:
            redis.stop()


async def _figures(page: Page, size: int) -> str:
    await page.evaluate(_LONG_TASKS)
    await scroll_down_to(page, SEEN)
    frames = await page.evaluate(_FRAMES)
    await page.keyboard.press("j")
    presses = await page.evaluate(_PRESSES, PRESSES)
    tasks = await page.evaluate("longTasks")
    nodes = await page.evaluate("document.querySelectorAll('*').length")
    return f"| {size:,} | {_p95(frames):.0f} | {_p95(presses):.0f} | {tasks} | {nodes:,} |"


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    print("\n".join(asyncio.run(run())))
