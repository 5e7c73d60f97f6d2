"""Evaluate a network on labelled images: accuracy, confusion, calibration, errors by rejection rate, worst mistakes.

Does not compute scores. No text and no pictures here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, checked_pair
from tenfold.errors import DataError
from tenfold.networks.classifier import Classifier

Z95 = 1.959963984540054  # standard normal quantile of a two-sided 95 % interval


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The predictions of a network for `n` labelled images.

    Attributes:
        labels: `(n,) uint8`, 0..9.
        predictions: `(n,) int64`, 0..9.
        probabilities: `(n, 10) float32`, each row sums to 1 or less.
    """

    labels: NDArray[np.uint8]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @property
    def accuracy(self) -> float:
        """The fraction of images read correctly, 0..1."""
        return float((self.predictions == self.labels).mean())

    @property
    def errors(self) -> int:
        """The number of images read wrongly."""
        return int((self.predictions != self.labels).sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy, 0..1 (Wilson, 1927)."""
        return wilson_interval(len(self.labels) - self.errors, len(self.labels))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix, `(10, 10)`: row = label, column = prediction."""
        return confusion_matrix(self.labels, self.predictions)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error over 15 equal bins of confidence, 0..1 (Naeini et al., 2015)."""
        confidence = self.probabilities.max(axis=1).astype(np.float64)
        bins = np.minimum((confidence * 15).astype(np.int64), 14)
        gaps = np.bincount(bins, weights=(self.predictions == self.labels) - confidence, minlength=15)
        return float(np.abs(gaps).sum() / len(self.labels))

    @property
    def loss(self) -> float:
        """The mean cross-entropy per image, in nats."""
        label_probability = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return float(-np.log(np.maximum(label_probability, np.finfo(np.float32).tiny)).mean())

    def errors_at_rejection_rate(self, rate: float) -> int:
        """The number of errors left when the least confident images, a fraction `rate` of all, 0..1, are rejected."""
        by_confidence = np.argsort(-self.probabilities.max(axis=1), kind="stable")
        kept = by_confidence[: len(by_confidence) - round(rate * len(by_confidence))]
        return int((self.predictions[kept] != self.labels[kept]).sum())

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        low, high = self.interval
        text = f"accuracy {100 * self.accuracy:.2f} % (95 % interval {100 * low:.2f} to {100 * high:.2f} %)"
        return notebook.line(f"{text}; rows are the digits written, columns the digits read") + notebook.table(
            self.confusion
        )

    def worst(self, count: int = 20) -> NDArray[np.int64]:
        """The indices of the mistakes in which the label has the lowest probability, worst first."""
        wrong = np.flatnonzero(self.predictions != self.labels)
        label_probability = self.probabilities[wrong, self.labels[wrong]]
        confidence = self.probabilities[wrong].max(axis=1)
        return wrong[np.lexsort((-confidence, label_probability))[:count]]


def evaluate(network: Classifier, images: ArrayLike, labels: ArrayLike) -> Evaluation:
    """Evaluate a network on labelled images.

    Args:
        network: any network.
        images: `(n, 28, 28)` or `(n, 784)` numbers 0 paper .. 255 ink, or floats 0..1; at least one image.
        labels: `(n,)` whole numbers 0..9.

    Raises:
        DataError: images or labels break these rules.
    """
    pixels, digits = checked_pair(images, labels)
    if len(digits) == 0:
        raise DataError("there are 0 images: an evaluation needs at least one")
    probabilities = network.probabilities(pixels)
    return Evaluation(digits, network.predict(pixels), probabilities)


def confusion_matrix(labels: NDArray[np.uint8], predictions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of images of each label with each prediction, `(10, 10)`: row = label, column = prediction."""
    cells = labels.astype(np.int64) * DIGITS + predictions
    return np.bincount(cells, minlength=DIGITS * DIGITS).reshape(DIGITS, DIGITS)


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a proportion, both ends 0..1, from `correct` of `count` (Wilson, 1927)."""
    fraction, spread = correct / count, Z95**2 / count
    middle = (fraction + spread / 2) / (1 + spread)
    half_width = Z95 * math.sqrt(fraction * (1 - fraction) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half_width), min(1.0, middle + half_width)
