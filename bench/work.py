"""Proof of work: milliseconds that Chromium takes for it, microseconds that intake does."""

import statistics
import time

from playwright.async_api import Page, Route, async_playwright

from commentdesk.sealing import Sealing
from commentdesk.settings.captcha import CaptchaSettings
from services.intake.captcha.minting import Captcha, CaptchaMint
from services.intake.captcha.surge import HIGHEST_STEP
from services.intake.captcha.work import Worked, Works
from tests.solver import solve

CHROMIUM = "/usr/bin/chromium"
SECRET = "a secret for the bench, long enough for one"
TRIES = CaptchaSettings().captcha_work
SOLVED = 10
ASKED, JUDGED = 200, 2_000
_SOLVE = """async (work) => {
  const { parameters: asked } = work;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const nonce = bytes(asked.nonce), salt = bytes(asked.salt);
  const started = performance.now();
  for (let counter = 0; ; counter += 1) {
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: asked.cost };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(how, key, asked.keyLength * 8));
    const derivedKey = Array.from(bits, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (derivedKey.startsWith(asked.keyPrefix)) {
      const milliseconds = performance.now() - started;
      return { milliseconds, counter, payload: btoa(JSON.stringify(
        { challenge: work, solution: { counter, derivedKey } })) };
    }
  }
}"""


async def run() -> list[str]:
    """What each step of a surge costs in a browser, and what intake pays; a Markdown table."""
    works = Works(SECRET)
    captcha = CaptchaMint(Sealing(SECRET, "bench"), 3_600).mint("bench")
    made, judged = _asking(works, captcha), _judging(works, captcha)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        await page.route("http://localhost/", _blank)
        await page.goto("http://localhost/")
        tries = [await _try_milliseconds(page, works, captcha) for _ in range(SOLVED)]
        await browser.close()
    one = statistics.median(tries)
    steps = [TRIES * 2**step for step in range(HIGHEST_STEP)]
    return [
        "## Proof of work: what a browser and what intake pay",
        "",
        f"A try takes Chromium here {one:.2f} ms (median of {SOLVED} proofs, one try after the "
        f"other); to ask takes intake {made * 1e3:.2f} ms, aside from the loop, and to judge "
        f"{judged * 1e6:.0f} µs.",
        "",
        "| work | tries, at most | on the average, s | at most, s |",
        "|---|---|---|---|",
        *(
            f"| x{most // TRIES} | {most} | {most / 2 * one / 1e3:.2f} | {most * one / 1e3:.2f} |"
            for most in steps
        ),
        "",
    ]


async def _try_milliseconds(page: Page, works: Works, captcha: Captcha) -> float:
    told = await page.evaluate(_SOLVE, works.ask(captcha, TRIES))
    assert works.judge(captcha, told["payload"], TRIES) is Worked.DONE
    return float(told["milliseconds"]) / (int(told["counter"]) + 1)


def _asking(works: Works, captcha: Captcha) -> float:
    started = time.perf_counter()
    for _ in range(ASKED):
        works.ask(captcha, TRIES)
    return (time.perf_counter() - started) / ASKED


def _judging(works: Works, captcha: Captcha) -> float:
    payload = solve(works.ask(captcha, TRIES))
    started = time.perf_counter()
    for _ in range(JUDGED):
        assert works.judge(captcha, payload, TRIES) is Worked.DONE
    return (time.perf_counter() - started) / JUDGED


async def _blank(route: Route) -> None:
    await route.fulfill(body="", content_type="text/html")
