"""The digits to hear, in the reader's language, over a murmur of the same voices.

The voices are our own recordings (voices/README.md). Voices, pauses and murmur are drawn from the
seed, and the sound is put together by adding large integers: every layer's samples are kept so
small that no sum of theirs carries into the next byte, and a sound takes a few milliseconds.
The `captcha` package's own mixing of such voices takes a hundred times as long, one sample
after another, and depends on the order of files in a folder.
"""

import io
import random
import wave
from functools import cache
from pathlib import Path

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


def speak(digits: str, seed: str, language: str, *, clean: bool = False) -> bytes:
    """The WAV (8 kHz, 8 bit) of some digits; the same bytes for the same three.

    `clean` leaves out what lies over the digits; for measuring.

    Raises:
        KeyError: nobody has been recorded in this language.
    """
    # Not for secrecy: the digits are drawn by the operating system's randomness.
    dice = random.Random(f"{seed}:{language}")  # noqa: S311
    spoken = _spoken(digits, language, dice)
    length = len(spoken)
    if clean:
        cover = [bytes([_COVER_PEAK]) * length]
    else:
        cover = [_hiss(length, dice), *(_murmur(length, language, dice) for _ in range(_MURMURS))]
    return _wav(_mixed([spoken, *cover]))


def _spoken(digits: str, language: str, dice: random.Random) -> bytes:
    """The digits, each by some voice, with pauses of different lengths."""
    parts = [_silence(_BEFORE, _DIGIT_PEAK)]
    for digit in digits:
        parts.append(_scaled(dice.choice(recordings(language)[digit]), _DIGIT_PEAK))
        parts.append(_silence(dice.uniform(_LEAST_PAUSE, _MOST_PAUSE), _DIGIT_PEAK))
    said = b"".join([*parts, _silence(_AFTER, _DIGIT_PEAK)])
    # RIFF counts in pairs of bytes.
    return said + bytes([_DIGIT_PEAK]) * (len(said) % 2)


def _murmur(length: int, language: str, dice: random.Random) -> bytes:
    """Somebody who talks backwards all the time, quicker and slower, louder and softer."""
    voices = recordings(language)
    made = bytearray()
    while len(made) < length:
        said = bytearray(dice.choice(voices[dice.choice(DIGITS)])[::-1])
        del said[:: dice.randint(5, 12)]
        # A peak below the layer's own, around the same middle.
        made += _scaled(bytes(said), dice.randint(_MURMUR_PEAK // 2, _MURMUR_PEAK), _MURMUR_PEAK)
    start = dice.randrange(len(made) - length + 1)
    return bytes(made[start : start + length])


def _hiss(length: int, dice: random.Random) -> bytes:
    return _scaled(dice.randbytes(length), _HISS_PEAK)


def _mixed(layers: list[bytes]) -> bytes:
    """The layers one over the other, around 128."""
    total = sum(int.from_bytes(layer, "little") for layer in layers)
    return total.to_bytes(len(layers[0]), "little").translate(_LOUDER)


def _silence(seconds: float, middle: int) -> bytes:
    return bytes([middle]) * round(seconds * _RATE)


def _scaled(body: bytes, peak: int, middle: int | None = None) -> bytes:
    """Samples around 128 as samples around a middle (the peak, if none is given)."""
    return body.translate(_scale(peak, peak if middle is None else middle))


@cache
def _scale(peak: int, middle: int) -> bytes:
    return bytes(middle + round((byte - 128) * peak / 128) for byte in range(256))


@cache
def recordings(language: str) -> dict[str, list[bytes]]:
    """Every voice's, digit by digit, in an order that is the same everywhere."""
    if language not in LANGUAGES:
        raise KeyError(language)
    folders = {digit: _VOICES / language / digit for digit in DIGITS}
    return {
        digit: [_read(path) for path in sorted(folder.glob("*.wav"))]
        for digit, folder in folders.items()
    }


def _read(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


def _wav(body: bytes) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 1, _RATE, len(body), "NONE", "not compressed"))
        file.writeframes(body)
    return made.getvalue()
