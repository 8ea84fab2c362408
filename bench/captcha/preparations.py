"""What an attacker does to a picture before a program reads it."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]


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
    return _stretched(cv2.GaussianBlur(grey, (0, 0), 3))


def outlined(grey: Grey) -> Grey:
    """The strength of the edges: light against dark or dark against light are one."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return 255 - _stretched(np.hypot(across, down))


def flattened(grey: Grey) -> Grey:
    """How far every place is from the mean around it, light and dark alike."""
    mean = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 12)
    return 255 - _stretched(cv2.medianBlur(np.abs(grey - mean).astype(np.uint8), 3))


def grained(grey: Grey) -> Grey:
    """Which way the texture runs, from its structure tensor: letters told by direction."""
    soft = grey.astype(np.float32)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    even = cv2.GaussianBlur(across * across - down * down, (0, 0), 3)
    odd = cv2.GaussianBlur(2 * across * down, (0, 0), 3)
    way = np.stack([even, odd], axis=-1) / (np.hypot(even, odd)[..., None] + 1e-3)
    border = np.concatenate([way[:6].reshape(-1, 2), way[-6:].reshape(-1, 2)])
    return _stretched((way * border.mean(axis=0)).sum(axis=-1))


def odd(grey: Grey) -> Grey:
    """How unlike the picture's rim every place is: mean, contrast, fineness and direction at once.

    Whoever has read the drawing's source would start here.
    """
    soft = grey.astype(np.float32)
    mean = cv2.GaussianBlur(soft, (0, 0), 3)
    fine = soft - cv2.GaussianBlur(soft, (0, 0), 1)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    energies = [np.abs(soft - mean), np.abs(fine), across**2 - down**2, 2 * across * down]
    seen = np.stack([mean, *(cv2.GaussianBlur(each, (0, 0), 3) for each in energies)], axis=-1)
    rim = np.concatenate([seen[:6].reshape(-1, 5), seen[-6:].reshape(-1, 5)])
    off = seen - rim.mean(axis=0)
    spread = np.linalg.inv(np.cov(rim.T) + 1e-3 * np.eye(5))
    far = np.sqrt(np.maximum(np.einsum("yxi,ij,yxj->yx", off, spread, off), 0))
    return 255 - _stretched(np.minimum(far, np.quantile(far, 0.97)))


def _stretched(values: NDArray[np.floating] | Grey) -> Grey:
    low, high = float(values.min()), float(values.max())
    return ((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)


# For these one must have seen how the picture is made.
ADAPTED = {"grained", "odd"}
_OF_GREY: list[Callable[[Grey], Grey]] = [
    median,
    contrasted,
    without_lines,
    larger,
    blurred,
    outlined,
    flattened,
    grained,
    odd,
]


def prepared(picture: Image.Image) -> dict[str, Image.Image]:
    """The picture by the names of the preparations."""
    grey = np.asarray(picture.convert("L"))
    # Both programs make a picture grey before they read it: raw and greyscale are one.
    made = {"raw": Image.fromarray(grey)}
    for prepare in _OF_GREY:
        made[prepare.__name__.replace("_", " ")] = Image.fromarray(prepare(grey))
    return made
