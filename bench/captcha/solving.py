"""`make bench-captcha`: how many pictures free programs read, beside the package's own drawing.

ARGS="--pictures 40 --only Commentdesk --sheet sheet.png" for fewer, one style, a contact sheet.
"""

import argparse
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from io import BytesIO
from multiprocessing import get_context

import cv2
from PIL import Image

from bench.captcha.preparations import ADAPTED, prepared
from bench.captcha.readers import Reader, folded, readers
from bench.captcha.sheet import contact_sheet
from bench.captcha.styles import STYLES, Style

_SHOWN = 12


def main() -> None:
    asked = _arguments()
    styles = [style for style in STYLES if asked.only in (None, style.name)]
    with ProcessPoolExecutor(asked.processes, get_context("spawn"), _gently) as pool:
        for style in styles:
            numbers = range(asked.start, asked.start + asked.pictures)
            jobs = [pool.submit(_readings, STYLES.index(style), number) for number in numbers]
            _tell(style, [job.result() for job in jobs])
    if asked.sheet:
        contact_sheet(STYLES[0].draw).save(asked.sheet, optimize=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.captcha")
    parser.add_argument("--pictures", type=int, default=300, help="of every style")
    parser.add_argument("--start", type=int, default=0, help="number of the first picture")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=[style.name for style in STYLES])
    parser.add_argument("--sheet", help="where to write a PNG with every letter and a few pictures")
    return parser.parse_args()


def _gently() -> None:
    os.nice(10)
    cv2.setNumThreads(1)


@cache
def _readers() -> list[Reader]:
    return readers()


def _readings(style_number: int, number: int) -> dict[str, bool]:
    """Whether each attacker read this picture, by his name."""
    style = STYLES[style_number]
    answer = style.answer(number)
    picture = Image.open(BytesIO(style.draw(answer, f"picture {number}")))
    return {
        f"{preparation}: {way}": folded(read) == folded(answer)
        for preparation, shown in prepared(picture).items()
        for reader in _readers()
        for way, read in reader(shown, preparation, style.task).items()
    }


def _tell(style: Style, readings: list[dict[str, bool]]) -> None:
    won = Counter(name for reading in readings for name, right in reading.items() if right)
    ready = {name for reading in readings for name in reading if not _adapted(name)}
    milliseconds, size = _cost(style)
    print(f"\n{style.name}: {len(readings)} pictures, {milliseconds:.1f} ms and {size} bytes each")
    for title, names in (
        ("ready-made", ready),
        ("adapted by who has read the drawing", set(readings[0]) - ready),
    ):
        best = sorted(names, key=lambda name: -won[name])
        print(f"  best of {len(names)} attackers, {title}: {_share(won[best[0]], readings)}")
        for name in best[:_SHOWN]:
            print(f"    {_share(won[name], readings):>6}  {name}")
        anyone = sum(any(reading[name] for name in names) for reading in readings)
        print(f"  any of these {len(names)}: {_share(anyone, readings)}", flush=True)


def _adapted(name: str) -> bool:
    return name.split(":")[0] in ADAPTED


def _share(part: int, whole: list[dict[str, bool]]) -> str:
    return f"{part / len(whole):.1%}"


def _cost(style: Style) -> tuple[float, int]:
    """Milliseconds of the processor's time and bytes, on average over 50 pictures."""
    started = time.process_time()
    pictures = [style.draw(style.answer(number), f"cost {number}") for number in range(50)]
    return (time.process_time() - started) * 20, sum(map(len, pictures)) // 50
