"""The captcha's picture: the same for the same seed, and nothing in it but the picture."""

import random
import struct
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from captcha.image import ImageCaptcha
from PIL import Image, ImageChops, ImageStat

from services.intake.captcha.drawing import masks
from services.intake.captcha.letters import ALPHABET
from services.intake.captcha.orders import HEIGHT, LETTER_COUNT, WIDTH
from services.intake.captcha.picture import EngravedCaptcha, draw

# Signs that one hand, or one eye, takes for another.
LOOK_ALIKES = (
    "OQ0D",
    "I1LJ",
    "B8R",
    "GC6",
    "UVY",
    "NM",
    "NH",
    "WM",
    "EF",
    "FP",
    "S5",
    "Z2",
    "XY",
    "TY",
)
ANSWERS = [(ALPHABET * 2)[start : start + LETTER_COUNT] for start in range(len(ALPHABET))]


def test_the_same_answer_and_seed_are_the_same_bytes_in_any_thread() -> None:
    with ThreadPoolExecutor(4) as threads:
        drawn = set(threads.map(lambda _: draw("ACDEH", "seed"), range(12)))
    assert drawn == {draw("ACDEH", "seed")}
    assert len({draw("ACDEH", f"seed {number}") for number in range(12)}) == 12
    assert draw("ACDEH", "seed") != draw("ACDEK", "seed")


def test_it_is_the_packages_captcha_and_loads_none_of_its_fonts(tmp_path: Path) -> None:
    engraved: ImageCaptcha = EngravedCaptcha("seed")
    engraved.write("ACDEH", str(tmp_path / "captcha.png"))
    written = (tmp_path / "captcha.png").read_bytes()
    assert written == engraved.generate("ACDEH").getvalue() == draw("ACDEH", "seed")
    assert not engraved._truefonts


def test_no_two_letters_are_taken_for_each_other() -> None:
    for alike in LOOK_ALIKES:
        assert len(set(alike) & set(ALPHABET)) <= 1, alike
    assert "".join(sorted(set(ALPHABET))) == ALPHABET
    assert ALPHABET.isascii() and ALPHABET.isupper()
    # A blind guess is right less than once in half a million.
    assert len(ALPHABET) ** LETTER_COUNT > 500_000


def test_the_file_holds_the_picture_and_no_word_beside_it() -> None:
    for answer in ANSWERS:
        png = draw(answer, answer)
        image = Image.open(BytesIO(png))
        image.load()
        assert (image.format, image.size, image.info) == ("PNG", (WIDTH, HEIGHT), {})
        assert _chunks(png) <= {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
        for written in (answer, answer.lower()):
            assert written.encode() not in png
        assert len(png) < 8_000


def test_the_order_of_colours_says_nothing_of_the_letters() -> None:
    palettes = {tuple(_opened(answer).getpalette() or ()) for answer in ANSWERS}
    assert len(palettes) == 1


def test_every_letter_is_drawn_whole_and_apart_from_every_other() -> None:
    shapes = {letter: _ink(letter) for letter in ALPHABET}
    for letter, shape in shapes.items():
        box = shape.getbbox()
        assert box is not None
        assert box[0] > 0 < box[1], letter
        assert box[2] < WIDTH, letter
        assert box[3] < HEIGHT, letter
        assert box[3] - box[1] > HEIGHT / 2, letter
        for other, its in shapes.items():
            unlike = ImageStat.Stat(ImageChops.difference(shape, its)).sum[0]
            assert other == letter or unlike > 0.15 * ImageStat.Stat(shape).sum[0], letter + other


def test_the_order_of_letters_is_plain_and_none_hides_another() -> None:
    for answer in ANSWERS:
        row = masks(answer, (WIDTH, HEIGHT), random.Random(answer))
        middles = [(box[0] + box[2]) / 2 for box in (mask.getbbox() for mask in row) if box]
        assert all(after - before > 25 for before, after in pairwise(middles)), answer
        for below, above in pairwise(row):
            hidden = ImageStat.Stat(ImageChops.multiply(below, above)).sum[0]
            assert hidden < 0.25 * ImageStat.Stat(below).sum[0], answer


def test_letters_are_neither_darker_nor_lighter_than_the_ground_on_the_whole() -> None:
    """What a threshold finds are pieces of letters and pieces of ground alike."""
    means = [ImageStat.Stat(_opened(answer).convert("L")).mean[0] for answer in ANSWERS]
    assert all(100 < mean < 156 for mean in means)


def _ink(letter: str) -> Image.Image:
    (mask,) = masks(letter, (WIDTH, HEIGHT), random.Random("one way of drawing"))
    return mask


def _opened(answer: str) -> Image.Image:
    return Image.open(BytesIO(draw(answer, answer)))


def _chunks(png: bytes) -> set[bytes]:
    names, at = set(), 8
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        names.add(name)
        at += length + 12
    assert at == len(png)
    return names
