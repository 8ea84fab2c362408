"""What an attacker does to a picture before a program reads it."""

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from bench.captcha.greys import Grey, stretched
from bench.captcha.knowing import KNOWING, fill_by_fill


def contrasted(grey: Grey) -> Grey:
    """Stretched from black to white, a local threshold undoing any shading."""
    black_and_white: Grey = cv2.adaptiveThreshold(
        cv2.medianBlur(grey, 3), 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 31, 8
    )
    return black_and_white


def median(grey: Grey) -> Grey:
    without_specks: Grey = cv2.medianBlur(grey, 3)
    return without_specks


def without_lines(grey: Grey) -> Grey:
    """Thin dark lines closed, thin light lines opened."""
    square = np.ones((3, 3), np.uint8)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, square)
    opened: Grey = cv2.morphologyEx(closed, cv2.MORPH_OPEN, square)
    return opened


def larger(grey: Grey) -> Grey:
    doubled: Grey = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return doubled


def blurred(grey: Grey) -> Grey:
    """What is left of a texture: its mean."""
    return stretched(cv2.GaussianBlur(grey, (0, 0), 3))


def outlined(grey: Grey) -> Grey:
    """The strength of the edges: light against dark or dark against light are one."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return 255 - stretched(np.hypot(across, down))


def flattened(grey: Grey) -> Grey:
    """How far every place is from the mean around it, light and dark alike."""
    mean = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 12)
    return 255 - stretched(cv2.medianBlur(np.abs(grey - mean).astype(np.uint8), 3))


def _name(prepare: Callable[..., object]) -> str:
    return prepare.__name__.replace("_", " ")


_READY_MADE: list[Callable[[Grey], Grey]] = [
    median,
    contrasted,
    without_lines,
    larger,
    blurred,
    outlined,
    flattened,
]


# For these one must have seen how the picture is made.
ADAPTED = {_name(prepare) for prepare in (*KNOWING, fill_by_fill)}


def prepared(picture: Image.Image) -> dict[str, list[Image.Image]]:
    """What is made of the picture, by the names of the preparations; several are read as one."""
    grey = np.asarray(picture.convert("L"))
    # Both programs make a picture grey before they read it: raw and greyscale are one.
    made = {"raw": [Image.fromarray(grey)]}
    for prepare in (*_READY_MADE, *KNOWING):
        made[_name(prepare)] = [Image.fromarray(prepare(grey))]
    made[_name(fill_by_fill)] = [Image.fromarray(each) for each in fill_by_fill(grey)]
    return made
