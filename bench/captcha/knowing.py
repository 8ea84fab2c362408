"""What an attacker does who has read the drawing's source.

All start from what people see too: a letter's texture is unlike the ground's, or does not go on
where the ground's would.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.captcha.greys import Grey, stretched

Map = NDArray[np.floating]
# Pixels from line to line, as drawn.
_PERIOD = 6.5


def grained(grey: Grey) -> Grey:
    """Which way the texture runs, from its structure tensor: letters told by direction."""
    soft = grey.astype(np.float32)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    even = cv2.GaussianBlur(across * across - down * down, (0, 0), 3)
    odd = cv2.GaussianBlur(2 * across * down, (0, 0), 3)
    way = np.stack([even, odd], axis=-1) / (np.hypot(even, odd)[..., None] + 1e-3)
    border = np.concatenate([way[:6].reshape(-1, 2), way[-6:].reshape(-1, 2)])
    return stretched((way * border.mean(axis=0)).sum(axis=-1))


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
    return 255 - stretched(np.minimum(far, np.quantile(far, 0.97)))


def strange(grey: Grey) -> Grey:
    """How unlike most of the picture every place is; what fits worst is left out of the most."""
    seen = _features(grey, 3)
    far = _far(seen, np.ones(grey.shape, bool))
    for _ in range(6):
        far = _far(seen, far <= np.quantile(far, 0.55))
    return _shown(far)


def unlike_around(grey: Grey) -> Grey:
    """How unlike the ground around it every place is: for a ground that changes."""
    seen = _features(grey, 2.5)
    spread = 0.05 * seen.reshape(-1, seen.shape[-1]).var(axis=0)
    far = _far(seen, np.ones(grey.shape, bool))
    for _ in range(3):
        trust = (far <= np.quantile(far, 0.65)).astype(np.float32)[..., None] + 0.02
        share = _blur(trust, 22)[..., None]
        mean = _blur(seen * trust, 22) / share
        varies = _blur(trust * (seen - mean) ** 2, 22) / share
        far = np.sqrt(((seen - mean) ** 2 / (varies + spread)).sum(axis=-1))
    return _shown(far)


def parted(grey: Grey) -> Grey:
    """Where one texture ends and another begins, whatever they are."""
    return _shown(_parting(grey, 2))


def parted_evenly(grey: Grey) -> Grey:
    """The same by the strength around it, so that no letter outshouts the others."""
    parting = _parting(grey, 2.5)
    return _shown(parting / (_blur(parting, 12) + 0.1))


def off_beat(grey: Grey) -> Grey:
    """How well the ground's lines run through every place: at a letter's edge they jump."""
    soft = grey.astype(np.float32)
    flat = soft - _blur(soft, 5)
    across, down = _slopes(flat)
    even, odd_part = _blur(across**2 - down**2, 8), _blur(2 * across * down, 8)
    way = np.arctan2(odd_part, even) / 2
    y, x = np.mgrid[-9:10, -9:10].astype(np.float32)
    beat = np.zeros(grey.shape, np.complex64)
    for turn in np.arange(0, np.pi, np.pi / 12):
        angle = (np.cos(turn) * x + np.sin(turn) * y) * (2 * np.pi / _PERIOD)
        window = np.exp(-(x**2 + y**2) / 18)
        heard = cv2.filter2D(flat, cv2.CV_32F, window * np.cos(angle)) + 1j * cv2.filter2D(
            flat, cv2.CV_32F, window * np.sin(angle)
        )
        apart = np.angle(np.exp(2j * (way - turn))) / 2
        beat += np.exp(-((apart / (np.pi / 12)) ** 2)) * heard
    strength = _blur(np.abs(beat), 1)
    return stretched(np.minimum(strength, np.quantile(strength, 0.9)))


def fill_by_fill(grey: Grey) -> list[Grey]:
    """A picture for each thing that may set a letter apart, for readers that put them together."""
    mean, contrast, fine = np.moveaxis(_features(grey, 2.5), -1, 0)[:3]
    evened = mean - _blur(mean, 25)
    return [
        255 - stretched(np.clip(seen, np.quantile(seen, 0.5), np.quantile(seen, 0.98)))
        for each in (mean, contrast, fine, evened)
        for seen in (each, -each)
    ]


def _features(grey: Grey, sigma: float) -> Map:
    """Mean, contrast, fineness by two measures, and direction in two parts, of every place."""
    soft = grey.astype(np.float32)
    mean = _blur(soft, sigma)
    across, down = (slope / 8 for slope in _slopes(soft))
    energies = [np.abs(soft - mean), np.abs(soft - _blur(soft, 1)), np.hypot(across, down)]
    whole = _blur(across**2 + down**2, sigma) + 1
    ways = [_blur(part, sigma) / whole for part in (across**2 - down**2, 2 * across * down)]
    return np.stack([mean, *(_blur(energy, sigma) for energy in energies), *ways], axis=-1)


def _far(seen: Map, ground: NDArray[np.bool_]) -> Map:
    """Mahalanobis' distance of every place from those of the ground."""
    known = seen[ground]
    varies = np.diag(seen.reshape(-1, seen.shape[-1]).var(axis=0) + 1e-3)
    spread = np.linalg.inv(np.cov(known.T) + 1e-3 * varies)
    off = seen - known.mean(axis=0)
    return np.sqrt(np.maximum(np.einsum("yxi,ij,yxj->yx", off, spread, off), 0))


def _parting(grey: Grey, sigma: float) -> Map:
    """How steeply the features change, each by its own spread."""
    seen = _features(grey, sigma)
    evened = (seen / seen.reshape(-1, seen.shape[-1]).std(axis=0)).astype(np.float32)
    steep = [slope**2 for part in np.moveaxis(evened, -1, 0) for slope in _slopes(part)]
    return np.sqrt(np.sum(steep, axis=0))


def _slopes(soft: Map) -> tuple[Map, Map]:
    return cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)


def _blur(soft: Map, sigma: float) -> Map:
    blurred_map: Map = cv2.GaussianBlur(soft, (0, 0), sigma)
    return blurred_map


def _shown(far: Map) -> Grey:
    """Dark where it is far; the few farthest do not outshout the rest."""
    return 255 - stretched(np.minimum(far, np.quantile(far, 0.97)))


KNOWING: tuple[Callable[[Grey], Grey], ...] = (
    grained,
    odd,
    strange,
    unlike_around,
    parted,
    parted_evenly,
    off_beat,
)
