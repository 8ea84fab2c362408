"""The digits to hear, in the reader's language, over a murmur of the same voices.

The `captcha` package's spoken digits, by our own recordings (voices/README.md) and drawn from a
seed. It mixes one sample after another, which takes it seconds; here layers are added as large
integers: each one's samples are so small that no sum of theirs carries into the next byte. And no
digit is spoken twice in the same way, so that a recording fits none of them exactly.
"""

import math
import random
import wave
from functools import cache
from pathlib import Path

from captcha.audio import AudioCaptcha

DIGITS = "0123456789"
LENGTH = 6
LANGUAGES = ("vi", "en")
_VOICES = Path(__file__).parent / "voices"
_RATE = 8_000
# Peaks of the layers, of 127 in all: the digits some 6 dB over the murmur, and a little hiss.
_DIGIT_PEAK, _MURMUR_PEAK, _HISS_PEAK = 64, 18, 8
_MURMURS = 3
_COVER_PEAK = _HISS_PEAK + _MURMURS * _MURMUR_PEAK
# Where layers are at their peaks at once is next to nowhere: there it is cut off.
_GAIN = 1.7
_LOUDER = bytes(
    min(max(round(128 + _GAIN * (byte - _DIGIT_PEAK - _COVER_PEAK)), 0), 255) for byte in range(256)
)
# Seconds before, after and between digits.
_BEFORE, _AFTER = 0.8, 0.5
_LEAST_PAUSE, _MOST_PAUSE = 0.35, 0.8
# Parts of its speed that a word, and within it a syllable, is quicker or slower; turns of that in
# a word; parts of its loudness that it swells and fades.
_HASTE, _SWAY, _SWELL = 0.08, 0.06, 0.25
_TURNS = 0.6, 1.6
# Samples of one speed and loudness, and binary digits of a place between two samples.
_PART, _FINE = 64, 10
# Seconds until an echo, and how loud it is.
_ECHO_AFTER, _ECHO = (0.004, 0.03), (0.15, 0.35)


def speak(digits: str, seed: str, language: str, *, clean: bool = False) -> bytes:
    """The WAV (8 kHz, 8 bit) of some digits; the same bytes for the same three.

    `clean` leaves out what lies over the digits; for measuring.

    Raises:
        KeyError: nobody has been recorded in this language.
    """
    return bytes(MurmuredDigits(language, seed, clean=clean).generate(digits))


class MurmuredDigits(AudioCaptcha):
    """One sound of the package's kind, of which `generate` makes a WAV."""

    def __init__(self, language: str, seed: str, *, clean: bool = False) -> None:
        if language not in LANGUAGES:
            raise KeyError(language)
        super().__init__(str(_VOICES / language))
        self._language, self._clean = language, clean
        # Not for secrecy: the digits are drawn by the operating system's randomness.
        self._dice = random.Random(f"{seed}:{language}")  # noqa: S311

    @property
    def choices(self) -> list[str]:
        """In an order that is the same everywhere, as no folder's is."""
        return list(DIGITS)

    def load(self) -> None:
        """Every voice's, read once for all sounds."""
        self._cache = recordings(self._language)

    def create_wave_body(self, chars: str) -> bytearray:
        """The digits with pauses of different lengths, and over all of it the cover."""
        parts = [_silence(_BEFORE)]
        for digit in chars:
            parts.append(self._twist_pick(digit))
            parts.append(_silence(self._dice.uniform(_LEAST_PAUSE, _MOST_PAUSE)))
        said = bytearray().join([*parts, _silence(_AFTER)])
        cover = bytearray([_COVER_PEAK]) * len(said)
        if not self._clean:
            cover = self.create_background_noise(len(said), chars)
        return _sum([said, cover]).translate(_LOUDER)

    def create_background_noise(self, length: int, chars: str) -> bytearray:  # noqa: ARG002
        """A little hiss, and some who talk backwards all the time, whatever is said."""
        hiss = _scaled(self._dice.randbytes(length), _HISS_PEAK)
        return _sum([hiss, *(self._murmur(length) for _ in range(_MURMURS))])

    def _murmur(self, length: int) -> bytearray:
        made = bytearray()
        while len(made) < length:
            # A peak below the layer's own, around the same middle.
            peak = self._dice.randint(_MURMUR_PEAK // 2, _MURMUR_PEAK)
            made += _scaled(self._noise_pick(), peak, _MURMUR_PEAK)
        start = self._dice.randrange(len(made) - length + 1)
        return made[start : start + length]

    def _noise_pick(self) -> bytearray:
        """Some digit backwards, and quicker."""
        said = self._dice.choice(self._cache[self._dice.choice(DIGITS)])[::-1]
        del said[:: self._dice.randint(5, 12)]
        return said

    def _twist_pick(self, key: str) -> bytearray:
        """The digit by some voice, as it has not been said before, in a layer's samples."""
        said = _bent(self._dice.choice(self._cache[key]), self._dice)
        after = bytearray([128]) * round(self._dice.uniform(*_ECHO_AFTER) * _RATE)
        echo = round(self._dice.uniform(*_ECHO) * _DIGIT_PEAK)
        layers = [_scaled(said + after, _DIGIT_PEAK - echo), _scaled(after + said, echo)]
        return _loudest(_sum(layers), _DIGIT_PEAK)


@cache
def recordings(language: str) -> dict[str, list[bytearray]]:
    """Every voice's, digit by digit, in an order that is the same everywhere."""
    folders = {digit: _VOICES / language / digit for digit in DIGITS}
    return {
        digit: [_read(path) for path in sorted(folder.glob("*.wav"))]
        for digit, folder in folders.items()
    }


def _read(path: Path) -> bytearray:
    with wave.open(str(path), "rb") as file:
        return bytearray(file.readframes(file.getnframes()))


def _bent(voice: bytearray, dice: random.Random) -> bytearray:
    """Quicker and higher, or slower and lower, and by turns; swelling and fading."""
    speed = dice.uniform(1 - _HASTE, 1 + _HASTE)
    turn = math.tau * dice.uniform(*_TURNS) / len(voice)
    swaying, swelling = dice.uniform(0, math.tau), dice.uniform(0, math.tau)
    bent = bytearray()
    place, end = 0, len(voice) - 1 << _FINE
    while place < end:
        angle = turn * (place >> _FINE)
        step = round(speed * (1 + _SWAY * math.sin(angle + swaying)) * (1 << _FINE))
        until = min(place + _PART * step, end)
        part = bytes(_between(voice, at) for at in range(place, until, step))
        bent += _scaled(part, round(127 - 127 * _SWELL * (1 + math.sin(angle + swelling)) / 2), 128)
        place += _PART * step
    return bent


def _between(voice: bytearray, at: int) -> int:
    """The sample there, straight from the one before to the one after."""
    number, rest = at >> _FINE, at & (1 << _FINE) - 1
    return voice[number] + ((voice[number + 1] - voice[number]) * rest >> _FINE)


def _silence(seconds: float) -> bytearray:
    return bytearray([_DIGIT_PEAK]) * round(seconds * _RATE)


def _scaled(body: bytes | bytearray, peak: int, middle: int | None = None) -> bytearray:
    """Samples around 128 as a layer's: around a middle, which is the peak if none is given."""
    return bytearray(body).translate(_scale(peak, peak if middle is None else middle))


def _loudest(layer: bytearray, peak: int) -> bytearray:
    """As loud as a layer with this peak, and so this middle, can be."""
    loud = max(max(layer) - peak, peak - min(layer), 1)
    louder = (peak + round((byte - peak) * peak / loud) for byte in range(256))
    return layer.translate(bytes(min(max(byte, 0), 2 * peak) for byte in louder))


@cache
def _scale(peak: int, middle: int) -> bytes:
    return bytes(middle + round((byte - 128) * peak / 128) for byte in range(256))


def _sum(layers: list[bytearray]) -> bytearray:
    total = sum(int.from_bytes(layer, "little") for layer in layers)
    return bytearray(total.to_bytes(len(layers[0]), "little"))
