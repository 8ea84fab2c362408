"""`python -m bench.solver`: how many captcha pictures a free program (tesseract) reads.

Not part of `make bench`: it needs tesseract, which nothing else does.
"""

import shutil
import subprocess
import sys
from io import BytesIO

from PIL import Image, ImageFilter, ImageOps

from commentdesk.sealing import Sealing
from services.intake.captcha import CaptchaMint
from services.intake.captcha.picture import ALPHABET

PICTURES = 1_000
_DARK = 150


def as_it_is(picture: Image.Image) -> Image.Image:
    """What a careless solver does."""
    return picture


def cleaned(picture: Image.Image) -> Image.Image:
    """What an evening's work does: larger, specks and thin lines filtered, black on white."""
    large = ImageOps.grayscale(picture).resize((picture.width * 2, picture.height * 2))
    smooth = large.filter(ImageFilter.MedianFilter(5))
    return smooth.point(lambda value: 255 if value > _DARK else 0)


def main() -> None:
    if shutil.which("tesseract") is None:
        sys.exit("tesseract is not on this machine: sudo apt-get install tesseract-ocr")
    mint = CaptchaMint(Sealing("a secret for pictures alone", "bench"), 600)
    read = {as_it_is: 0, cleaned: 0}
    for _ in range(PICTURES):
        captcha = mint.mint("bench")
        picture = Image.open(BytesIO(mint.picture(captcha)))
        for prepare in read:
            read[prepare] += captcha.accepts(_read(prepare(picture)))
    for prepare, right in read.items():
        print(f"{prepare.__name__.replace('_', ' ')}: {right} of {PICTURES} read")


def _read(picture: Image.Image) -> str:
    """What tesseract takes for one line of digits."""
    png = BytesIO()
    picture.save(png, "PNG")
    line = ["tesseract", "-", "-", "--psm", "7", "-c", f"tessedit_char_whitelist={ALPHABET}"]
    done = subprocess.run(line, input=png.getvalue(), capture_output=True, check=True)
    return done.stdout.decode()


if __name__ == "__main__":
    main()
