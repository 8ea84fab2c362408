"""`make bench-sound`: reads the captcha's English sounds to machines, and prints what they hear."""

import argparse
import io
import secrets
import time
import wave

import captcha.audio
import numpy as np

from bench.sound import forewarned, listeners
from bench.sound.listeners import Listener, Samples
from services.intake.captcha import sound


def clean(digits: str) -> bytes:
    """Our voices with nothing over them."""
    return sound.speak(digits, secrets.token_hex(8), "en", clean=True)


def ours(digits: str) -> bytes:
    return sound.speak(digits, secrets.token_hex(8), "en")


def packages(digits: str) -> bytes:
    """The captcha package's, as it comes."""
    return bytes(captcha.audio.AudioCaptcha().generate(digits))


SOUNDS = {"ours": ours, "ours, clean": clean, "the package's": packages}
# Who knows our recordings is asked of our sounds alone.
FOREWARNED: dict[str, Listener] = {
    "who has our recordings, by filters": forewarned.by_filters,
    "the same at nine speeds": forewarned.by_filters_at_speeds,
    "the same by spectrogram": forewarned.by_spectrogram,
}
# The slowest comes last.
MACHINES: dict[str, Listener] = {
    "pocketsphinx, word by word": listeners.word_by_word,
    "pocketsphinx, keywords": listeners.with_keywords,
    "pocketsphinx, grammar of six digits": listeners.with_grammar,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    asked = [
        "".join(secrets.choice(sound.DIGITS) for _ in range(sound.LENGTH)) for _ in range(count)
    ]
    for kind, make in SOUNDS.items():
        started = time.process_time()
        made = [make(digits) for digits in asked]
        each = (time.process_time() - started) / count
        print(f"\n{kind}: {each * 1e3:.1f} ms, {len(made[0]) / 1_000:.0f} kB\n")
        print("| sounds | listener | all six | of the digits |\n|---|---|---|---|", flush=True)
        samples = [_samples(body) for body in made]
        for name, listen in ((FOREWARNED if kind == "ours" else {}) | MACHINES).items():
            pairs = [(listen(each), digits) for each, digits in zip(samples, asked, strict=True)]
            right = sum(heard == digits for heard, digits in pairs)
            single = np.mean([_alike(*pair) for pair in pairs])
            print(f"| {kind} | {name} | {right / count:.0%} | {single:.0%} |", flush=True)


def _alike(heard: str, asked: str) -> float:
    return sum(a == b for a, b in zip(heard, asked, strict=False)) / len(asked)


def _samples(body: bytes) -> Samples:
    with wave.open(io.BytesIO(body)) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, np.uint8).astype(float) - 128


if __name__ == "__main__":
    main()
