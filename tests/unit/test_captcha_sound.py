"""The captcha's sound: the digits are in it, its cover is over them, and it is a plain WAV."""

import io
import math
import wave
from pathlib import Path

import pytest

from services.intake.captcha import sound
from services.intake.captcha.recording import RATE, SPEAKERS, WORDS

VOICES = Path(sound.__file__).parent / "voices"


def samples(body: bytes) -> list[int]:
    with wave.open(io.BytesIO(body)) as file:
        shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        assert shape == (1, 1, RATE)
        return [byte - 128 for byte in file.readframes(file.getnframes())]


def loudness(heard: list[int]) -> float:
    return math.sqrt(sum(sample**2 for sample in heard) / len(heard))


def test_every_digit_is_recorded_by_every_voice_and_nothing_else_is() -> None:
    assert set(SPEAKERS) == set(WORDS) == set(sound.LANGUAGES)
    found = {str(path.relative_to(VOICES)) for path in VOICES.rglob("*.wav")}
    assert found == {
        f"{language}/{digit}/{number}.wav"
        for language, voices in SPEAKERS.items()
        for digit in sound.DIGITS
        for number in range(len(voices))
    }
    assert sum(path.stat().st_size for path in VOICES.rglob("*.wav")) < 600_000


@pytest.mark.parametrize("language", sound.LANGUAGES)
def test_digits_stand_well_over_what_lies_over_them(language: str) -> None:
    clean = samples(sound.speak("0123456789", "seed", language, clean=True))
    covered = samples(sound.speak("0123456789", "seed", language))
    assert len(clean) == len(covered)
    cover = [all_of_it - digit for all_of_it, digit in zip(covered, clean, strict=True)]
    loud = [place for place in range(len(clean)) if abs(clean[place]) > 2]
    digits, over = (loudness([heard[at] for at in loud]) for heard in (clean, cover))
    assert 3 < 20 * math.log10(digits / over) < 12
    # Loud enough, and next to nothing of it is cut off.
    assert max(map(abs, covered)) > 100
    assert sum(abs(sample) >= 127 for sample in covered) < 10
    # From its first moment on, so that silence does not tell where the digits are.
    assert loudness(cover[:RATE]) > 0.6 * loudness(cover)


def test_a_digit_is_never_said_twice_in_the_same_way() -> None:
    """Else whoever has the recordings finds them in a sound, sample by sample."""
    sounds = [samples(sound.speak("7", f"{seed}", "en", clean=True)) for seed in range(24)]
    words = {bytes(sample + 128 for sample in heard).strip(b"\x80") for heard in sounds}
    assert len(words) == len(sounds)
    recorded = sound.recordings("en")["7"]
    assert len({len(word) for word in words}) > len(recorded)


def test_seed_and_language_make_the_sound_and_a_sound_is_short() -> None:
    first = sound.speak("402918", "a", "vi")
    assert first == sound.speak("402918", "a", "vi")
    assert len({first, *(sound.speak("402918", seed, "vi") for seed in "bcd")}) == 4
    # A whole RIFF file, whatever the number of samples.
    assert all(len(sound.speak("1234", seed, "en")) % 2 == 0 for seed in "abcdef")
    for language in sound.LANGUAGES:
        seconds = len(samples(sound.speak("777333", "a", language))) / RATE
        assert 5 < seconds < 15
    with pytest.raises(KeyError):
        sound.speak("1", "a", "de")
