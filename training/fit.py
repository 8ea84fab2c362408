"""From texts to the shipped file: a linear SVM over the features, quantised, calibrated."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from workers.checks.reading import Reading, SubmissionReading
from workers.checks.spam.features import BUCKETS, features
from workers.checks.spam.model import FACT_SCALE, LETTER_SCALE, WORD_SCALE, Model

_PENALTY = 0.6
_FOLDS = 4
_LARGEST = 127


@dataclass(frozen=True)
class Examples:
    """Texts, whether each is spam, and how much it is worth beside the others."""

    texts: Sequence[str]
    spam: Sequence[bool]
    worth: Sequence[float]


def fit(examples: Examples, facts: dict[str, Any], seed: int) -> Model:
    """Train on all; calibrate on what each of four folds says of the texts it did not see."""
    matrix = matrix_of(examples.texts)
    labels, worth = np.array(examples.spam, dtype=int), np.array(examples.worth)
    unseen = np.zeros(len(labels))
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(
        matrix, labels
    ):
        unseen[test] = _svm(matrix[train], labels[train], worth[train], seed).decision_function(
            matrix[test]
        )
    curve = LogisticRegression(C=1e6).fit(unseen.reshape(-1, 1), labels, worth)
    svm = _svm(matrix, labels, worth, seed)
    weights = svm.coef_.ravel()
    step = float(np.abs(weights).max() / _LARGEST)
    rounded = np.rint(weights / step).astype(np.int8)
    return Model(
        weights=array("b", rounded.tobytes()),
        step=step,
        slope=float(curve.coef_[0, 0]),
        intercept=float(curve.intercept_[0]),
        bias=float(svm.intercept_[0]),
        facts=facts,
    )


def matrix_of(texts: Sequence[str]) -> csr_matrix:
    """One row a text, scaled as the model scales."""
    ends: list[int] = [0]
    columns: list[int] = []
    values: list[float] = []
    for text in texts:
        letters, words, facts = features(as_content(text))
        for group, scale in (
            (letters, LETTER_SCALE / max(len(letters), 1) ** 0.5),
            (words, WORD_SCALE / max(len(words), 1) ** 0.5),
            (facts, FACT_SCALE),
        ):
            columns += group
            values += [scale] * len(group)
        ends.append(len(columns))
    matrix = csr_matrix(
        (np.array(values, dtype=np.float64), np.array(columns), np.array(ends)),
        shape=(len(texts), BUCKETS),
    )
    matrix.sum_duplicates()
    return matrix


def margin_of(model: Model, text: str) -> float:
    """What the model says of a comment that is nothing but this text."""
    return model.margin(features(as_content(text)))


def as_content(text: str) -> SubmissionReading:
    """A comment without name and title, as labelled rows are."""
    return SubmissionReading(Reading(""), Reading(""), Reading(text))


def _svm(
    matrix: csr_matrix, labels: "np.ndarray[Any, Any]", worth: "np.ndarray[Any, Any]", seed: int
) -> LinearSVC:
    return LinearSVC(C=_PENALTY, random_state=seed).fit(matrix, labels, worth)
