"""Who has our recordings, for they are in the repository, and listens for them.

By matched filters, at the recordings' own speed or at several; and by what the ear is thought to
hear, loudness by pitch (a log-mel spectrogram), at several speeds. Each tells six moments where
some recording fits best.
"""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.intake.captcha import sound

Samples = NDArray[np.float64]
# How well a digit fits, where its middle is, and which it is.
_Fit = tuple[float, float, str]
_RATE = 8_000
# The middles of two digits are at least so far apart, in seconds.
_APART = 0.65
_SPEEDS = tuple(np.linspace(0.88, 1.12, 9))
# Of the spectrogram: samples a window, and from one to the next; bands, and hertz from the lowest
# to the highest; what is as soft as this is not heard; seconds of stillness around a recording.
_WINDOW, _HOP, _BANDS = 256, 80, 24
_LOWEST, _HIGHEST = 80.0, 3_900.0
_SOFT, _STILL = 3e3, 0.05
# A recording as loud as it is in a sound, with what lies under it.
_LOUDNESS, _UNDER = 0.85, 8.0


def by_filters(samples: Samples) -> str:
    """Normalised cross-correlation with every recording."""
    return _six_best(_filtered(samples, (1.0,)))


def by_filters_at_speeds(samples: Samples) -> str:
    """The same with every recording at each speed."""
    return _six_best(_filtered(samples, _SPEEDS))


def by_spectrogram(samples: Samples) -> str:
    """Correlation with every recording's spectrogram at each speed."""
    whole, fits = _spectrogram(samples), list[_Fit]()
    for length, (digits, shapes) in _shapes().items():
        windows = np.lib.stride_tricks.sliding_window_view(whole, length, 0).swapaxes(1, 2)
        scores = _levelled(windows) @ shapes.T
        for digit, score in zip(digits, scores.T, strict=True):
            fits += [
                (float(score[place]), (place + length / 2) * _HOP, digit)
                for place in _peaks(score, round(_APART / 2 * _RATE / _HOP))
            ]
    return _six_best(fits)


def _filtered(samples: Samples, speeds: tuple[float, ...]) -> Iterable[_Fit]:
    size = 1 << (len(samples) + _RATE).bit_length()
    spectrum = np.fft.rfft(samples, size)
    energy = np.concatenate([[0.0], np.cumsum(samples**2)])
    for digit, template, turned in _templates(size, speeds):
        last = len(samples) - len(template)
        found = np.fft.irfft(spectrum * turned, size)[:last]
        there = energy[len(template) :][:last] - energy[:last]
        score = found / np.sqrt(there * (template**2).sum() + 1)
        for place in _peaks(score, round(_APART / 2 * _RATE)):
            yield float(score[place]), place + len(template) / 2, digit


def _six_best(fits: Iterable[_Fit]) -> str:
    taken: list[tuple[float, str]] = []
    for _, place, digit in sorted(fits, reverse=True):
        if all(abs(place - other) > _APART * _RATE for other, _ in taken):
            taken.append((place, digit))
        if len(taken) == sound.LENGTH:
            break
    return "".join(digit for _, digit in sorted(taken))


def _peaks(score: Samples, size: int) -> list[int]:
    """The best place of each stretch."""
    starts = range(0, len(score), size)
    return [start + int(score[start : start + size].argmax()) for start in starts]


@cache
def _templates(
    size: int, speeds: tuple[float, ...]
) -> list[tuple[str, Samples, NDArray[np.complex64]]]:
    """Every recording, and its spectrum ready to be correlated with."""
    return [
        (digit, template, np.conj(np.fft.rfft(template, size)).astype(np.complex64))
        for digit, template in _recordings(speeds)
    ]


@cache
def _shapes() -> dict[int, tuple[list[str], Samples]]:
    """The recordings' spectrograms by their length, those of one length in one array."""
    still, noise = np.zeros(round(_STILL * _RATE)), np.random.default_rng(0)
    found: dict[int, list[tuple[str, Samples]]] = {}
    for digit, template in _recordings(_SPEEDS):
        padded = np.concatenate([still, template * _LOUDNESS, still])
        shape = _spectrogram(padded + noise.normal(0, _UNDER, len(padded)))
        found.setdefault(len(shape), []).append((digit, _levelled(shape[None])[0]))
    return {
        length: ([digit for digit, _ in each], np.array([shape for _, shape in each]))
        for length, each in found.items()
    }


def _recordings(speeds: tuple[float, ...]) -> list[tuple[str, Samples]]:
    made = []
    for digit, voices in sound.recordings("en").items():
        for voice in voices:
            spoken = np.frombuffer(bytes(voice), np.uint8).astype(float) - 128
            for speed in speeds:
                places = np.arange(int(len(spoken) / speed)) * speed
                made.append((digit, np.interp(places, np.arange(len(spoken)), spoken)))
    return made


def _spectrogram(samples: Samples) -> Samples:
    """Loudness by moment and band."""
    parts = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(parts * np.hanning(_WINDOW))) ** 2
    heard: Samples = np.log(power @ _bands().T + _SOFT)
    return heard


def _levelled(shapes: Samples) -> Samples:
    """Of each the same loudness over all and in each band, in one row."""
    level = (shapes - shapes.mean(1, keepdims=True)).reshape(len(shapes), -1)
    even: Samples = level / np.linalg.norm(level, axis=1, keepdims=True)
    return even


@cache
def _bands() -> Samples:
    """How much of each frequency a band hears: triangles, evenly spread on the mel scale."""
    ends = np.linspace(_mel(_LOWEST), _mel(_HIGHEST), _BANDS + 2)
    corners = 700 * (10 ** (ends / 2595) - 1)
    bins = np.arange(_WINDOW // 2 + 1) * _RATE / _WINDOW
    rising = [(bins - low) / (top - low) for low, top in pairwise(corners)]
    bands = [np.minimum(up, 1 - down) for up, down in pairwise(rising)]
    found: Samples = np.clip(np.array(bands), 0, None)
    return found


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
