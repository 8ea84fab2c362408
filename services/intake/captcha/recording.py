"""`make voices`: has espeak-ng speak the digits, once and for all, into voices/.

Not needed to run Commentdesk: the recordings are in the repository.
"""

import io
import math
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

VOICES = Path(__file__).parent / "voices"
RATE = 8_000
WORDS = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_QUIET = 0.02
_PEAK = 120
_TAPS = 24


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng; `speed` in words a minute, `pitch` from 0 to 99."""

    name: str
    speed: int
    pitch: int


SPEAKERS = {
    "vi": (
        *(Voice("vi", 125, 50), Voice("vi+f2", 140, 55), Voice("vi+m3", 115, 35)),
        *(Voice("vi+f4", 130, 65), Voice("vi-vn-x-south", 125, 45), Voice("vi+m7", 145, 60)),
    ),
    "en": (
        *(Voice("en-us", 130, 50), Voice("en-us+f2", 145, 55), Voice("en-gb-x-rp", 120, 40)),
        *(Voice("en-gb-x-rp+f4", 135, 65), Voice("en-us+m3", 125, 35), Voice("en-us+m7", 150, 60)),
    ),
}


def main() -> None:
    """Write every voice's digits anew."""
    for language, voices in SPEAKERS.items():
        for digit, word in enumerate(WORDS[language]):
            for number, voice in enumerate(voices):
                path = VOICES / language / str(digit) / f"{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, _spoken(word, voice))


def _spoken(word: str, voice: Voice) -> bytes:
    """One word without the silence around it, 8 bits a sample at RATE."""
    line = ["espeak-ng", "-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch)]
    told = [*line, "--stdout", word]
    said = subprocess.run(told, capture_output=True, check=True).stdout  # noqa: S603
    with wave.open(io.BytesIO(said)) as file:
        rate, samples = file.getframerate(), memoryview(file.readframes(len(said))).cast("h")
    slower = _resampled([sample / 32_768 for sample in samples], rate)
    loud = max(map(abs, slower))
    heard = [place for place, sample in enumerate(slower) if abs(sample) > _QUIET * loud]
    word_alone = slower[heard[0] : heard[-1] + 1]
    return bytes(128 + round(sample / loud * _PEAK) for sample in word_alone)


def _resampled(samples: list[float], rate: int) -> list[float]:
    """At RATE, what is too high for it filtered out (a windowed sinc)."""
    step = rate / RATE
    reach = round(_TAPS * step / 2)
    padded = [0.0] * reach + samples + [0.0] * (reach + 1)
    made = []
    for number in range(int(len(samples) / step)):
        centre = number * step + reach
        near = range(round(centre) - reach, round(centre) + reach + 1)
        weights = [_sinc((place - centre) / step) * _hann(place - centre, reach) for place in near]
        made.append(sum(padded[at] * w for at, w in zip(near, weights, strict=True)) / sum(weights))
    return made


def _sinc(distance: float) -> float:
    return math.sin(math.pi * distance) / (math.pi * distance) if distance else 1.0


def _hann(distance: float, reach: int) -> float:
    return 0.5 + 0.5 * math.cos(math.pi * distance / (reach + 1))


def _write(path: Path, body: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, RATE, len(body), "NONE", "not compressed"))
        file.writeframes(body)


if __name__ == "__main__":
    main()
