"""The programs that read: ddddocr's two models and tesseract, knowing alphabet and length."""

import math
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import ddddocr
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

_BEAM = 25
# So many of the likeliest letters are tried at every step.
_SIGNS = 8
_BLANK = 0
# It starts a process for every reading, and is the weaker reader everywhere.
_FOR_TESSERACT = {"raw", "larger", "without lines"}


@dataclass(frozen=True)
class Task:
    """What every attacker knows of a picture: the letters it may hold and how many."""

    alphabet: str
    length: int


# Of what a preparation made of a picture, the preparation's name, and what is known of the picture.
Reader = Callable[[list[Image.Image], str, Task], dict[str, str]]


def readers() -> list[Reader]:
    """Each gives the readings of one picture by the names of its ways."""
    return [_Neural("ddddocr", beta=False), _Neural("ddddocr beta", beta=True), _tesseract]


def folded(read: str) -> str:
    """As Commentdesk takes an answer: blanks and case do not count."""
    return "".join(read.casefold().split())


class _Neural:
    """ddddocr: as it comes, kept to the alphabet, and the likeliest text of the known length."""

    def __init__(self, name: str, *, beta: bool) -> None:
        self._name = name
        reader = ddddocr.DdddOcr(beta=beta, show_ad=False)
        self._charset: list[str] = reader.get_charset()
        self._place = {sign: index for index, sign in enumerate(self._charset)}
        # The package's own session takes every core of the machine.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = Path(ddddocr.__file__).parent / ("common.onnx" if beta else "common_old.onnx")
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pictures: list[Image.Image], _: str, task: Task) -> dict[str, str]:
        steps = [self._steps(picture) for picture in pictures]
        letters = _together([self._letters(each, task) for each in steps])
        read = {
            f"{self._name}, alphabet": _greedy(letters, task),
            f"{self._name}, beam": _beam(letters, task),
        }
        if len(steps) == 1:
            best = [self._charset[index] for index in _collapsed(steps[0].argmax(axis=1))]
            read[f"{self._name} as it comes"] = "".join(best)
        return read

    def _steps(self, picture: Image.Image) -> NDArray[np.float32]:
        """Logarithms of the likelihood of every sign, step by step from left to right."""
        small = picture.convert("L").resize(
            (int(picture.width * 64 / picture.height), 64), Image.Resampling.LANCZOS
        )
        given = np.asarray(small, np.float32)[None, None] / 255
        (out,) = self._session.run(None, {self._session.get_inputs()[0].name: given})
        raw = out[:, 0] if out.shape[1] == 1 else out[0]
        shifted = raw - raw.max(axis=1, keepdims=True)
        logs: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return logs

    def _letters(self, steps: NDArray[np.float32], task: Task) -> NDArray[np.float32]:
        """The same for the blank (first) and the alphabet's letters, large and small as one."""
        signs = [np.logaddexp.reduce(steps[:, cases], axis=1) for cases in self._places(task)]
        return np.stack([steps[:, _BLANK], *signs], axis=1)

    def _places(self, task: Task) -> list[list[int]]:
        """Where in the charset every letter of the alphabet stands."""
        return [[self._place[c] for c in {a.lower(), a.upper()}] for a in task.alphabet]


def _together(readings: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """A letter stands where any of the pictures shows it, the blank where none shows a letter."""
    if len(readings) == 1:
        return readings[0]
    likely = [np.exp(each - np.logaddexp.reduce(each, axis=1)[:, None]) for each in readings]
    blank = np.prod([each[:, :1] for each in likely], axis=0)
    letters = 1 - np.prod([1 - each[:, 1:] for each in likely], axis=0)
    whole: NDArray[np.float32] = np.log(np.concatenate([blank, letters], axis=1) + 1e-9)
    return whole


def _collapsed(indices: NDArray[np.int64]) -> list[int]:
    kept = [int(i) for n, i in enumerate(indices) if n == 0 or i != indices[n - 1]]
    return [index for index in kept if index != _BLANK]


def _greedy(letters: NDArray[np.float32], task: Task) -> str:
    return "".join(task.alphabet[i - 1] for i in _collapsed(letters.argmax(axis=1)))


def _beam(letters: NDArray[np.float32], task: Task) -> str:
    """The likeliest text of the known length: CTC prefix beam search.

    Every beam holds two likelihoods: that it ends in a blank, and that it ends in its letter.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -math.inf)}
    for step in letters.astype(float).tolist():
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        likely = sorted(range(1, len(step)), key=lambda sign: -step[sign])[:_SIGNS]
        for text, (blank, letter) in beams.items():
            whole = _either(blank, letter)
            stays = letter + step[text[-1]] if text else -math.inf
            _add(grown, text, whole + step[_BLANK], stays)
            if len(text) < task.length:
                for sign in likely:
                    before = blank if text and text[-1] == sign else whole
                    _add(grown, (*text, sign), -math.inf, before + step[sign])
        ranked = sorted(grown.items(), key=lambda item: -_either(*item[1]))
        beams = dict(ranked[:_BEAM])
    full = [text for text in beams if len(text) == task.length]
    return "".join(task.alphabet[i - 1] for i in full[0]) if full else ""


def _add(
    grown: dict[tuple[int, ...], tuple[float, float]],
    text: tuple[int, ...],
    blank: float,
    letter: float,
) -> None:
    old = grown.get(text, (-math.inf, -math.inf))
    grown[text] = (_either(old[0], blank), _either(old[1], letter))


def _either(one: float, other: float) -> float:
    """The logarithm of the sum of two likelihoods."""
    high = max(one, other)
    return high if high == -math.inf else high + math.log1p(math.exp(min(one, other) - high))


def _tesseract(pictures: list[Image.Image], preparation: str, task: Task) -> dict[str, str]:
    if preparation not in _FOR_TESSERACT:
        return {}
    png = BytesIO()
    pictures[0].save(png, "PNG")
    signs = "".join(dict.fromkeys(task.alphabet.upper() + task.alphabet.lower()))
    read = {}
    for mode, name in (("7", "a line"), ("8", "a word")):
        line = ["tesseract", "-", "-", "--psm", mode, "-c", f"tessedit_char_whitelist={signs}"]
        done = subprocess.run(line, input=png.getvalue(), capture_output=True, check=True)
        read[f"tesseract, {name}"] = done.stdout.decode()
    return read
